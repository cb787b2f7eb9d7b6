using Mithi.Cli;
using Mithi.Kernel.Data;

namespace Mithi.Kernel.Jobs;

/// <summary>Tells other modules what happened, in the transaction in which it did: both are durable, or neither.</summary>
public sealed class Outbox(JobStore store, JobCatalog catalog)
{
    /// <summary>Adds one job for each handler of <paramref name="topic"/>; nothing when nobody listens.</summary>
    /// <param name="payload">A record or an anonymous object; written as JSON with camelCase names.</param>
    public async Task AddAsync(Tx tx, string topic, object payload)
    {
        Check.That(topic.Length > 0);
        var handlers = catalog.HandlersOf(topic);
        if (handlers.Count == 0) return;
        var json = JobJson.Write(payload);
        Check.That(json.Length <= Limits.PayloadCharsMax);
        foreach (var handler in handlers)
            await store.AddAsync(tx, new(JobKind.Outbox, handler.Name, topic, json, null), null);
    }
}
