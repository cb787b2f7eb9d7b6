using System.Text.Json;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>The facts of each ticket's clocks, and what they say by the promises of now: a cache in the ticket's row.</summary>
internal sealed class ClockStore(Db db, ContractStore contracts, SettingStore settings) : IDisposable
{
    // One at a time: of two that overtook each other, the older promises would be written last.
    private readonly SemaphoreSlim refreshing = new(1, 1);

    public void Dispose() => refreshing.Dispose();

    /// <summary>Null for a ticket whose log has not been read for it yet.</summary>
    public static async Task<ClockFacts?> FactsAsync(Tx tx, TicketId id)
        => await tx.QuerySingleOrDefaultAsync<string>("select facts from ticket_clock where ticket_id = @id", new { id }) is { } text ? ClockText.Read(text) : null;

    /// <summary>Keeps the facts of a ticket as its last event left them, and what follows from them.</summary>
    public async Task SaveAsync(Tx tx, Ticket ticket, ClockFacts facts)
    {
        await tx.ExecuteAsync("""
            insert into ticket_clock (ticket_id, seq, running, facts) values (@Id, @Seq, @running, @facts)
            on conflict (ticket_id) do update set seq = excluded.seq, running = excluded.running, facts = excluded.facts
            """, new { ticket.Id, ticket.Seq, running = !ticket.IsStopped, facts = ClockText.Write(facts) });
        var book = await contracts.BookAsync(tx, ticket.OrganisationId);
        var points = await WarnSettings.PointsAsync(settings, tx.Ct);
        await WriteAsync(tx, [DueRow.Of(ticket.Id, ticket.Seq, ticket.PublicUpdatedAt, facts, TicketClocks.Of(facts, book), points)]);
    }

    /// <summary>The clocks as they are now.</summary>
    public async Task<TicketClocks> ClocksAsync(Tx tx, Ticket ticket, Instant now)
    {
        var facts = await FactsAsync(tx, ticket.Id) ?? ClockFacts.Of(await TicketLog.EventsAsync(tx, ticket.Id, bodies: false));
        var book = await contracts.BookAsync(tx, ticket.OrganisationId);
        var at = ticket.StoppedAt ?? Instant.Max(ticket.UpdatedAt, now);
        return TicketClocks.Of(facts, book) with { Calendars = TicketClocks.Kinds.ToDictionary(k => k, k => book.CalendarNameAt(k, ticket.Priority, at)) };
    }

    /// <summary>Counts the clocks of all open tickets again, by what is promised now; answers how many due times moved.</summary>
    /// <param name="organisation">Of this one alone; null: of everybody.</param>
    public async Task<int> RefreshAsync(OrganisationId? organisation, CancellationToken ct)
    {
        await refreshing.WaitAsync(ct);
        try
        {
            var moved = 0;
            var books = await db.ReadAsync(contracts.BooksAsync, ct);
            var points = await WarnSettings.PointsAsync(settings, ct);
            for (IReadOnlyList<RunningRow> some = []; ;)
            {
                var last = some is [.., var newest] ? newest.Id.Value : 0;
                some = await db.ReadAsync(tx => tx.QueryAsync<RunningRow>("""
                    select t.id, t.organisation_id, t.seq, t.public_updated_at, c.facts, t.response_due, t.response_state,
                        t.next_response_due, t.next_response_state, t.resolution_due, t.resolution_state, t.next_due, c.next_check
                    from ticket_clock c join ticket t on t.id = c.ticket_id
                    where c.running = 1 and c.ticket_id > @last and (@organisation = 0 or t.organisation_id = @organisation)
                    order by c.ticket_id limit @most
                    """, new { last, organisation = organisation?.Value ?? 0, most = Limits.RefreshRowsRead }), ct);
                if (some.Count == 0) return moved;
                var changed = some.Select(r => (Row: r, Now: r.Count(books, points))).Where(r => r.Row.Due != r.Now).Select(r => r.Now).ToArray();
                // Short transactions: who wants to write meanwhile waits for one of them at most.
                foreach (var part in changed.Chunk(Limits.RefreshRows)) await db.WriteAsync(tx => WriteAsync(tx, part), ct);
                moved += changed.Length;
            }
        }
        finally
        {
            refreshing.Release();
        }
    }

    /// <summary>Tickets that an older program wrote: their log has to be read once.</summary>
    public Task<IReadOnlyList<TicketId>> MissingAsync(TicketId after, int most, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<TicketId>("""
        select t.id from ticket t left join ticket_clock c on c.ticket_id = t.id where t.id > @after and c.ticket_id is null order by t.id limit @most
        """, new { after, most }), ct);

    /// <summary>Tickets of which somebody has to be told now.</summary>
    public Task<IReadOnlyList<TicketId>> ToCheckAsync(TicketId after, Instant now, int most, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<TicketId>("""
        select ticket_id from ticket_clock where next_check <= @now and ticket_id > @after order by ticket_id limit @most
        """, new { after, now, most }), ct);

