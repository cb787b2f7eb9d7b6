using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Throws away what has expired: sessions, one-time secrets, tokens, old guesses.</summary>
internal sealed class SweepJob(Db db, TimeProvider time) : IRecurringJob
{
    // A used or expired link still gets a clear page for some weeks; later it is simply unknown.
    private static readonly Duration LinksKept = Duration.FromDays(30);

    public string Name => "people.sweep";

    public Duration Interval => Duration.FromHours(1);

    public Task RunAsync(CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var now = time.GetCurrentInstant();
        var steps = now - Duration.FromDays(1);
        await tx.ExecuteAsync("delete from session where expires_at <= @now", new { now });
        await tx.ExecuteAsync("delete from one_time_link where expires_at <= @kept", new { kept = now - LinksKept });
        await tx.ExecuteAsync(
            "delete from one_time_link where purpose in ('SecondStep', 'NewTotp', 'Passkey') and expires_at <= @steps", new { steps });
        await tx.ExecuteAsync("delete from guess where last_at <= @steps", new { steps });
        await tx.ExecuteAsync("delete from api_token where expires_at <= @kept", new { kept = now - LinksKept });
    }, ct);
}
