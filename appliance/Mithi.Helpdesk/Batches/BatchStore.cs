using System.Text.Json;
using Mithi.Helpdesk.Macros;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Batches;

/// <summary>Changes several tickets, each in a transaction of its own, and takes that back.</summary>
internal sealed class BatchStore(Db db, TicketRun run, TicketLog log, TimeProvider time)
{
    private static readonly string Within = Reach.Sql("t.organisation_id", "t.requester_id");

    static BatchStore() => RowMapping.AddId<BatchId>();

    private Instant Now => Kernel.Web.TimeProviderInstant.GetCurrentInstant(time);

    /// <summary>Does it; the batch that the same page has begun before is only answered.</summary>
    public async Task<BatchId> RunAsync(string key, IReadOnlyList<TicketId> tickets, TicketActions actions, CurrentPerson me, CancellationToken ct)
    {
        var person = me.Id?.Value ?? 0;
        var (id, isNew) = await db.WriteAsync(async tx =>
        {
            if (await tx.QuerySingleOrDefaultAsync<BatchId?>("select id from batch where form_key = @key and person_id = @person", new { key, person }) is { } begun)
                return (begun, false);
            return (await tx.QuerySingleAsync<BatchId>("""
                insert into batch (person_id, form_key, actions, asked, started_at) values (@person, @key, @actions, @asked, @now) returning id
                """, new { person, key, actions = JsonSerializer.Serialize(actions, JobJson.Options), asked = tickets.Count, now = Now }), true);
        }, ct);
        // Each ticket by itself: others write in between, and one that can't be changed keeps nobody else from it.
        if (isNew) foreach (var ticket in tickets) await RunAsync(id, ticket, actions, me, ct);
        return id;
    }

    /// <summary>Takes back what can be: every ticket that nobody has changed since.</summary>
    public async Task<bool> UndoAsync(BatchId id, CurrentPerson me, CancellationToken ct)
    {
        if (await FindAsync(id, me, ct) is not var (batch, tickets)) return false;
        await db.WriteAsync(tx => tx.ExecuteAsync("update batch set undone_at = @now where id = @id and undone_at is null", new { id, now = Now }), ct);
        foreach (var ticket in tickets.Where(t => t.CanUndo)) await db.WriteAsync(tx => UndoAsync(tx, batch, ticket.TicketId, me), ct);
        return true;
    }

    /// <summary>A batch of one's own; who manages the helpdesk sees all. Null when there is no such.</summary>
    public Task<(Batch Batch, IReadOnlyList<BatchTicket> Tickets)?> FindAsync(BatchId id, CurrentPerson me, CancellationToken ct) => db.ReadAsync<(Batch, IReadOnlyList<BatchTicket>)?>(async tx =>
    {
        if (await tx.QuerySingleOrDefaultAsync<BatchRow>("""
            select id, person_id, actions, asked, started_at, undone_at from batch where id = @id and (person_id = @person or @manages = 1)
            """, new { id, person = me.Id?.Value ?? 0, manages = me.May(Permission.HelpdeskManage) }) is not { } row) return null;
        var (all, home, partner, own) = me.Reach(Permission.TicketWork);
        var tickets = await tx.QueryAsync<BatchTicket>($"""
            select b.ticket_id, coalesce(t.subject, '') as subject, b.outcome, b.message, b.first_seq, b.last_seq, b.undo
            from batch_ticket b left join ticket t on t.id = b.ticket_id and {Within} where b.batch_id = @id order by b.ticket_id
            """, new { id, All = all, Home = home, Partner = partner, Me = own });
        return (row.ToBatch(), tickets);
    }, ct);

    private async Task RunAsync(BatchId id, TicketId ticket, TicketActions actions, CurrentPerson me, CancellationToken ct)
    {
        try
        {
            await db.WriteAsync(async tx =>
            {
                var before = await TicketStore.FindAsync(tx, ticket, me, Permission.TicketWork);
                // It was chosen as it stands now, in a list that shows no messages.
                if (before is null || await run.RunAsync(tx, ticket, actions, before.Seq, me) is not TicketResult.Done done) await KeepAsync(tx, id, ticket, BatchOutcome.Missing);
                else await KeepAsync(tx, id, ticket, done.Ticket.Seq > before.Seq ? BatchOutcome.Done : BatchOutcome.Nothing, "", before.Seq + 1, done.Ticket.Seq);
            }, ct);
        }
        catch (RefusedException refused)
        {
            var why = refused.Result is TicketResult.Refused given ? given.Message : "Others wrote meanwhile.";
            await db.WriteAsync(tx => KeepAsync(tx, id, ticket, BatchOutcome.Refused, why), ct);
        }
    }

    private async Task UndoAsync(Tx tx, Batch batch, TicketId id, CurrentPerson me)
    {
        // As it is now: somebody else may be taking it back as well.
        if (await tx.QuerySingleOrDefaultAsync<Span>("select first_seq, last_seq from batch_ticket where batch_id = @batch and ticket_id = @id and outcome = 'Done' and undo = 'None'",
            new { batch = batch.Id, id }) is not { } span) return;
        var undo = await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket ? BatchUndo.Missing
            : batch.Actions.Reply.Length > 0 ? BatchUndo.Sent
            : await IsChangedAsync(tx, ticket, span.LastSeq) ? BatchUndo.Changed : BatchUndo.Done;
        if (undo == BatchUndo.Done)
            await log.UndoAsync(tx, (await TicketStore.GetAsync(tx, id))!, [.. span.Seqs], Actor.Of(me), Now);
        await tx.ExecuteAsync("update batch_ticket set undo = @undo where batch_id = @batch and ticket_id = @id", new { undo = undo.ToString(), batch = batch.Id, id });
    }

    // What clocks and machines add by themselves is nobody's change.
    private static async Task<bool> IsChangedAsync(Tx tx, Ticket ticket, long last) => await tx.QuerySingleAsync<long>("""
        select count(*) from ticket_event where ticket_id = @Id and seq > @last and kind not in ('promise-warned', 'promise-broken', 'automatic-mail', 'mail-hint')
        """, new { ticket.Id, last }) > 0;

    private static Task KeepAsync(Tx tx, BatchId batch, TicketId ticket, BatchOutcome outcome, string message = "", long first = 0, long last = 0) => tx.ExecuteAsync("""
        insert into batch_ticket (batch_id, ticket_id, outcome, message, first_seq, last_seq, undo) values (@batch, @ticket, @outcome, @message, @first, @last, 'None')
        """, new { batch, ticket, outcome = outcome.ToString(), message, first, last });

    private sealed record Span(long FirstSeq, long LastSeq)
    {
        public IEnumerable<long> Seqs
        {
            get { for (var seq = FirstSeq; seq <= LastSeq; seq++) yield return seq; }
        }
    }

    private sealed record BatchRow(BatchId Id, PersonId PersonId, string Actions, long Asked, Instant StartedAt, Instant? UndoneAt)
    {
        public Batch ToBatch() => new(Id, PersonId, JsonSerializer.Deserialize<TicketActions>(Actions, JobJson.Options)!, Asked, StartedAt, UndoneAt);
    }
}
