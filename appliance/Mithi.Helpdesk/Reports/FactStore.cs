using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Helpdesk.Reports;

/// <summary>Keeps of each ticket what reports count. Each entry of the log adds its part, so that writing one reads no others.</summary>
internal sealed class FactStore(Db db, ContractStore contracts)
{
    /// <summary>Begins anew for a ticket: its first entry does.</summary>
    private static Task BeginAsync(Tx tx, TicketId id) => tx.ExecuteAsync("insert into ticket_fact (ticket_id) values (@id)", new { id });

    /// <summary>Adds what one entry says.</summary>
    /// <param name="before">The ticket before it; null at the first.</param>
    /// <param name="then">The clocks before it; null at the first.</param>
    public async Task ApplyAsync(Tx tx, Ticket? before, Ticket ticket, TicketEvent happened, ClockFacts? then, ClockFacts now)
    {
        if (before is null || then is null)
        {
            await BeginAsync(tx, ticket.Id);
            return;
        }
        if (then.FirstResponse.Stop is null && now.FirstResponse.Stop is not null) await RespondedAsync(tx, ticket, now);
        if (then.NextResponse is null or { Stop: not null } && now.NextResponse is { Stop: null })
            await tx.ExecuteAsync("update ticket_fact set next_open = 1 where ticket_id = @Id", new { ticket.Id });
        if (then.NextResponse is { Stop: null } && now.NextResponse is { Stop: not null }) await AnsweredAsync(tx, ticket, now);
        if (then.Resolution.Stop != now.Resolution.Stop) await ResolvedAsync(tx, ticket, now);
        if (before.State != ticket.State) await MovedAsync(tx, before, ticket, happened);
        if (happened.Change is TicketChange.Rated said) await RatedAsync(tx, happened, said);
    }

    /// <summary>Tickets that an older program wrote: their logs have to be read once.</summary>
    public Task<IReadOnlyList<TicketId>> MissingAsync(TicketId after, int most, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<TicketId>("""
        select t.id from ticket t left join ticket_fact f on f.ticket_id = t.id where t.id > @after and f.ticket_id is null order by t.id limit @most
        """, new { after, most }), ct);

    private async Task RespondedAsync(Tx tx, Ticket ticket, ClockFacts now)
    {
        var ended = await EndedAsync(tx, ticket, now, ClockKind.FirstResponse);
        await tx.ExecuteAsync("""
            update ticket_fact set response_at = @Stop, response_used = @Used, response_kept = @Kept where ticket_id = @Id
            """, new { ticket.Id, ended.Stop, ended.Used, ended.Kept });
    }

    private async Task AnsweredAsync(Tx tx, Ticket ticket, ClockFacts now)
    {
        var ended = await EndedAsync(tx, ticket, now, ClockKind.NextResponse);
        await tx.ExecuteAsync("""
            update ticket_fact set next_open = 0, next_count = next_count + 1, next_promised = next_promised + @promised, next_broken = next_broken + @broken,
                next_used = case when next_used > @Used then next_used else @Used end
            where ticket_id = @Id
            """, new { ticket.Id, ended.Used, promised = ended.Kept is null ? 0 : 1, broken = ended.Kept == 0 ? 1 : 0 });
    }

    private async Task ResolvedAsync(Tx tx, Ticket ticket, ClockFacts now)
    {
        var ended = now.Resolution.Stop is null ? null : await EndedAsync(tx, ticket, now, ClockKind.Resolution);
        await tx.ExecuteAsync("""
            update ticket_fact set resolution_at = @Stop, resolution_used = @Used, resolution_kept = @Kept where ticket_id = @Id
            """, new { ticket.Id, ended?.Stop, ended?.Used, ended?.Kept });
    }

    /// <summary>A resolution is rated for itself: with the next one, nothing has been said yet.</summary>
    private static async Task MovedAsync(Tx tx, Ticket before, Ticket ticket, TicketEvent happened)
    {
        var hasEnded = ticket.State is TicketState.Resolved or TicketState.Closed;
        await tx.ExecuteAsync("""
            update ticket_fact set first_ended_at = case when @hasEnded = 1 then coalesce(first_ended_at, @At) else first_ended_at end,
                reopened = reopened + @reopened, closed_at = @closed
            where ticket_id = @Id
            """, new
        {
            ticket.Id, happened.At, hasEnded, reopened = before.IsStopped && !ticket.IsStopped ? 1 : 0,
            closed = ticket.State == TicketState.Closed ? happened.At : (Instant?)null,
        });
        if (ticket.State == TicketState.Resolved || before.IsStopped && !ticket.IsStopped)
            await tx.ExecuteAsync("""
                update ticket_fact set resolved_seq = @seq, rating = null, rated_at = null, rated_seq = null, rated = 0 where ticket_id = @Id
                """, new { ticket.Id, seq = ticket.State == TicketState.Resolved ? happened.Seq : 0 });
    }

    private static Task RatedAsync(Tx tx, TicketEvent happened, TicketChange.Rated said) => tx.ExecuteAsync("""
        update ticket_fact set rating = @rating, rated_at = @At, rated_seq = @Seq, rated = rated + 1 where ticket_id = @TicketId
        """, new { happened.TicketId, happened.At, happened.Seq, rating = said.Rating.ToString() });

    private async Task<Ended> EndedAsync(Tx tx, Ticket ticket, ClockFacts facts, ClockKind kind)
    {
        var clock = TicketClocks.Of(facts, await contracts.BookAsync(tx, ticket.OrganisationId)).Of(kind)!;
        var stop = clock.Stop!.Value;
        return new(stop, (long)clock.Elapsed(stop).TotalMilliseconds, clock.Target is null ? null : clock.StateAt(stop) == ClockState.Met ? 1 : 0);
    }

    /// <param name="Used">Milliseconds of working time.</param>
    /// <param name="Kept">0 or 1; null where nothing was promised.</param>
    private sealed record Ended(Instant Stop, long Used, int? Kept);
}
