using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.Webhooks;

/// <summary>Sends what waits for one hook, the oldest first: the next goes out when the one before was taken, or given up.</summary>
/// <remarks>A kill between the answer and our note of it sends an event twice, with the same id: receivers look at that.</remarks>
internal sealed class WebhookJob(Db db, WebhookStore store, WebhookClient client, WebhookOutbox outbox, MailQueue mail, Texts texts, NodeAddress address,
    TimeProvider time) : IJob
{
    public const string Name = "webhook.deliver";

    private const int Gone = 410;

    private int running;

    public string Kind => Name;

    private Instant Now => time.GetCurrentInstant();

    public async Task RunAsync(JobRun run, CancellationToken ct)
    {
        var hook = run.Read<WebhookDue>().WebhookId;
        try
        {
            var next = Interlocked.Increment(ref running) > Limits.AtOnceMax ? Now + Limits.TurnPause : await SendAsync(hook, ct);
            if (next is { } at) await db.WriteAsync(tx => outbox.QueueAsync(tx, hook, at), ct);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    /// <summary>How long after a failed attempt the next one is made.</summary>
    internal static Duration Backoff(int attempts)
    {
        var pause = Limits.BackoffMin;
        for (var i = 1; i < attempts && pause < Limits.BackoffMax; i++) pause *= 2;
        return Duration.Min(pause, Limits.BackoffMax);
    }

    /// <returns>When to go on; null when nothing waits.</returns>
    private async Task<Instant?> SendAsync(WebhookId hook, CancellationToken ct)
    {
        var until = Now + Limits.RunMax;
        for (var sent = 0; sent < Limits.DeliveriesPerRun && Now < until; sent++)
        {
            if (await store.NextAsync(hook, ct) is not { } due) return null;
            if (due.DueAt > Now) return due.DueAt;
            var answer = await client.PostAsync(due, store.SecretsOf(due), ct);
            if (answer.IsTaken) await db.WriteAsync(tx => WebhookStore.TakenAsync(tx, due, answer, Now), ct);
            else if (await FailedAsync(due, answer, ct) is { } again) return again;
        }
        return Now;
    }

    private Task<Instant?> FailedAsync(DueDelivery due, WebhookAnswer answer, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var now = Now;
        var isLast = due.Attempts > 0 && now - due.FirstAt >= Limits.DeliveryMax;
        var next = isLast ? (Instant?)null : now + Backoff(due.Attempts + 1);
        await WebhookStore.RefusedAsync(tx, due, answer, next, now);
        var isDead = due.FailingSince > NodaConstants.UnixEpoch && now - due.FailingSince >= Limits.FailingMax;
        if (!isDead && answer.Status != Gone) return next;
        await store.StopAsync(tx, due, answer.Status == Gone ? "410 Gone" : $"failing since {due.FailingSince}");
        await TellAsync(tx, due);
        return null;
    }, ct);

    private async Task TellAsync(Tx tx, DueDelivery due)
    {
        if (due.MadeBy is not { } maker || await PersonStore.GetAsync(tx, maker) is not { Disabled: false } person || !MailQueue.IsAddress(person.Email)) return;
        var t = texts.For(person.Language.Length > 0 ? person.Language : "en");
        await mail.AddAsync(tx, new OutgoingMail
        {
            To = [new(person.Email, person.Name)],
            Subject = t["A webhook was stopped"],
            Text = t["{0} does not take what is sent to it, so it is not called any more. What it missed is kept for 30 days and can be sent again:", due.Url]
                + $"\n\n{address.Public}/webhooks/{due.WebhookId}\n",
        });
    }
}

/// <summary>Forgets what was told a month ago.</summary>
internal sealed class WebhookSweepJob(WebhookStore store) : IRecurringJob
{
    public string Name => "webhook.sweep";

    public Duration Interval => Duration.FromHours(6);

    public Task RunAsync(CancellationToken ct) => store.SweepAsync(ct);
}
