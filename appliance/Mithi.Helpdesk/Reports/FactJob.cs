using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using NodaTime;

namespace Mithi.Helpdesk.Reports;

/// <summary>After an update of the program: reads the logs of tickets of which reports know nothing yet, once.</summary>
internal sealed class FactJob(Db db, FactStore facts, TicketLog log) : IRecurringJob
{
    private bool done;

    public string Name => "helpdesk.facts";

    public Duration Interval => Duration.FromDays(1);

    public async Task RunAsync(CancellationToken ct)
    {
        if (done) return;
        for (IReadOnlyList<TicketId> some = []; ;)
        {
            some = await facts.MissingAsync(some is [.., var last] ? last : new(0), Limits.RefreshRows, ct);
            if (some.Count == 0) break;
            foreach (var id in some) await db.WriteAsync(tx => log.RebuildAsync(tx, id), ct);
        }
        done = true;
    }
}
