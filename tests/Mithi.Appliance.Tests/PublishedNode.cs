using System.Text.RegularExpressions;
using Mithi.Cli;
using Mithi.Testing;

namespace Mithi.Appliance.Tests;

/// <summary>The program as it is shipped, started as an administrator starts it.</summary>
internal sealed partial class PublishedNode : IAsyncDisposable
{
    // A start on a busy machine; a node that needs longer hangs.
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);

    private readonly Proc process;
    private readonly SocketsHttpHandler handler = new() { AllowAutoRedirect = false };

    private PublishedNode(Proc process, Uri url)
    {
        (this.process, Url) = (process, url);
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
    /// <exception cref="InvalidOperationException">It ended instead; its own words are in the message.</exception>
    public static async Task<PublishedNode> StartAsync(string data, ProcOptions? options = null, string listen = "http://127.0.0.1:0",
        IReadOnlyList<string>? before = null)
    {
        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        string[] command = [.. before ?? [], Program, "serve", "--data", data, "--listen", listen];
        var process = Proc.Start(command[0], command[1..], (options ?? new()) with
        {
            OnLine = line =>
            {
                if (Listening().Match(line) is { Success: true } match) ready.TrySetResult(new(match.Groups[1].Value));
            },
        });
        var ended = process.WaitAsync();
        if (await Task.WhenAny(ready.Task, ended).WaitAsync(StartMax) == ready.Task) return new(process, await ready.Task);
        var result = await ended;
        throw new InvalidOperationException($"mithi ended with {result.ExitCode}: {result.Error}{result.Output}");
    }

    /// <summary>Runs a verb to its end.</summary>
    public static Task<ProcResult> RunAsync(params string[] arguments) => Proc.RunAsync(Program, arguments, new() { Timeout = StartMax });

    /// <summary>The link of the first run; it is printed behind the address.</summary>
    public async Task<string> FirstRunLinkAsync()
    {
        for (;;)
        {
            if (Link().Match(process.Output) is { Success: true } match) return match.Groups[1].Value;
            if (process.HasEnded) throw new InvalidOperationException(Log);
            await Task.Yield();
        }
    }

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

    private static string Find()
    {
        var folder = Environment.GetEnvironmentVariable("MITHI_ARTIFACTS") ?? Path.Join(Checkout.Root, "artifacts");
        var program = Path.Join(folder, "mithi", "mithi");
        return File.Exists(program) ? program
            : throw new InvalidOperationException($"{program} is not there. Make it first: dotnet cake --target=Publish");
    }

    [GeneratedRegex(@"^Listening on (https?://\S+)$")]
    private static partial Regex Listening();

    [GeneratedRegex(@"Open this once to become the first: (\S+)\n")]
    private static partial Regex Link();
}
