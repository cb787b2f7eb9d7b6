using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Sample;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

public sealed class TicketLogTests
{
    private static readonly string[] Projections =
    [
        "select * from ticket order by id", "select * from ticket_message order by ticket_id, seq", "select * from ticket_note order by ticket_id, seq",
        "select * from ticket_clock order by ticket_id", "select * from ticket_file order by ticket_id, seq, number", "select * from ticket_participant order by ticket_id, email_key",
        "select * from ticket_fact order by ticket_id",
        "select * from ticket_link order by ticket_id, seq", "select * from ticket_undone order by ticket_id, seq",
        "select * from ticket_level_span order by ticket_id, seq", "select * from ticket_time order by ticket_id, seq",
        "select kind, item, title, body, url, permission, organisation_id, maker_id from search_document where kind like 'ticket%' order by kind, item",
    ];

    [Fact]
    public async Task The_sample_has_every_state_and_is_rebuilt_from_its_log_as_it_was()
    {
        await using var desk = await SampleAsync();
        var states = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<string>("select distinct state from ticket order by state"), Ct);
        Assert.Equal(["Closed", "New", "Open", "Resolved", "WaitingForCustomer", "WaitingForVendor"], states);
        var before = await DumpAsync(desk);
        await desk.House.Db.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["ticket_message", "ticket_note", "ticket_participant", "ticket_clock"]) await tx.ExecuteAsync($"delete from {table}");
            await tx.ExecuteAsync("update ticket set subject = 'wrong', state = 'Merged', response_due = null, next_due = 1, level = 'L3', assignee_name = 'nobody'");
            await tx.ExecuteAsync("delete from ticket where id = 3");
        }, Ct);
        await desk.House.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, await DumpAsync(desk));
    }

    [Theory]
    [InlineData("update ticket_event set body = body || ' ' where ticket_id = 2 and seq = 1")]
    [InlineData("update ticket_event set at = at + 1 where ticket_id = 2 and seq = 2")]
    [InlineData("update ticket_event set detail = replace(detail, 'mail-server', 'mail_server') where ticket_id = 2 and seq = 1")]
    [InlineData("delete from ticket_event where ticket_id = 2 and seq = 2")]
    [InlineData("delete from ticket_event where ticket_id = 2 and seq = (select max(seq) from ticket_event where ticket_id = 2)")]
    [InlineData("delete from ticket_event where ticket_id = 2")]
    [InlineData("update ticket set hash = '' where id = 2")]
    public async Task A_log_that_was_changed_behind_our_back_is_found(string tampering)
    {
        await using var desk = await SampleAsync();
        Assert.True((await desk.House.Get<TicketLog>().VerifyAsync(Ct)).Intact);
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync(tampering), Ct);
        var verdict = await desk.House.Get<TicketLog>().VerifyAsync(Ct);
        Assert.Equal((false, 2L), (verdict.Intact, verdict.At));
    }

    [Fact]
    public async Task A_clock_set_back_puts_no_effect_before_its_cause()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        var ticket = await desk.TicketAsync(id);
        var after = await desk.House.Db.WriteAsync(tx => desk.House.Get<TicketLog>().AppendAsync(tx, ticket,
            new TicketChange.Noted(Via.Portal, []), Actor.House, "late", ticket.OpenedAt - NodaTime.Duration.FromDays(1)), Ct);
        Assert.Equal(ticket.UpdatedAt, after.UpdatedAt);
    }

    [Fact]
    public async Task A_story_told_at_once_is_what_its_steps_would_have_made()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var start = NodaTime.Instant.FromUtc(2020, 1, 6, 9, 0);
        var (log, meena, ravi) = (desk.House.Get<TicketLog>(), new Actor(null, "Meena"), new Actor(null, "Ravi"));
        PastEntry[] story =
        [
            new(start, meena, new TicketChange.Opened(desk.Acme, null, "Meena", "meena@acme.test", "Old", TicketKind.Incident, Priority.P2, "", "", null, Via.Mail, Side.Customer, []), "It is slow."),
            new(start + NodaTime.Duration.FromHours(1), ravi, new TicketChange.Replied(Side.Staff, Via.Portal, []), "Since when?"),
            new(start + NodaTime.Duration.FromHours(2), ravi, new TicketChange.Noted(Via.Portal, []), "Disk."),
            new(start + NodaTime.Duration.FromHours(1), ravi, new TicketChange.StateSet(TicketState.New, TicketState.Resolved)),
        ];
        var told = await desk.House.Db.WriteAsync(tx => log.TellAsync(tx, story), Ct);
        var stepped = await desk.House.Db.WriteAsync(async tx =>
        {
            var ticket = await log.OpenAsync(tx, (TicketChange.Opened)story[0].Change, meena, story[0].Body, story[0].At);
            foreach (var past in story[1..]) ticket = await log.AppendAsync(tx, ticket, past.Change, past.Actor, past.Body, past.At);
            return ticket;
        }, Ct);
        Assert.Equal(stepped with { Id = told.Id, Hash = told.Hash }, told);
        Assert.Equal(start + NodaTime.Duration.FromHours(2), told.StoppedAt);
        var before = await DumpAsync(desk);
        await log.RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, await DumpAsync(desk));
        Assert.True((await log.VerifyAsync(Ct)).Intact);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<TestHelpdesk> SampleAsync()
    {
        var desk = await TestHelpdesk.StartAsync();
        var people = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<(long Id, string Email)>("select id, email from person"), Ct);
        PersonId[] Of(string domain) => [.. people.Where(p => p.Email.EndsWith(domain, StringComparison.Ordinal)).Select(p => new PersonId(p.Id))];
        var ids = await HelpdeskSample.AddAsync(desk.House.Services, [.. Of("@acme.test"), .. Of("@other.test")], Of("@vendor.test"), Ct);
        Assert.Equal(12, ids.Count);
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail"));
        return desk;
    }

    /// <summary>All that is made from the log, row by row.</summary>
    internal static async Task<IReadOnlyList<string>> DumpAsync(TestHelpdesk desk)
    {
        var lines = new List<string>();
        foreach (var sql in Projections)
            foreach (IDictionary<string, object> row in (await desk.House.Db.ReadAsync(tx => tx.QueryAsync<dynamic>(sql), Ct)).Cast<IDictionary<string, object>>())
                lines.Add(string.Join('|', row.Select(c => $"{c.Key}={c.Value}")));
        return lines;
    }
}
