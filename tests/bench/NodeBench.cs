using System.Diagnostics;
using Mithi.Testing;

namespace Mithi.Bench;

/// <summary>What the published node costs: start, size, memory, pages. A peer that serves comparable pages runs in the same way beside it.</summary>
/// <remarks>A figure alone says more about the machine than about the program.</remarks>
internal static class NodeBench
{
    private const int Starts = 10;

    public static async Task RunAsync()
    {
        using var temp = new TempFolder();
        var data = temp.File("data");
        Console.WriteLine($"{Environment.MachineName}, {Environment.ProcessorCount} cores, load before: {File.ReadAllText("/proc/loadavg").Trim()}");

        var empty = await StartAsync(temp.File("empty"));
        (await PublishedNode.RunAsync("migrate", "--data", data)).Require();
        await StartAsync(data);
        var starts = new List<double>();
        for (var i = 0; i < Starts; i++) starts.Add(await StartAsync(data));
        starts.Sort();

        await using var node = await PublishedNode.StartAsync(data, before: Load.NodeCore);
        using var browser = await Seed.AdministratorAsync(node);
        var ticket = await TicketPages.MakeAsync(node, await Seed.CustomerTokenAsync(data));
        await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None);   // idle is what is measured
        var memory = Memory(node.Id);
        var cookie = $"Cookie: mithi={browser.Cookie("mithi")}";
        var signIn = await Load.RunAsync(new Uri(node.Url, "/sign-in"));
        await TicketPages.EnsureAsync(new Uri(node.Url, $"/tickets/{ticket}"), cookie);
        var page = await Load.RunAsync(new Uri(node.Url, $"/tickets/{ticket}"), cookie);
        var busy = Memory(node.Id);
        await node.StopAsync();

        await using var fossil = await FossilPeer.StartAsync(temp.File("fossil"));
        await TicketPages.EnsureAsync(new Uri(fossil.Url, $"/tktview/{fossil.Ticket}"));
        var peerSignIn = await Load.RunAsync(new Uri(fossil.Url, "/login"));
        var peerPage = await Load.RunAsync(new Uri(fossil.Url, $"/tktview/{fossil.Ticket}"));

        Console.WriteLine($"""

            | measure | mithi | fossil 2.21 |
            |---|---|---|
            | cold start to the first page, median of {Starts} | {starts[Starts / 2] * 1000:0} ms | |
            | the same with an empty data folder, once | {empty * 1000:0} ms | |
            | size on disk | {new FileInfo(PublishedNode.Program).Length / 1e6:0.0} MB | {new FileInfo("/usr/bin/fossil").Length / 1e6:0.0} MB |
            | resident memory, idle for 30 s | {memory / 1e6:0} MB | |
            | resident memory after the load | {busy / 1e6:0} MB | |
            | sign-in page | {signIn} | {peerSignIn} |
            | ticket page | {page} | {peerPage} |
            """);
        Console.WriteLine($"load after: {File.ReadAllText("/proc/loadavg").Trim()}");
    }

    private static async Task<double> StartAsync(string data)
    {
        var clock = Stopwatch.StartNew();
        await using var node = await PublishedNode.StartAsync(data);
        var (status, _) = await node.GetAsync("/sign-in");
        var took = clock.Elapsed.TotalSeconds;
        if (status != 200) throw new InvalidOperationException($"/sign-in answered {status}.");
        await node.StopAsync();
        return took;
    }

    public static long Memory(int process) => 1024 * long.Parse(File.ReadLines($"/proc/{process}/status")
        .Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
}
