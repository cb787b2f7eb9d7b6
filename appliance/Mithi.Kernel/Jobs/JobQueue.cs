using Mithi.Cli;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.Jobs;

/// <summary>Queues work for an <see cref="IJob"/> in the caller's transaction.</summary>
public sealed class JobQueue(JobStore store)
{
    /// <param name="kind">The <see cref="IJob.Kind"/> that does it.</param>
    /// <param name="payload">A record or an anonymous object; written as JSON with camelCase names.</param>
    /// <param name="runAt">Not before; null for as soon as the transaction is durable.</param>
    /// <param name="key">One of this kind and key that is not done yet takes this payload and is brought forward to this time; one that runs is run once more, at this time.</param>
    public Task AddAsync(Tx tx, string kind, object payload, Instant? runAt = null, string? key = null)
    {
        var json = JobJson.Write(payload);
        Check.That(json.Length <= Limits.PayloadCharsMax);
        return store.AddAsync(tx, new(JobKind.Job, kind, "", json, key), runAt);
    }

    /// <summary>Makes jobs that wait for a person (<see cref="JobFault.Waits"/>) due now, because he has done it.</summary>
    public Task WakeAsync(Tx tx, string kind) => store.WakeAsync(tx, JobKind.Job, kind);
}
