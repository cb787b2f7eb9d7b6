using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Fixes;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Fixes;

public sealed class FixTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_patch_marks_its_tickets_and_tells_their_customers_once()
    {
        var listener = new Listener();
        await using var desk = await StartAsync(listener);
        var fixedOne = await desk.OpenAsync(desk.AcmeUser);
        var other = await desk.OpenAsync(desk.AcmeUser, "Another");
        using (await desk.ReplyAsync(desk.Engineer, fixedOne, "A patch will come.", then: "WaitingForVendor")) { }
        await desk.House.Get<EntitlementStore>().AddAsync(desk.Acme, new("mail-server", "", "", "stable", new LocalDate(2099, 1, 1), "Asia/Kolkata"), desk.House.Now, Ct);
        var before = await desk.TicketAsync(fixedOne);

        // The publisher may name anything: what is no ticket of ours is passed over.
        string[] fixes = [$"{fixedOne}", $"{fixedOne}", "999999", "0", "-1", "abc", $" {other}", $"{other}x", "99999999999999999999"];
        for (var i = 0; i < 2; i++) await PublishAsync(desk, "1.0.0-p1", fixes);
        await desk.DrainAsync();

        var after = await desk.TicketAsync(fixedOne);
        Assert.Equal(("mail-server", "1.0.0-p1", TicketState.WaitingForVendor), (after.FixProduct, after.FixVersion, after.State));
        Assert.Equal(before.Seq + 1, after.Seq);
        Assert.False((await desk.TicketAsync(other)).HasFix);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_fix"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%is fixed in mail-server 1.0.0-p1%'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%/the/page/of/mail-server/1.0.0-p1%' and recipients = 'user@acme.test'"));
        var page = await desk.AcmeUser.PageAsync($"/tickets/{fixedOne}");
        Assert.Contains("Fix available", page);
        Assert.Contains("is fixed in mail-server 1.0.0-p1", page);
        Assert.Contains("Fix available", await desk.AcmeUser.PageAsync("/tickets"));

        await PublishAsync(desk, "1.0.0-p2", [$"{fixedOne}"]);
        await desk.DrainAsync();
        Assert.Equal("1.0.0-p2", (await desk.TicketAsync(fixedOne)).FixVersion);
        Assert.Equal(["1.0.0-p1", "1.0.0-p2"], listener.Heard.Select(h => h.Version).Order());
    }

    [Fact]
    public async Task Who_is_not_entitled_is_told_without_the_link()
    {
        await using var desk = await StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        await desk.House.Get<EntitlementStore>().AddAsync(desk.Acme, new("mail-server", "", "", "stable", new LocalDate(2020, 1, 1), "Asia/Kolkata"), desk.House.Now, Ct);
        await PublishAsync(desk, "1.0.0-p1", [$"{id}"]);
        await desk.DrainAsync();
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_message where side = 'House' and body like '%does not include this version%'"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%/the/page/of/%'"));
    }

    [Fact]
    public async Task News_of_a_fix_stops_no_response_clock()
    {
        await using var desk = await StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        await PublishAsync(desk, "1.0.0-p1", [$"{id}"]);
        await desk.DrainAsync();
        var state = await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<string>("select response_state from ticket where id = @id", new { id }), Ct);
        Assert.NotEqual("Met", state);
    }

    [Fact]
    public async Task A_ticket_that_can_not_be_told_keeps_no_other_from_its_news_and_is_tried_again()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await StartAsync(clock: clock);
        var broken = await desk.OpenAsync(desk.AcmeUser);
        var good = await desk.OpenAsync(desk.AcmeUser, "Another");
        await RenameAsync(desk, broken, "opened", "of-a-newer-program");
        await PublishAsync(desk, "1.0.0-p1", [$"{broken}", $"{good}"]);
        await desk.DrainAsync();
        Assert.True((await desk.TicketAsync(good)).HasFix);
        Assert.False((await desk.TicketAsync(broken)).HasFix);

        await RenameAsync(desk, broken, "of-a-newer-program", "opened");
        clock.Advance(TimeSpan.FromDays(1));
        await desk.DrainAsync();
        Assert.True((await desk.TicketAsync(broken)).HasFix);
        Assert.Equal(2, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%is fixed in mail-server%'"));
    }

    private static Task RenameAsync(TestHelpdesk desk, TicketId id, string from, string to) => desk.House.Db.WriteAsync(async tx =>
    {
        await tx.ExecuteAsync("update ticket_event set kind = @to where kind = @from and ticket_id = @id", new { id, from, to });
        // Without its facts the log is read, and found unreadable.
        await tx.ExecuteAsync("delete from ticket_clock where ticket_id = @id", new { id });
    }, Ct);

    private static Task PublishAsync(TestHelpdesk desk, string version, string[] fixes) => desk.House.Db.WriteAsync(tx => desk.House.Get<Outbox>().AddAsync(tx,
        "release.published", new { product = "mail-server", version, kind = "patch", name = $"mail-server-{version}", channel = "stable", fixes, notes = "Fixes." }), Ct);

    /// <summary>Stands where the download centre's links stand.</summary>
    private sealed class ReleasePages : ILinkTarget
    {
        public string Scheme => "release";

        public Task<LinkTarget?> ResolveAsync(string id, CurrentPerson me, CancellationToken ct)
            => Task.FromResult<LinkTarget?>(new($"/the/page/of/{id}", id));
    }

    /// <summary>Another module that hears of fixes.</summary>
    private sealed class Listener : IOutboxHandler
    {
        public ConcurrentBag<TicketFixAvailable> Heard { get; } = [];

        public string Topic => FixHandler.FixAvailableTopic;

        public Task HandleAsync(OutboxMessage message, CancellationToken ct)
        {
            Heard.Add(message.Read<TicketFixAvailable>());
            return Task.CompletedTask;
        }
    }

    private static Task<TestHelpdesk> StartAsync(Listener? listener = null, FakeTimeProvider? clock = null) => TestHelpdesk.StartAsync(clock, replace: services =>
    {
        foreach (var real in services.Where(s => s.ServiceType == typeof(ILinkTarget)).ToArray()) services.Remove(real);
        services.AddSingleton<ILinkTarget, ReleasePages>();
        if (listener is not null) services.AddSingleton<IOutboxHandler>(listener);
    });
}
