using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Testing;

namespace Mithi.Bench.Helpdesk;

/// <summary>A helpdesk of a million tickets: how long its lists, its pages and its search take. Specification helpdesk, section 5.</summary>
internal static class HelpdeskBench
{
    private const int Asked = 200;
    private const int Warm = 10;
    private const int Staff = ManyTickets.Staff;

    // Two cores: one asks, one answers, and pages of two people meet.
    private const int AtOnce = 2;

    /// <param name="kept">A data folder that stays, and is used again when it is there; null: one for this run.</param>
    public static async Task RunAsync(DbEngine engine, int tickets, string? kept)
    {
        using var temp = new TempFolder();
        await using var server = engine == DbEngine.Postgres ? await BenchPostgres.StartAsync(kept is null ? temp.File("pg") : $"{kept}.pg") : null;
        var data = kept ?? temp.File("data");
        var db = server is null ? null : DbOptions.Postgres(server.Database);
        var people = await FillAsync(data, db, tickets);
        await using var node = await PublishedNode.StartAsync(data, before: [.. Load.NodeCore, .. server is null ? Array.Empty<string>() : ["env", $"MITHI_POSTGRES={server.Database}"]]);
        await node.GetAsync("/sign-in");
        Console.WriteLine($"resident after the first page: {NodeBench.Memory(node.Id) / 1e6:0} MB\n\n| {engine}, {tickets} tickets | p50 ms | p95 ms | p99 ms | resident MB |\n|---|---|---|---|---|");
        var latencies = new Latencies(node.Http, AtOnce);
        foreach (var (name, paths) in Questions(tickets, people))
        {
            var took = await latencies.OfAsync(paths, Warm);
            Console.WriteLine($"| {name} | {Latencies.At(took, 0.5):0.0} | {Latencies.At(took, 0.95):0.0} | {Latencies.At(took, 0.99):0.0} | {NodeBench.Memory(node.Id) / 1e6:0} |");
        }
        await node.StopAsync();
    }

    /// <summary>Ten thousand tickets here and in Fossil, asked for the same things in one run.</summary>
    public static async Task BesideFossilAsync()
    {
        const int Tickets = 10_000;
        using var temp = new TempFolder();
        var data = temp.File("data");
        var people = await FillAsync(data, null, Tickets);
        var random = new Random(7);
        var numbers = Enumerable.Range(0, Asked + Warm).Select(_ => random.Next(Tickets) + 1).ToArray();
        (string Name, string[] Ours, string[] Theirs)[] questions =
        [
            ("ticket page", [.. numbers.Select(n => $"/tickets/{n}")], [.. numbers.Select(n => $"/tktview/{FossilTickets.Name(n)}")]),
            ("open tickets, the newest fifty", [.. numbers.Select(_ => "/tickets")], [.. numbers.Select(_ => "/rptview?rn=7")]),
        ];
        Console.WriteLine($"\n| {Tickets} tickets, p50 / p95 / p99 ms | mithi | fossil 2.21 |\n|---|---|---|");
        var ours = new List<string>();
        await using (var node = await PublishedNode.StartAsync(data, before: Load.NodeCore))
        {
            foreach (var (_, paths, _) in questions) ours.Add(Times(await new Latencies(node.Http, AtOnce).OfAsync([.. paths.Select((p, i) => (p, people.Engineers[i % Staff]))], Warm)));
            await node.StopAsync();
        }
        var now = TimeProvider.System.GetCurrentInstant();
        var years = new Years(new TicketText(1), [new(null, null, "Meena", "meena@customer.test")], [new(null, "Ravi")], now, Tickets);
        await using var fossil = await FossilTickets.StartAsync(temp.File("fossil"), Enumerable.Range(0, Tickets).Select(years.Story));
#pragma warning disable RS0030 // the peer's one client
        using var http = new HttpClient { BaseAddress = fossil.Url };
#pragma warning restore RS0030
        foreach (var (question, mine) in questions.Zip(ours))
            Console.WriteLine($"| {question.Name} | {mine} | {Times(await new Latencies(http, AtOnce).OfAsync([.. question.Theirs.Select(p => (p, "a=b"))], Warm))} |");
    }

    private static string Times(double[] took) => $"{Latencies.At(took, 0.5):0.0} / {Latencies.At(took, 0.95):0.0} / {Latencies.At(took, 0.99):0.0}";

