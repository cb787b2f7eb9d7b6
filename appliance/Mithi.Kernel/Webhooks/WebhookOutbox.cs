using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;

namespace Mithi.Kernel.Webhooks;

/// <summary>Tells hooks what happened: durable in the transaction in which it did, sent after it.</summary>
/// <remarks>Which hooks there are is kept in memory, so that a house without any pays nothing for each event.</remarks>
public sealed class WebhookOutbox(WebhookStore store, JobQueue jobs)
{
    private const string Ping = "ping";

    public async Task AddAsync(Tx tx, WebhookNews news)
    {
        foreach (var hook in await store.ListenersAsync(tx))
        {
            if (!await WebhookStore.HearsAsync(tx, hook, news)) continue;
            var body = JobJson.Write(new { id = news.EventId, type = news.Kind.Name, news.At, data = await news.DataFor(hook.OrganisationId is null) });
            if (await store.AddDeliveryAsync(tx, hook, news.EventId, news.Kind.Name, body, news.At)) await QueueAsync(tx, hook.Id);
        }
    }

    /// <summary>Sends something harmless, to see whether it arrives.</summary>
    public async Task PingAsync(Tx tx, Webhook hook, NodaTime.Instant now)
    {
        var eventId = $"ping-{hook.Id}-{now.ToUnixTimeMilliseconds()}";
        var body = JobJson.Write(new { id = eventId, type = Ping, at = now, data = new { webhook = hook.Id } });
        if (await store.AddDeliveryAsync(tx, new(hook.Id, hook.OrganisationId, hook.Events, hook.State), eventId, Ping, body, now)) await QueueAsync(tx, hook.Id);
    }

    /// <summary>Has what waits for a hook sent, in its order.</summary>
    /// <param name="at">Not before; null: as soon as the transaction is durable.</param>
    internal Task QueueAsync(Tx tx, WebhookId hook, NodaTime.Instant? at = null)
        => jobs.AddAsync(tx, WebhookJob.Name, new WebhookDue(hook), at, key: hook.ToString());
}

/// <summary>A job's payload.</summary>
internal sealed record WebhookDue(WebhookId WebhookId);
