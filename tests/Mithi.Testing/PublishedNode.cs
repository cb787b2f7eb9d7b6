using System.Text.RegularExpressions;
using Mithi.Cli;

namespace Mithi.Testing;

/// <summary>The program as it is shipped, started as an administrator starts it.</summary>
public sealed partial class PublishedNode : IAsyncDisposable
{
    // A start on a busy machine; a node that needs longer hangs.
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);

    private readonly Proc process;
    private readonly Greeting greeting;
    private readonly SocketsHttpHandler handler = new() { AllowAutoRedirect = false };

    private PublishedNode(Proc process, Greeting greeting, Uri url)
    {
        (this.process, this.greeting, Url) = (process, greeting, url);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning disable RS0030 // this node's one client
        Http = new HttpClient(handler) { BaseAddress = url };
#pragma warning restore RS0030
    }

    /// <summary>What <c>dotnet cake --target=Publish</c> made.</summary>
    public static string Program { get; } = Find();

    public Uri Url { get; }

    public HttpClient Http { get; }

    public int Id => process.Id;

    public string Output => process.Output;

    public string Log => process.Output + process.Error;

    /// <summary>Starts a node and waits until it listens.</summary>
    /// <param name="data">Its data folder.</param>
    /// <param name="options">How the program is started.</param>
    /// <param name="listen">Where it listens.</param>
    /// <param name="publicUrl">How people reach it, when that is not where it listens.</param>
    /// <param name="before">A program that starts it, with its arguments.</param>
    /// <exception cref="InvalidOperationException">It ended instead; its own words are in the message.</exception>
    public static async Task<PublishedNode> StartAsync(string data, ProcOptions? options = null, string listen = "http://127.0.0.1:0",
        string? publicUrl = null, IReadOnlyList<string>? before = null)
    {
        var greeting = new Greeting();
        string[] command =
        [
            .. before ?? [], Program, "serve", "--data", data, "--listen", listen, .. publicUrl is null ? Array.Empty<string>() : ["--public-url", publicUrl],
        ];
        var process = Proc.Start(command[0], command[1..], (options ?? new()) with { OnLine = greeting.Read });
        var ended = process.WaitAsync();
        if (await Task.WhenAny(greeting.Url.Task, ended).WaitAsync(StartMax) == greeting.Url.Task)
            return new(process, greeting, new(await greeting.Url.Task));
        var result = await ended;
        throw new InvalidOperationException($"mithi ended with {result.ExitCode}: {result.Error}{result.Output}");
    }

    /// <summary>Runs a verb to its end.</summary>
    public static Task<ProcResult> RunAsync(params string[] arguments) => Proc.RunAsync(Program, arguments, new() { Timeout = StartMax });

    /// <summary>The link of the first run; it is printed behind the address.</summary>
    public Task<string> FirstRunLinkAsync() => PrintedAsync(greeting.Link);

    /// <summary>The pin of its key, as it is printed when it listens with TLS.</summary>
    public Task<string> PinAsync() => PrintedAsync(greeting.Pin);

    public async Task<(int Status, string Text)> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks it to stop, as systemd does, and waits for its end.</summary>
    public async Task<ProcResult> StopAsync()
    {
        await Proc.OutputAsync("kill", ["-TERM", $"{process.Id}"]);
        return await process.WaitAsync();
    }

    public Task KillAsync() => process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        handler.Dispose();
        await process.DisposeAsync();
    }

    private async Task<string> PrintedAsync(TaskCompletionSource<string> line)
    {
        await Task.WhenAny(line.Task, process.WaitAsync()).WaitAsync(StartMax);
        return line.Task.IsCompleted ? await line.Task : throw new InvalidOperationException(Log);
    }

    private static string Find()
    {
        var program = Path.Join(Checkout.Artifacts, "mithi", "mithi");
        return File.Exists(program) ? program
            : throw new InvalidOperationException($"{program} is not there. Make it first: dotnet cake --target=Publish");
    }

    /// <summary>What it says when it starts: for whoever sits at the console, one fact a line.</summary>
    private sealed partial class Greeting
    {
        public TaskCompletionSource<string> Url { get; } = New();

        public TaskCompletionSource<string> Pin { get; } = New();

        public TaskCompletionSource<string> Link { get; } = New();

        public void Read(string line)
        {
            if (Listening().Match(line) is { Success: true } url) Url.TrySetResult(url.Groups[1].Value);
            if (PinLine().Match(line) is { Success: true } pin) Pin.TrySetResult(pin.Groups[1].Value);
            if (LinkLine().Match(line) is { Success: true } link) Link.TrySetResult(link.Groups[1].Value);
        }

        private static TaskCompletionSource<string> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        [GeneratedRegex(@"^Listening on (https?://\S+)$")]
        private static partial Regex Listening();

        [GeneratedRegex("^TLS pin ([0-9a-f]{64})$")]
        private static partial Regex PinLine();

        [GeneratedRegex(@"Open this once to become the first: (\S+)$")]
        private static partial Regex LinkLine();
    }
}
