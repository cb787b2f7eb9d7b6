using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Effort;

/// <summary>Told when staff notes time on a ticket.</summary>
public sealed record TicketTimeNoted(TicketId TicketId, long Seq, OrganisationId? OrganisationId, int Minutes, Instant At);

/// <summary>How long a ticket was on a level while it was open.</summary>
/// <param name="UntilAt">Null while it lasts.</param>
public sealed record LevelSpan(Level Level, Instant FromAt, Instant? UntilAt);

/// <summary>What a ticket has cost so far, for staff.</summary>
/// <param name="Minutes">As noted.</param>
public sealed record EffortModel(TicketId TicketId, IReadOnlyList<LevelSpan> Spans, long Minutes, Instant Now)
{
    public bool MayWork { get; init; }

    public FormErrors? Errors { get; init; }

    /// <summary>How often it came to a level on which it had been before.</summary>
    public int PingPong => Levels.Count() - Levels.Distinct().Count();

    public IReadOnlyList<(Level Level, Duration Time)> ByLevel
        => [.. Spans.GroupBy(s => s.Level).OrderBy(g => g.Key).Select(g => (g.Key, g.Aggregate(Duration.Zero, (sum, s) => sum + ((s.UntilAt ?? Now) - s.FromAt))))];

    // One stay on a level that a resolved state cut in two is one visit.
    private IEnumerable<Level> Levels => Spans.Select(s => s.Level).Where((level, i) => i == 0 || level != Spans[i - 1].Level);
}

/// <summary>Notes worked time, and says what a ticket has cost.</summary>
internal sealed class TicketEffort(Db db, TicketLog log, Outbox outbox, TimeProvider time)
{
    /// <summary>The topic that this sends for each note of time.</summary>
    public const string TimeTopic = "ticket.time-noted";

    public Task<TicketResult> NoteAsync(TicketId id, int? minutes, CurrentPerson me, CancellationToken ct) => db.WriteAsync<TicketResult>(async tx =>
    {
        if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket) return new TicketResult.Missing();
        if (minutes is not (>= 1 and <= Limits.MinutesMax)) return new TicketResult.Refused("minutes", "Give whole minutes, at most a day.");
        var now = time.GetCurrentInstant();
        ticket = await log.AppendAsync(tx, ticket, new TicketChange.TimeNoted(minutes.Value), Actor.Of(me), "", now);
        await outbox.AddAsync(tx, TimeTopic, new TicketTimeNoted(id, ticket.Seq, ticket.OrganisationId, minutes.Value, now));
        return new TicketResult.Done(ticket);
    }, ct);

    public Task<EffortModel> OfAsync(TicketId id, CurrentPerson me, CancellationToken ct) => db.ReadAsync(async tx => new EffortModel(id,
        await tx.QueryAsync<LevelSpan>("select level, from_at, until_at from ticket_level_span where ticket_id = @id order by seq", new { id }),
        await tx.QuerySingleAsync<long>("select coalesce(sum(minutes), 0) from ticket_time where ticket_id = @id", new { id }), time.GetCurrentInstant())
    {
        MayWork = me.May(Permission.TicketWork),
    }, ct);

    /// <summary>What one entry of the log adds.</summary>
    public static async Task ProjectAsync(Tx tx, Ticket ticket, TicketEvent happened)
    {
        var (ends, begins) = happened.Change switch
        {
            TicketChange.Opened => (false, true),
            TicketChange.HandedOver => (true, !ticket.IsStopped),
            TicketChange.MergedInto => (true, false),
            TicketChange.StateSet set when set.From.IsStopped() != set.To.IsStopped() => (set.To.IsStopped(), !set.To.IsStopped()),
            _ => (false, false),
        };
        if (ends) await tx.ExecuteAsync("update ticket_level_span set until_at = @At where ticket_id = @TicketId and until_at is null", new { happened.TicketId, happened.At });
        if (begins)
            await tx.ExecuteAsync("insert into ticket_level_span (ticket_id, seq, level, from_at) values (@TicketId, @Seq, @level, @At)",
                new { happened.TicketId, happened.Seq, level = ticket.Level.ToString(), happened.At });
        if (happened.Change is TicketChange.TimeNoted noted)
            await tx.ExecuteAsync("insert into ticket_time (ticket_id, seq, person_id, person_name, minutes, at) values (@TicketId, @Seq, @ActorId, @ActorName, @Minutes, @At)",
                new { happened.TicketId, happened.Seq, happened.ActorId, happened.ActorName, noted.Minutes, happened.At });
    }
}
