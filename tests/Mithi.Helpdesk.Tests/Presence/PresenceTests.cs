using System.Net;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Presence;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Presence;

/// <summary>Two who open one ticket know of each other; a customer knows of neither.</summary>
public sealed class PresenceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Staff_is_told_who_reads_and_who_writes_and_customers_are_not()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var colleague = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        var name = (await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<string>("select name from person where email = 'engineer@vendor.test'"), Ct))!;

        Assert.DoesNotContain(name, await TellAsync(desk.Engineer, id, "Viewing"), StringComparison.Ordinal);
        Assert.Contains($"Reading this now: {name}.", await TellAsync(colleague, id, "Viewing"), StringComparison.Ordinal);
        await TellAsync(desk.Engineer, id, "Typing");
        Assert.Contains($"Writing here now: {name}.", await colleague.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
        foreach (var customer in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner])
        {
            var page = await customer.PageAsync($"/tickets/{id}");
            Assert.DoesNotContain("Writing here now", page, StringComparison.Ordinal);
            Assert.DoesNotContain("id=\"presence\"", page, StringComparison.Ordinal);
            using var refused = await customer.PostAsync($"/tickets/{id}/presence", new Dictionary<string, string> { ["doing"] = "Viewing" });
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        await TellAsync(desk.Engineer, id, "Gone");
        Assert.DoesNotContain(name, await TellAsync(colleague, id, ""), StringComparison.Ordinal);
        using var none = await desk.Engineer.PostAsync("/tickets/999/presence", new Dictionary<string, string> { ["doing"] = "Viewing" });
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Who_says_nothing_any_more_is_gone_and_only_changes_wake_others()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        var feed = new TicketFeed();
        var presence = new TicketPresence(feed, clock);
        var (first, second) = (Person(1, "Asha"), Person(2, "Vikram"));
        await using var staff = feed.ListenAsync(new(7), internalToo: true, Ct).GetAsyncEnumerator(Ct);
        await using var customer = feed.ListenAsync(new(7), internalToo: false, Ct).GetAsyncEnumerator(Ct);
        var (heard, heardByCustomer) = (staff.MoveNextAsync().AsTask(), customer.MoveNextAsync().AsTask());

        presence.Tell(new(7), first, Doing.Viewing);
        Assert.True(await heard);
        Assert.Equal("presence", staff.Current.Event);
        heard = staff.MoveNextAsync().AsTask();
        presence.Tell(new(7), first, Doing.Viewing);
        Assert.False(heard.IsCompleted);
        presence.Tell(new(7), first, Doing.Typing);
        Assert.True(await heard);
        Assert.Equal([new Watcher("Asha", Doing.Typing)], presence.Others(new(7), second));
        Assert.Empty(presence.Others(new(7), first));
        Assert.Empty(presence.Others(new(8), second));

        clock.Advance(Limits.TypingLife.ToTimeSpan());
        Assert.Equal([new Watcher("Asha", Doing.Viewing)], presence.Others(new(7), second));
        clock.Advance(Limits.ViewingLife.ToTimeSpan());
        Assert.Empty(presence.Others(new(7), second));
        Assert.False(heardByCustomer.IsCompleted);
        feed.Tell(new(new(7), 3, IsPublic: true));
        Assert.True(await heardByCustomer);
        Assert.Equal(3, customer.Current.Seq);
    }

    [Fact]
    public void A_flood_of_tickets_does_not_fill_the_memory()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        var presence = new TicketPresence(new(), clock);
        for (var id = 1; id <= Limits.WatchersMax + 5; id++) presence.Tell(new(id), Person(1, "Asha"), Doing.Viewing);
        Assert.Empty(presence.Others(new(Limits.WatchersMax + 5), Person(2, "Vikram")));
        clock.Advance(Limits.ViewingLife.ToTimeSpan());
        presence.Tell(new(1_000_000), Person(1, "Asha"), Doing.Viewing);
        Assert.Single(presence.Others(new(1_000_000), Person(2, "Vikram")));
    }

    private static CurrentPerson Person(long id, string name) => CurrentPerson.Nobody("en", DateTimeZone.Utc) with { Id = new PersonId(id), Name = name, Role = Role.SupportL1 };

    private static async Task<string> TellAsync(TestBrowser by, TicketId id, string doing)
    {
        using var answer = await by.PostAsync($"/tickets/{id}/presence", new Dictionary<string, string> { ["doing"] = doing });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Ct);
    }
}
