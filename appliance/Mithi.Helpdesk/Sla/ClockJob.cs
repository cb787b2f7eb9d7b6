using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>After an update of the program: reads the logs of tickets whose clocks were kept in another way, once.</summary>
internal sealed class ClockJob(Db db, ClockStore clocks) : IRecurringJob
{
    private bool done;

    public string Name => "helpdesk.clocks";

    public Duration Interval => Duration.FromDays(1);

    public async Task RunAsync(CancellationToken ct)
    {
        if (done) return;
        for (IReadOnlyList<TicketId> some = []; ;)
        {
            some = await clocks.MissingAsync(some is [.., var last] ? last : new(0), Limits.RefreshRows, ct);
            if (some.Count == 0) break;
            await db.WriteAsync(async tx =>
            {
                foreach (var id in some)
                    if (await TicketStore.GetAsync(tx, id) is { } ticket)
                        await clocks.SaveAsync(tx, ticket, ClockFacts.Of(await TicketLog.EventsAsync(tx, id, bodies: false)));
            }, ct);
        }
        done = true;
    }
}
