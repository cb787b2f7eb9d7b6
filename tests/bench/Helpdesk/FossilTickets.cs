using System.Security.Cryptography;
using System.Text;
using Mithi.Cli;
using Mithi.Helpdesk.Tickets;
using Mithi.Testing;

namespace Mithi.Bench.Helpdesk;

/// <summary>The same tickets in Fossil: one native program with SQLite inside, a process a request.</summary>
/// <remarks>Tickets are artifacts there; a folder of them becomes a repository in one go. https://fossil-scm.org/home/doc/trunk/www/fileformat.wiki, 2.6.</remarks>
internal sealed class FossilTickets : IAsyncDisposable
{
    private readonly Proc server;

    private FossilTickets(Proc server, Uri url) => (this.server, Url) = (server, url);

    public Uri Url { get; }

    /// <summary>What Fossil calls the ticket with this number of ours, from 1.</summary>
    public static string Name(int number) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{number}")))[..40];

    public static async Task<FossilTickets> StartAsync(string folder, IEnumerable<IReadOnlyList<PastEntry>> stories)
    {
        var artifacts = Path.Join(folder, "artifacts");
        Directory.CreateDirectory(artifacts);
        var (number, count) = (0, 0);
        foreach (var story in stories)
        {
            number++;
            foreach (var entry in story)
                if (Cards(entry) is { } cards)
                    await File.WriteAllTextAsync(Path.Join(artifacts, $"{count++}"), Artifact([
                        $"D {entry.At.ToDateTimeUtc():yyyy-MM-ddTHH:mm:ss.fff}", .. cards.Order(StringComparer.Ordinal), $"K {Name(number)}", $"U {Encode(entry.Actor.Name)}",
                    ]));
        }
        var options = new ProcOptions { DebianPackage = "fossil", Environment = new Dictionary<string, string?> { ["USER"] = "mithi", ["HOME"] = folder } };
        var repository = Path.Join(folder, "peer.fossil");
        await Proc.OutputAsync("fossil", ["reconstruct", repository, artifacts], options);
        await Proc.OutputAsync("fossil", ["user", "capabilities", "nobody", "gjorz", "-R", repository], options);
        // Its own report lists every ticket there is; ours has pages of fifty, so this one has too.
        await Proc.OutputAsync("fossil", ["sql", "-R", repository, """
            insert into reportfmt (rn, title, owner, mtime, cols, sqlcode) values (7, 'Open', 'mithi', 0, '', 'select substr(tkt_uuid, 1, 10) as ''#'', datetime(tkt_mtime) as ''mtime'', status, title from ticket where status = ''Open'' order by tkt_mtime desc limit 50')
            """], options);
        var port = FreePort.Next();
        var ready = new TaskCompletionSource();
        var server = Proc.Start(Load.NodeCore[0], [.. Load.NodeCore[1..], "fossil", "server", "--localhost", "--port", $"{port}", repository],
            options with { OnLine = line => { if (line.Contains("Listening", StringComparison.OrdinalIgnoreCase)) ready.TrySetResult(); } });
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return new(server, new($"http://127.0.0.1:{port}"));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static string[]? Cards(PastEntry entry) => entry.Change switch
    {
        TicketChange.Opened opened => [$"J comment {Encode(entry.Body)}", "J status Open", $"J title {Encode(opened.Subject)}"],
        TicketChange.Replied => [$"J icomment {Encode(entry.Body)}"],
        TicketChange.StateSet { To: TicketState.Resolved } => ["J status Closed"],
        _ => null,
    };

    private static string Artifact(IEnumerable<string> cards)
    {
        var text = string.Concat(cards.Select(c => $"{c}\n"));
#pragma warning disable CA5351 // the format's own checksum
        return $"{text}Z {Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)))}\n";
#pragma warning restore CA5351
    }

    private static string Encode(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(" ", "\\s", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);
}
