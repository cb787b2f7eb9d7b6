using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Closes what was resolved a while ago and nobody came back to.</summary>
internal sealed class CloseJob(Db db, TicketLog log, TimeProvider time) : IRecurringJob
{
    // Enough at once to keep up with any helpdesk, few enough to let others write in between.
    private const int AtOnce = 100;

    public string Name => "helpdesk.close";

    public Duration Interval => Duration.FromHours(1);

    public async Task RunAsync(CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        for (IReadOnlyList<TicketId> due; ;)
        {
            due = await db.ReadAsync(tx => tx.QueryAsync<TicketId>("""
                select id from ticket where state = 'Resolved' and stopped_at < @before order by stopped_at limit @AtOnce
                """, new { before = now - Limits.ReopenMax, AtOnce }), ct);
            foreach (var id in due) await db.WriteAsync(tx => CloseAsync(tx, id, now), ct);
            if (due.Count < AtOnce) return;
        }
    }

    private async Task CloseAsync(Tx tx, TicketId id, Instant now)
    {
        // It may have been reopened since it was looked for.
        if (await TicketStore.GetAsync(tx, id) is { State: TicketState.Resolved, StoppedAt: { } stopped } ticket && stopped < now - Limits.ReopenMax)
            await log.AppendAsync(tx, ticket, new TicketChange.StateSet(ticket.State, TicketState.Closed), Actor.House, "", now);
    }
}
