using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

/// <summary>The due times of all open tickets after a calendar was changed, on both engines.</summary>
public sealed class ClockStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task After_a_calendar_was_changed_every_open_ticket_is_as_its_log_and_the_new_calendar_say(DbEngine engine)
    {
        await using var house = await TestKernel.StartAsync(engine, null, new HelpdeskModule());
        var (db, log, clocks) = (house.Get<Db>(), house.Get<TicketLog>(), house.Get<ClockStore>());
        var opened = Instant.FromUtc(2026, 3, 2, 3, 30);
        var ids = await db.WriteAsync(async tx =>
        {
            var made = new List<TicketId>();
            for (var i = 0; i < Limits.RefreshRows * 2 + 10; i++) made.Add((await log.TellAsync(tx, Story(i, opened))).Id);
            return made;
        }, Ct);
        var before = await DumpAsync(db);
        Assert.Equal(0, await clocks.RefreshAsync(null, Ct));   // the cache is what the log says
        await db.WriteAsync(tx => tx.ExecuteAsync("""
            insert into calendar_version (calendar_id, version, effective_from, definition)
            select calendar_id, 2, @from, replace(definition, '20:00', '12:00') from calendar_version where version = 1
            """, new { from = opened + Duration.FromMinutes(10) }), Ct);
        Assert.InRange(await clocks.RefreshAsync(null, Ct), 1, ids.Count);
        var after = await DumpAsync(db);
        Assert.NotEqual(before, after);
        foreach (var id in ids) await db.WriteAsync(tx => log.RebuildAsync(tx, id), Ct);
        Assert.Equal(after, await DumpAsync(db));
        Assert.Equal(0, await clocks.RefreshAsync(null, Ct));
    }

    [Theory, BothEngines]
    public async Task A_ticket_that_an_older_program_kept_is_read_from_its_log_once(DbEngine engine)
    {
        await using var house = await TestKernel.StartAsync(engine, null, new HelpdeskModule());
        var (db, log, clocks) = (house.Get<Db>(), house.Get<TicketLog>(), house.Get<ClockStore>());
        for (var i = 0; i < 5; i++) await db.WriteAsync(tx => log.TellAsync(tx, Story(i, Instant.FromUtc(2026, 3, 2, 3, 30))), Ct);
        var before = await DumpAsync(db);
        await db.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("delete from ticket_clock");
            await tx.ExecuteAsync("update ticket set next_due = null, response_due = null");
        }, Ct);
        await new ClockJob(db, clocks).RunAsync(Ct);
        Assert.Equal(before, await DumpAsync(db));
    }

    [Theory, BothEngines]
    public async Task What_would_have_changed_is_counted_and_not_written(DbEngine engine)
    {
        await using var house = await TestKernel.StartAsync(engine, null, new HelpdeskModule());
        var (db, log) = (house.Get<Db>(), house.Get<TicketLog>());
        var opened = Instant.FromUtc(2026, 3, 2, 3, 30);
        for (var i = 0; i < 20; i++) await db.WriteAsync(tx => log.TellAsync(tx, Story(i, opened)), Ct);
        var before = await DumpAsync(db);
        var never = new WorkingCalendar(DateTimeZone.Utc, new Dictionary<IsoDayOfWeek, IReadOnlyList<LocalWindow>>(), []);
        var answer = await house.Get<WhatIf>().AskAsync(books => books.With(2, new("12x6", Instant.FromUnixTimeSeconds(0), never)), opened, opened + Duration.FromDays(30), Ct);
        Assert.Equal((20, false, 0), (answer.Looked, answer.HasMore, answer.Broken));
        Assert.InRange(answer.Kept, 1, 60);
        Assert.Equal(before, await DumpAsync(db));
        Assert.Equal(0, (await house.Get<WhatIf>().AskAsync(books => books, opened + Duration.FromDays(1), opened + Duration.FromDays(30), Ct)).Looked);
    }

    private static IReadOnlyList<PastEntry> Story(int i, Instant opened)
    {
        var (customer, staff) = (new Actor(null, "Asha"), new Actor(null, "Ravi"));
        var story = new List<PastEntry>
        {
            new(opened, customer, new TicketChange.Opened(null, null, "Asha", "asha@acme.test", "Mail is slow", TicketKind.Incident, (Priority)(i % 4), "", "", null, Via.Mail, Side.Customer, []), "Since Monday."),
        };
        if (i % 3 > 0) story.Add(new(opened + Duration.FromMinutes(5), staff, new TicketChange.Replied(Side.Staff, Via.Portal, []), "Which version?"));
        if (i % 3 > 1) story.Add(new(opened + Duration.FromMinutes(6), customer, new TicketChange.Replied(Side.Customer, Via.Mail, []), "The newest."));
        if (i % 5 == 1) story.Add(new(opened + Duration.FromMinutes(7), staff, new TicketChange.StateSet(TicketState.New, TicketState.WaitingForCustomer)));
        if (i % 5 == 2) story.Add(new(opened + Duration.FromMinutes(7), staff, new TicketChange.StateSet(TicketState.New, TicketState.Resolved)));
        if (i % 7 == 3) story.Add(new(opened + Duration.FromMinutes(8), staff, new TicketChange.PrioritySet((Priority)(i % 4), Priority.P2)));
        return story;
    }

    private static async Task<IReadOnlyList<string>> DumpAsync(Db db) => [.. (await db.ReadAsync(tx => tx.QueryAsync<dynamic>("""
        select t.id, t.state, t.response_due, t.response_state, t.next_response_due, t.next_response_state, t.resolution_due, t.resolution_state, t.next_due, c.next_check, c.facts
        from ticket t join ticket_clock c on c.ticket_id = t.id order by t.id
        """), Ct)).Cast<IDictionary<string, object>>().Select(row => string.Join('|', row.Values))];
}