    private static async Task<People> FillAsync(string data, DbOptions? other, int tickets)
    {
        Directory.CreateDirectory(data);
        using var folder = DataFolder.Open(data);
        var options = other ?? DbOptions.Sqlite(folder.Database);
        await using var db = new Db(options);
        if (!await IsFilledAsync(db))
        {
            var took = await ManyTickets.MakeAsync(folder, options, tickets);
            Console.WriteLine($"{tickets} tickets written in {took.TotalSeconds:0} s, {tickets / took.TotalSeconds:0} a second");
        }
        var now = TimeProvider.System.GetCurrentInstant();
        return await db.WriteAsync(async tx => new People(
            await CookiesAsync(tx, "engineer%", now), (await CookiesAsync(tx, "person0@customer0.test", now))[0], (await CookiesAsync(tx, "person1@customer1500.test", now))[0],
            (await CookiesAsync(tx, "partner0@%", now))[0]), CancellationToken.None);
    }

    private static async Task<bool> IsFilledAsync(Db db)
    {
        try
        {
            return await db.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from person where email_key = 'engineer0@vendor.test'"), CancellationToken.None) > 0;
        }
        catch (System.Data.Common.DbException)
        {
            return false;   // no tables yet
        }
    }

    private static async Task<string[]> CookiesAsync(Tx tx, string emails, NodaTime.Instant now)
    {
        var cookies = new List<string>();
        foreach (var id in await tx.QueryAsync<PersonId>("select id from person where email_key like @emails order by id", new { emails }))
            cookies.Add($"mithi={(await SessionStore.StartAsync(tx, id, "bench", "127.0.0.1", now)).Secret}");
        return [.. cookies];
    }

    private static IEnumerable<(string Name, IReadOnlyList<(string Path, string Cookie)> Asked)> Questions(int tickets, People people)
    {
        var random = new Random(7);
        var text = new TicketText(1);
        var now = TimeProvider.System.GetCurrentInstant();
        foreach (var view in TicketViews) yield return ($"view {view}, first page", Pages(_ => $"/tickets?show={view}"));
        foreach (var view in TicketViews) yield return ($"view {view}, deep", Pages(_ => $"/tickets?show={view}&before={Place()}"));
        yield return ("view open, P1", Pages(_ => "/tickets?show=open&priority=P1"));
        yield return ("view all, L2, deep", Pages(_ => $"/tickets?show=all&level=L2&before={Place()}"));
        yield return ("view all, words of the subject", Pages(_ => $"/tickets?show=all&q={text.Word()}"));
        yield return ("big customer, open", Pages(_ => "/tickets", people.BigCustomer));
        yield return ("big customer, all, deep", Pages(_ => $"/tickets?show=all&before={Place()}", people.BigCustomer));
        yield return ("small customer's user, open", Pages(_ => "/tickets", people.SmallCustomer));
        yield return ("partner, open", Pages(_ => "/tickets", people.Partner));
        yield return ("partner, all, deep", Pages(_ => $"/tickets?show=all&before={Place()}", people.Partner));
        yield return ("ticket page", Pages(_ => $"/tickets/{1 + random.Next(tickets)}"));
        yield return ("search, one word", Pages(_ => $"/search?q={text.Word()}+"));
        yield return ("search, two words", Pages(_ => $"/search?q={text.Word()}+{text.Word()}+"));
        yield return ("search, beginning of a word", Pages(_ => $"/search?q={text.Host()[..4]}"));
        yield return ("search, a host", Pages(_ => $"/search?q={text.Host()}+"));
        yield return ("search, customer, two words", Pages(_ => $"/search?q={text.Word()}+{text.Word()}+", people.BigCustomer));

        string Place() => $"{(now - NodaTime.Duration.FromHours(random.NextDouble() * 4 * 365 * 24)).ToUnixTimeMilliseconds()}.{1 + random.Next(tickets)}";
        IReadOnlyList<(string, string)> Pages(Func<int, string> path, string? cookie = null)
            => [.. Enumerable.Range(0, Asked + Warm).Select(i => (path(i), cookie ?? people.Engineers[i % people.Engineers.Length]))];
    }

    private static readonly string[] TicketViews = ["open", "mine", "waiting", "overdue", "resolved", "all"];

    /// <summary>The cookies of who asks.</summary>
    private sealed record People(string[] Engineers, string BigCustomer, string SmallCustomer, string Partner);
}
