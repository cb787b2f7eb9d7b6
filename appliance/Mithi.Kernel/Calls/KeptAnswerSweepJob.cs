using Mithi.Kernel.Jobs;
using NodaTime;

namespace Mithi.Kernel.Calls;

/// <summary>Forgets keys that are a day old.</summary>
internal sealed class KeptAnswerSweepJob(KeptAnswerStore store) : IRecurringJob
{
    public string Name => "calls.sweep";

    public Duration Interval => Duration.FromHours(1);

    public Task RunAsync(CancellationToken ct) => store.SweepAsync(ct);
}
