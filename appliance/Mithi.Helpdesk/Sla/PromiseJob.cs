using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>Notes in the ticket that a promise will end soon, or has ended, and tells those who can help it. Each once.</summary>
internal sealed class PromiseJob(Db db, TicketLog log, ClockStore clocks, PromiseMail mail, SettingStore settings, TimeProvider time) : IRecurringJob
{
    public string Name => "helpdesk.promises";

    public Duration Interval => Duration.FromMinutes(1);

    public async Task RunAsync(CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        var points = await WarnSettings.PointsAsync(settings, ct);
        for (IReadOnlyList<TicketId> some = []; ;)
        {
            some = await clocks.ToCheckAsync(some is [.., var last] ? last : new(0), now, Limits.ChecksAtOnce, ct);
            foreach (var id in some) await db.WriteAsync(tx => CheckAsync(tx, id, points, now), ct);
            if (some.Count < Limits.ChecksAtOnce) return;
        }
    }

    private async Task CheckAsync(Tx tx, TicketId id, WarningPoints points, Instant now)
    {
        if (await TicketStore.GetAsync(tx, id) is not { } ticket || await ClockStore.FactsAsync(tx, id) is not { } facts) return;
        var counted = await clocks.ClocksAsync(tx, ticket, now);
        foreach (var kind in TicketClocks.Kinds)
        {
            if (counted.Of(kind) is not { Stop: null } clock || facts.Run(kind) is not { } run) continue;
            if (clock.DueAt is { } due && due < now)
            {
                if (!run.Broken) ticket = await NoteAsync(tx, ticket, new TicketChange.PromiseBroken(kind, due), kind, due, now);
            }
            // A point that passed while nobody could look, the node being off, waits for the next open minute.
            else if (clock is { IsPaused: false, DueAt: { } ahead, Target: { } target } && clock.Terms[^1].Calendar.IsOpen(now)
                && points.Of(target).LastOrDefault(p => p <= clock.Elapsed(now)) is var reached && reached > run.Warned)
                ticket = await NoteAsync(tx, ticket, new TicketChange.PromiseWarned(kind, (long)reached.TotalMilliseconds, ahead), kind, ahead, now);
        }
        await clocks.ScheduleAsync(tx, ticket, now);
    }

    private async Task<Ticket> NoteAsync(Tx tx, Ticket ticket, TicketChange change, ClockKind kind, Instant due, Instant now)
    {
        ticket = await log.AppendAsync(tx, ticket, change, Actor.House, "", now);
        // Mail about what passed long ago, such as before an update, helps nobody.
        if (now - due < Limits.BrokenNewsMax) await mail.SendAsync(tx, ticket, kind, due, isBroken: change is TicketChange.PromiseBroken);
        return ticket;
    }
}