    /// <summary>When a ticket that has been looked at has to be looked at again; what waits for the next open minute, then.</summary>
    public async Task ScheduleAsync(Tx tx, Ticket ticket, Instant now)
    {
        if (await FactsAsync(tx, ticket.Id) is not { } facts) return;
        var counted = TicketClocks.Of(facts, await contracts.BookAsync(tx, ticket.OrganisationId));
        var next = counted.NextCheck(facts, await WarnSettings.PointsAsync(settings, tx.Ct));
        if (next < now) next = TicketClocks.Kinds.Select(k => counted.Of(k)?.Terms[^1].Calendar.Next(now)?.Start).OfType<Instant>().Append(now + Duration.FromDays(1)).Min();
        await tx.ExecuteAsync("update ticket_clock set next_check = @next where ticket_id = @Id", new { ticket.Id, next });
    }

    /// <summary>A row that was written since it was counted has been counted by that writer, and stays as it is.</summary>
    private static async Task WriteAsync(Tx tx, IReadOnlyList<DueRow> rows)
    {
        // As one value: with thousands of parameters both drivers spend their time looking for names.
        var values = new { rows = JsonSerializer.Serialize(rows.Select(r => r.Cells)) };
        var counted = $"""
            with counted as (select cast(value ->> 0 as bigint) as id, cast(value ->> 1 as bigint) as seq,
                cast(value ->> 2 as bigint) as response_due, value ->> 3 as response_state, cast(value ->> 4 as bigint) as next_response_due,
                value ->> 5 as next_response_state, cast(value ->> 6 as bigint) as resolution_due, value ->> 7 as resolution_state,
                cast(value ->> 8 as bigint) as next_due, cast(value ->> 9 as bigint) as next_check
                from {(tx.Engine == DbEngine.Sqlite ? "json_each(@rows)" : "jsonb_array_elements(cast(@rows as jsonb)) as each (value)")})
            """;
        await tx.ExecuteAsync($"""
            {counted}
            update ticket set response_due = counted.response_due, response_state = counted.response_state,
                next_response_due = counted.next_response_due, next_response_state = counted.next_response_state,
                resolution_due = counted.resolution_due, resolution_state = counted.resolution_state, next_due = counted.next_due
            from counted where ticket.id = counted.id and ticket.seq = counted.seq
            """, values);
        await tx.ExecuteAsync($"""
            {counted}
            update ticket_clock set next_check = counted.next_check from counted where ticket_clock.ticket_id = counted.id and ticket_clock.seq = counted.seq
            """, values);
    }

    private sealed record RunningRow(
        TicketId Id, OrganisationId? OrganisationId, long Seq, Instant PublicUpdatedAt, string Facts, Instant? ResponseDue, ClockState ResponseState,
        Instant? NextResponseDue, ClockState? NextResponseState, Instant? ResolutionDue, ClockState ResolutionState, Instant? NextDue,
        Instant? NextCheck)
    {
        public DueRow Due => new(Id, Seq, ResponseDue, ResponseState, NextResponseDue, NextResponseState, ResolutionDue, ResolutionState, NextDue, NextCheck);

        public DueRow Count(ContractBooks books, WarningPoints points)
        {
            var facts = ClockText.Read(Facts);
            return DueRow.Of(Id, Seq, PublicUpdatedAt, facts, TicketClocks.Of(facts, books.Of(OrganisationId)), points);
        }
    }

    private sealed record DueRow(
        TicketId Id, long Seq, Instant? ResponseDue, ClockState ResponseState, Instant? NextResponseDue, ClockState? NextResponseState,
        Instant? ResolutionDue, ClockState ResolutionState, Instant? NextDue, Instant? NextCheck)
    {
        /// <param name="at">As of what customers know: a note must not be what shows them that a promise was broken meanwhile.</param>
        public static DueRow Of(TicketId id, long seq, Instant at, ClockFacts facts, TicketClocks clocks, WarningPoints points) => new(id, seq, clocks.FirstResponse.DueAt, clocks.FirstResponse.StateAt(at),
            clocks.NextResponse?.DueAt, clocks.NextResponse?.StateAt(at), clocks.Resolution.DueAt, clocks.Resolution.StateAt(at),
            clocks.NextDue, clocks.NextCheck(facts, points));

        public object?[] Cells => [Id.Value, Seq, Ms(ResponseDue), ResponseState.ToString(), Ms(NextResponseDue), NextResponseState?.ToString(),
            Ms(ResolutionDue), ResolutionState.ToString(), Ms(NextDue), Ms(NextCheck)];

        private static long? Ms(Instant? at) => at?.ToUnixTimeMilliseconds();
    }
}
