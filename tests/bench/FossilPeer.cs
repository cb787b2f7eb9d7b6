using System.Text.RegularExpressions;
using Mithi.Cli;
using Mithi.Testing;

namespace Mithi.Bench;

/// <summary>Fossil: one native program with SQLite, tickets and a wiki inside, which serves each request in a process of its own.</summary>
internal sealed partial class FossilPeer : IAsyncDisposable
{
    private static readonly ProcOptions Options = new() { DebianPackage = "fossil", Environment = new Dictionary<string, string?> { ["USER"] = "mithi" } };

    private readonly Proc server;

    private FossilPeer(Proc server, Uri url, string ticket) => (this.server, Url, Ticket) = (server, url, ticket);

    public Uri Url { get; }

    public string Ticket { get; }

    public static async Task<FossilPeer> StartAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var options = Options with { Environment = new Dictionary<string, string?> { ["USER"] = "mithi", ["HOME"] = folder } };
        var repository = Path.Join(folder, "peer.fossil");
        await Proc.OutputAsync("fossil", ["init", repository], options);
        await Proc.OutputAsync("fossil", ["user", "capabilities", "nobody", "gjorz", "-R", repository], options);
        var added = await Proc.OutputAsync("fossil", ["ticket", "add", "title", "Mail comes back", "comment", TicketPages.Words, "-R", repository], options);
        var id = Id().Match(added).Value;
        for (var i = 0; i < TicketPages.Replies; i++)
            await Proc.OutputAsync("fossil", ["ticket", "set", id, "icomment", TicketPages.Words, "-R", repository], options);

        // Fossil prints no port that it chose itself.
        var port = FreePort.Next();
        var ready = new TaskCompletionSource();
        var server = Proc.Start(Load.NodeCore[0], [.. Load.NodeCore[1..], "fossil", "server", "--localhost", "--port", $"{port}", repository],
            options with { OnLine = line => { if (line.Contains("Listening", StringComparison.OrdinalIgnoreCase)) ready.TrySetResult(); } });
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return new(server, new($"http://127.0.0.1:{port}"), id);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [GeneratedRegex("[0-9a-f]{10,}")]
    private static partial Regex Id();
}
