using Microsoft.Extensions.DependencyInjection;
using Mithi.Fleet.Lines;
using Mithi.Fleet.Orders;
using Mithi.Fleet.Releases;
using Mithi.Fleet.Sites;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using Mithi.Testing;
using NodaTime;

namespace Mithi.Fleet.Tests;

public sealed class StoreTests
{
    private static CancellationToken Ct => Device.Ct;

    [Theory, BothEngines]
    public async Task A_site_lives_its_life_on_both_engines(DbEngine engine)
    {
        var told = new Told();
        await using var kernel = await TestKernel.StartAsync(engine, s => s.AddSingleton<IOutboxHandler>(told), new FleetModule());
        var (me, customer) = await EngineerAsync(kernel);
        var (store, inbox, orders) = (kernel.Get<SiteStore>(), kernel.Get<SiteInbox>(), kernel.Get<OrderStore>());
        var sheet = Sheet(1);
        var id = Assert.IsType<SiteResult.Done>(await store.AddAsync(customer, "Pune office", sheet, me, Ct)).Id;
        Assert.IsType<SiteResult.NotNow>(await store.OrderAsync(id, new SendReport(), me, Ct));
        Assert.IsType<SiteResult.Done>(await store.PairAsync(id, new string('d', 64), false, me, Ct));
        Assert.IsType<SiteResult.NotNow>(await store.PairAsync(id, new string('e', 64), false, me, Ct));

        Assert.True(await inbox.TakeAsync(id, 1, Device.Facts(), Ct));
        Assert.True(await inbox.TakeAsync(id, 1, new PlanMessage(Device.Plan(sheet)), Ct));
        Assert.False(await inbox.TakeAsync(id, 2, Device.Facts(), Ct));
        Assert.IsType<SiteResult.Stale>(await store.ApproveAsync(id, "plan-1", "x", true, me, Ct));
        Assert.IsType<SiteResult.Done>(await store.ApproveAsync(id, "plan-1", new string('a', 64), false, me, Ct));
        Assert.IsType<SiteResult.Stale>(await store.ApproveAsync(id, "plan-1", new string('a', 64), false, me, Ct));

        var log = new LogMessage([new(1, Device.Now, "info", "", "one"), new(2, Device.Now, "info", "", "two\0")]);
        await inbox.TakeAsync(id, 1, log, Ct);
        await inbox.TakeAsync(id, 1, log, Ct);
        await inbox.TakeAsync(id, 1, new StepsMessage("plan-1", [new("PART", StepState.Done, Device.Now, Device.Now, 0, "")]), Ct);
        var site = (await store.FindAsync(id, me, Permission.SiteRead, Ct))!;
        Assert.Equal((2L, SiteState.Installing, "plan-1", 1), (site.LogThrough, site.State, site.ApprovedPlan, site.TheSteps.Count));
        Assert.Equal(["one", "two "], (await store.LogAsync(site, 10, Ct)).Select(r => r.Text));

        var open = Assert.Single(await orders.OpenAsync(site, kernel.Now, Ct));
        Assert.Equal(("order-2", new ApprovePlan("plan-1", new string('a', 64))), (open.ToCommand(site).Id, open.TheBody));
        await orders.SentAsync(open.Id, Ct);
        await inbox.TakeAsync(id, 1, new ResultMessage("order-2", true, "done", "", null), Ct);
        await inbox.TakeAsync(id, 1, new ResultMessage("order-2", false, "failed", "too late", null), Ct);
        await inbox.TakeAsync(id, 1, new ResultMessage("order-99999", true, "done", "", null), Ct);
        await inbox.TakeAsync(id, 1, new ResultMessage("'; drop table site", true, "done", "", null), Ct);
        Assert.Equal(OrderState.Done, (await orders.LatestAsync(id, 1, Ct))[0].State);

        await inbox.TakeAsync(id, 1, Device.Report("1.0.0"), Ct);
        await inbox.TakeAsync(id, 1, Device.Report("1.0.0"), Ct);
        await inbox.TakeAsync(id, 1, Device.Report("1.0.0-p1", "1.0.0", healthy: false), Ct);
        await inbox.TakeAsync(id, 1, Device.Report("1.0.0-p1", "1.0.0"), Ct);
        await kernel.DrainAsync();
        // An unhealthy version is not told to the house; the healthy report of the same version then is.
        Assert.Equal([(customer.Value, id.Value, "connect-server", "1.0.0"), (customer.Value, id.Value, "connect-server", "1.0.0-p1")],
            told.All.Select(t => (t.OrganisationId, t.SiteId, t.Product, t.Version)).Order());
        var row = Assert.Single((await store.ListAsync("pune", SiteState.Green, 1, me, Ct)).Rows);
        Assert.Equal(("Asha Textiles", "1.0.0-p1"), (row.OrganisationName, row.Version));
        Assert.Empty((await store.ListAsync("mumbai", null, 1, me, Ct)).Rows);
    }

    [Theory, BothEngines]
    public async Task What_a_machine_says_is_kept_as_it_says_it_and_not_without_end(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, null, new FleetModule());
        var (me, customer) = await EngineerAsync(kernel);
        var (store, inbox) = (kernel.Get<SiteStore>(), kernel.Get<SiteInbox>());
        var id = Assert.IsType<SiteResult.Done>(await store.AddAsync(customer, "Pune office", Sheet(1), me, Ct)).Id;
        await store.PairAsync(id, new string('d', 64), false, me, Ct);

        var disk = Device.Facts().Facts.Disks[0] with { Model = @"a\u0000b \ \\u0000 ""c""" + "\0d" };
        await inbox.TakeAsync(id, 1, new FactsMessage(Device.Facts().Facts with { Disks = [disk] }), Ct);
        var site = (await store.FindAsync(id, me, Permission.SiteRead, Ct))!;
        Assert.Equal(@"a\u0000b \ \\u0000 ""c""d", site.TheFacts!.Disks[0].Model);

        // In the last place that is kept stands half of a character beyond the first plane.
        var text = new string('x', Protocol.Limits.LogTextCharsMax - 1) + "😀" + new string('y', 60_000);
        const int Rows = Mithi.Fleet.Limits.LogRowsMax + 700;
        for (var from = 1; from <= Rows; from += 500)
            await inbox.TakeAsync(id, 1, new LogMessage([.. Enumerable.Range(from, Math.Min(500, Rows - from + 1))
                .Select(n => new LogEntry(n, Device.Now, "info", "", n > Rows - 2 ? text : ""))]), Ct);
        site = (await store.FindAsync(id, me, Permission.SiteRead, Ct))!;
        var kept = await store.LogAsync(site, int.MaxValue, Ct);
        Assert.Equal((Mithi.Fleet.Limits.LogRowsMax, 701L, (long)Rows), (kept.Count, kept[0].Number, kept[^1].Number));
        Assert.Equal(new string('x', Protocol.Limits.LogTextCharsMax - 1), kept[^1].Text);
    }

    [Theory, BothEngines]
    public async Task One_change_of_the_product_at_a_time_and_none_for_ever(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, null, new FleetModule());
        var (me, customer) = await EngineerAsync(kernel);
        var store = kernel.Get<SiteStore>();
        var id = Assert.IsType<SiteResult.Done>(await store.AddAsync(customer, "Pune office", Sheet(1), me, Ct)).Id;
        await store.PairAsync(id, new string('d', 64), false, me, Ct);
        Assert.IsType<SiteResult.Done>(await store.OrderAsync(id, new ApplyRelease("connect-server", "1.0.0-p1"), me, Ct));
        Assert.IsType<SiteResult.NotNow>(await store.OrderAsync(id, new RollBack("connect-server"), me, Ct));
        Assert.IsType<SiteResult.Done>(await store.OrderAsync(id, new SendReport(), me, Ct));

        kernel.Clock.Advance(Protocol.Limits.CommandLifetime);
        var site = (await store.GetAsync(id, Ct))!;
        Assert.Empty(await kernel.Get<OrderStore>().OpenAsync(site, kernel.Now, Ct));
        Assert.IsType<SiteResult.Done>(await store.OrderAsync(id, new RollBack("connect-server"), me, Ct));
        // Counters only rise, whatever became of the orders before.
        Assert.Equal(4, (await kernel.Get<OrderStore>().OpenAsync(site, kernel.Now, Ct)).Single().Counter);
    }

    [Theory, BothEngines]
    public async Task A_new_token_ends_the_one_before_and_letting_go_ends_the_last(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, null, new FleetModule());
        var (me, customer) = await EngineerAsync(kernel);
        var (store, inbox) = (kernel.Get<SiteStore>(), kernel.Get<SiteInbox>());
        var id = Assert.IsType<SiteResult.Done>(await store.AddAsync(customer, "Pune office", Sheet(1), me, Ct)).Id;
        await store.PairAsync(id, new string('d', 64), false, me, Ct);
        var first = await inbox.TokenAsync(id, Ct);
        var second = await inbox.TokenAsync(id, Ct);
        Assert.NotEqual(first.Text, second.Text);
        Assert.Equal([second.Id], await TokensAsync(kernel));
        await store.ReleaseMachineAsync(id, me, Ct);
        Assert.Empty(await TokensAsync(kernel));
        var site = (await store.GetAsync(id, Ct))!;
        Assert.Equal((false, SiteState.Planned, 1), (site.IsPaired, site.State, site.Machine));
    }

    [Theory, BothEngines]
    public async Task What_is_published_becomes_a_choice(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, null, new FleetModule());
        foreach (var version in new[] { "1.0.0", "1.0.0-p1", "1.0.0", "1.0.0-sp1" })
            await kernel.WriteAsync(tx => kernel.Get<Outbox>().AddAsync(tx, "release.published",
                new { product = "connect-server", version, kind = "build", name = "x", fixes = Array.Empty<string>(), notes = "" }));
        await kernel.DrainAsync();
        Assert.Equal(["1.0.0-sp1", "1.0.0-p1", "1.0.0"], (await kernel.Get<KnownReleases>().AllAsync(Ct)).Select(r => r.Version));
    }

    private static Task<IReadOnlyList<ApiTokenId>> TokensAsync(TestKernel kernel)
        => kernel.ReadAsync(tx => tx.QueryAsync<ApiTokenId>("select id from api_token"));

    private static async Task<(CurrentPerson Me, OrganisationId Customer)> EngineerAsync(TestKernel kernel)
    {
        async Task<OrganisationId> AddAsync(OrganisationKind kind, string name)
            => Assert.IsType<OrganisationResult.Saved>(await kernel.Get<OrganisationStore>()
                .AddAsync(new(kind, name, null, "Asia/Kolkata"), kernel.Now, Ct)).Id;
        var vendor = await AddAsync(OrganisationKind.Vendor, "Mithi");
        return (new() { Organisation = vendor, Role = Role.SupportL2, Name = "Meera", Zone = DateTimeZone.Utc },
            await AddAsync(OrganisationKind.Customer, "Asha Textiles"));
    }

    private static SiteSheet Sheet(long revision) => new(revision, "mail", "asha.example", null, new("dhcp", null, null, null, []),
        "connect-server", "1.0.0", "mithi-os", "1.0.0", [], "Asia/Kolkata", "en", "", null);

    private sealed class Told : IOutboxHandler
    {
        public List<Installed> All { get; } = [];

        public string Topic => "site.installed";

        public Task HandleAsync(OutboxMessage message, CancellationToken ct)
        {
            All.Add(message.Read<Installed>());
            return Task.CompletedTask;
        }
    }

    private sealed record Installed(long OrganisationId, long SiteId, string Product, string Version);
}
