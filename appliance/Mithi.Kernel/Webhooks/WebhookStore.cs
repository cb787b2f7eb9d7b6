using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.Webhooks;

/// <summary>Hooks and what they were told. All SQL of the feature is here.</summary>
public sealed class WebhookStore(Db db, SecretBox box, AuditLog audit, TimeProvider time)
{
    static WebhookStore()
    {
        RowMapping.AddId<WebhookId>();
        RowMapping.AddId<DeliveryId>();
    }

    private const string Select = """
        select w.id, w.organisation_id, coalesce(o.name, '') as organisation_name, w.url, w.events, w.state, w.failing_since, w.old_until, w.created_at
        from webhook w left join organisation o on o.id = w.organisation_id
        """;

    private const string DeliveryColumns = "id, event_id, type, state, attempts, due_at, ended_at, status, answer, event_at";

    private static readonly string Within = Reach.Sql("coalesce(w.organisation_id, 0)", "0");

    private readonly Lock changing = new();
    private IReadOnlyList<Listener>? listeners;
    private int changes;

    private Instant Now => time.GetCurrentInstant();

    /// <summary>Those within reach: a customer's or partner's are its own, the node's administrators see all.</summary>
    public Task<IReadOnlyList<Webhook>> ListAsync(CurrentPerson me, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<Webhook>($"{Select} where {Within} order by w.id limit 500", Values(me)), ct);

    /// <summary>Null when it is not there or out of reach.</summary>
    public Task<Webhook?> FindAsync(WebhookId id, CurrentPerson me, CancellationToken ct) => db.ReadAsync(tx => FindAsync(tx, id, me), ct);

    public static Task<Webhook?> FindAsync(Tx tx, WebhookId id, CurrentPerson me)
        => tx.QuerySingleOrDefaultAsync<Webhook>($"{Select} where w.id = @id and {Within}", Values(me, id.Value));

    /// <summary>Makes one for the organisation of who asks, or for the node; null when there are as many as there may be.</summary>
    public Task<NewWebhookSecret?> AddAsync(string url, IReadOnlyList<string> events, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var owner = OwnerOf(me);
        var there = await tx.QuerySingleAsync<long>("select count(*) from webhook where coalesce(organisation_id, 0) = @owner", new { owner = owner?.Value ?? 0 });
        if (there >= Limits.WebhooksMax) return null;
        var id = new WebhookId(await tx.QuerySingleAsync<long>("""
            insert into webhook (organisation_id, made_by, url, events, secret, state, created_at)
            values (@owner, @me, @url, @events, '', 'On', @now) returning id
            """, new { owner, me = me.Id, url, events = string.Join(',', events), now = Now }));
        var secret = await NewSecretAsync(tx, id);
        await audit.AddAsync(tx, me, "webhook.add", $"webhook:{id}", url);
        tx.AfterCommit(Forget);
        return new NewWebhookSecret(id, secret);
    }, ct);

    public Task<bool> ChangeAsync(WebhookId id, string url, IReadOnlyList<string> events, CurrentPerson me, CancellationToken ct) => ChangeAsync(id, me, "webhook.change", url,
        (tx, _) => tx.ExecuteAsync("update webhook set url = @url, events = @events where id = @id", new { id, url, events = string.Join(',', events) }), ct);

    /// <summary>What waited while it was off stays missed until somebody has it told again.</summary>
    public Task<bool> TurnAsync(WebhookId id, bool on, CurrentPerson me, CancellationToken ct) => ChangeAsync(id, me, on ? "webhook.on" : "webhook.off", "", async (tx, _) =>
    {
        await tx.ExecuteAsync("update webhook set state = @state, failing_since = 0 where id = @id", new { id, state = (on ? WebhookState.On : WebhookState.Off).ToString() });
        if (!on) await MissAsync(tx, id);
    }, ct);

    public Task<bool> RemoveAsync(WebhookId id, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, "webhook.remove", "", async (tx, hook) =>
        {
            await tx.ExecuteAsync("delete from webhook_delivery where webhook_id = @id", new { id });
            await tx.ExecuteAsync("delete from webhook where id = @id", new { id });
        }, ct);

    /// <summary>A new secret at once; the old one signs beside it for a day. Null when there is no such hook within reach.</summary>
    public async Task<NewWebhookSecret?> RotateAsync(WebhookId id, CurrentPerson me, CancellationToken ct)
    {
        var secret = "";
        var done = await ChangeAsync(id, me, "webhook.rotate", "", async (tx, _) =>
        {
            var old = box.Open(await tx.QuerySingleAsync<string>("select secret from webhook where id = @id", new { id }), PurposeOf(id));
            await tx.ExecuteAsync("update webhook set old_secret = @old, old_until = @until where id = @id",
                new { id, old = box.Seal(old, PurposeOf(id)), until = Now + Limits.OldSecretLife });
            secret = await NewSecretAsync(tx, id);
        }, ct);
        return done ? new(id, secret) : null;
    }

    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<Delivery>> DeliveriesAsync(WebhookId id, long? before, int most, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<Delivery>($"""
        select {DeliveryColumns} from webhook_delivery where webhook_id = @id and (@before = 0 or id < @before) order by id desc limit @most
        """, new { id, before = before ?? 0, most }), ct);

    public static Task<Delivery?> DeliveryAsync(Tx tx, WebhookId hook, DeliveryId id) => tx.QuerySingleOrDefaultAsync<Delivery>(
        $"select {DeliveryColumns} from webhook_delivery where id = @id and webhook_id = @hook", new { id, hook });

    public Task<string?> BodyAsync(WebhookId hook, DeliveryId id, CancellationToken ct) => db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<string>(
        "select body from webhook_delivery where id = @id and webhook_id = @hook", new { id, hook }), ct);

    /// <summary>Has events told again whose time lies in [from, to); answers how many.</summary>
    public static Task<int> ReplayAsync(Tx tx, WebhookId hook, Instant from, Instant to, Instant now) => tx.ExecuteAsync("""
        update webhook_delivery set state = 'Pending', attempts = 0, first_at = 0, due_at = @now
        where webhook_id = @hook and event_at >= @from and event_at < @to and state <> 'Pending'
        """, new { hook, from, to, now });

    public static Task<int> ReplayAsync(Tx tx, WebhookId hook, DeliveryId id, Instant now) => tx.ExecuteAsync("""
        update webhook_delivery set state = 'Pending', attempts = 0, first_at = 0, due_at = @now
        where webhook_id = @hook and id = @id and state <> 'Pending'
        """, new { hook, id, now });

    /// <summary>Those that might hear of something.</summary>
    internal async ValueTask<IReadOnlyList<Listener>> ListenersAsync(Tx tx)
    {
        if (listeners is { } known) return known;
        int before;
        lock (changing) before = changes;
        var read = await tx.QueryAsync<Listener>("""
            select id, organisation_id, events, state from webhook where state <> 'Off' order by id
            """);
        lock (changing)
            if (before == changes) listeners = read;
        return read;
    }

    /// <summary>Whether a hook's owner may hear of it: it chose the kind, and the thing is its own or a customer's of it.</summary>
    internal static async ValueTask<bool> HearsAsync(Tx tx, Listener hook, WebhookNews news)
    {
        if (!hook.Wants(news.Kind)) return false;
        if (hook.OrganisationId is not { } owner) return true;
        if (news.OrganisationId is not { } whose || await OrganisationStore.GetAsync(tx, owner) is not { Disabled: false }) return false;
        return whose == owner || (await OrganisationStore.GetAsync(tx, whose))?.PartnerId == owner;
    }

    /// <summary>Notes that a hook is to be told; false when it is not told now.</summary>
    internal async Task<bool> AddDeliveryAsync(Tx tx, Listener hook, string eventId, string type, string body, Instant at)
    {
        var waiting = await tx.QuerySingleAsync<long>("""
            select count(*) from (select 1 from webhook_delivery where webhook_id = @Id and state = 'Pending' limit @most) some
            """, new { hook.Id, most = Limits.PendingMax });
        var isTold = hook.State == WebhookState.On && waiting < Limits.PendingMax;
        await tx.ExecuteAsync("""
            insert into webhook_delivery (webhook_id, event_id, type, body, state, due_at, event_at) values (@Id, @eventId, @type, @body, @state, @now, @at)
            """, new { hook.Id, eventId, type, body, state = (isTold ? DeliveryState.Pending : DeliveryState.Missed).ToString(), now = Now, at });
        return isTold;
    }

    /// <summary>The oldest that waits for a hook that is on; null when there is none.</summary>
    internal Task<DueDelivery?> NextAsync(WebhookId hook, CancellationToken ct) => db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<DueDelivery>("""
        select d.id, d.webhook_id, w.organisation_id, w.url, w.secret, w.old_secret, w.old_until, w.made_by, w.failing_since, d.event_id, d.type, d.body,
            d.attempts, d.first_at, d.due_at
        from webhook_delivery d join webhook w on w.id = d.webhook_id left join organisation o on o.id = w.organisation_id
        where d.webhook_id = @hook and d.state = 'Pending' and w.state = 'On' and coalesce(o.disabled, 0) = 0 order by d.id limit 1
        """, new { hook }), ct);

    internal IReadOnlyList<string> SecretsOf(DueDelivery due)
    {
        var secret = box.Open(due.Secret, PurposeOf(due.WebhookId));
        return due.OldUntil > Now ? [secret, box.Open(due.OldSecret, PurposeOf(due.WebhookId))] : [secret];
    }

    internal static async Task TakenAsync(Tx tx, DueDelivery due, WebhookAnswer answer, Instant now)
    {
        await tx.ExecuteAsync("""
            update webhook_delivery set state = 'Delivered', attempts = attempts + 1, ended_at = @now, status = @Status, answer = @Text where id = @Id
            """, new { due.Id, now, answer.Status, answer.Text });
        if (due.FailingSince > NodaConstants.UnixEpoch) await tx.ExecuteAsync("update webhook set failing_since = 0 where id = @WebhookId", new { due.WebhookId });
    }

    /// <summary>Notes a failed attempt.</summary>
    /// <param name="next">When it is tried again; null: never.</param>
    internal static async Task RefusedAsync(Tx tx, DueDelivery due, WebhookAnswer answer, Instant? next, Instant now)
    {
        await tx.ExecuteAsync("""
            update webhook_delivery set state = @state, attempts = attempts + 1, first_at = case when first_at = 0 then @now else first_at end,
                due_at = @due, ended_at = @now, status = @Status, answer = @Text
            where id = @Id
            """, new { due.Id, state = (next is null ? DeliveryState.Failed : DeliveryState.Pending).ToString(), due = next ?? now, now, answer.Status, answer.Text });
        await tx.ExecuteAsync("update webhook set failing_since = @now where id = @WebhookId and failing_since = 0", new { due.WebhookId, now });
    }

    /// <summary>Stops a hook that failed for too long.</summary>
    internal async Task StopAsync(Tx tx, DueDelivery due, string why)
    {
        await tx.ExecuteAsync("update webhook set state = 'Stopped' where id = @WebhookId", new { due.WebhookId });
        await MissAsync(tx, due.WebhookId);
        await audit.AddAsync(tx, "webhooks", "webhook.stop", $"webhook:{due.WebhookId}", why);
        tx.AfterCommit(Forget);
    }

    internal Task SweepAsync(CancellationToken ct) => db.WriteAsync(tx => tx.ExecuteAsync(
        "delete from webhook_delivery where event_at < @old and state <> 'Pending'", new { old = Now - Limits.Kept }), ct);

    private static Task MissAsync(Tx tx, WebhookId id)
        => tx.ExecuteAsync("update webhook_delivery set state = 'Missed' where webhook_id = @id and state = 'Pending'", new { id });

    private Task<bool> ChangeAsync(WebhookId id, CurrentPerson me, string action, string detail, Func<Tx, Webhook, Task> change, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await FindAsync(tx, id, me) is not { } hook) return false;
        await change(tx, hook);
        await audit.AddAsync(tx, me, action, $"webhook:{id}", detail);
        tx.AfterCommit(Forget);
        return true;
    }, ct);

    private async Task<string> NewSecretAsync(Tx tx, WebhookId id)
    {
        var secret = WebhookSignature.SecretPrefix + Secret.NewBase62();
        await tx.ExecuteAsync("update webhook set secret = @secret where id = @id", new { id, secret = box.Seal(secret, PurposeOf(id)) });
        return secret;
    }

    /// <summary>The node's administrators make the node's own.</summary>
    private static OrganisationId? OwnerOf(CurrentPerson me)
    {
        Check.That(me.May(Permission.WebhookManage));
        return me.ScopeOf(Permission.WebhookManage) == Scope.All ? null : me.Organisation;
    }

    private static string PurposeOf(WebhookId id) => $"webhook:{id}";

    private void Forget()
    {
        lock (changing) (listeners, changes) = (null, changes + 1);
    }

    private static object Values(CurrentPerson me, long id = 0)
    {
        var reach = me.Reach(Permission.WebhookManage);
        return new { id, reach.All, reach.Home, reach.Partner, reach.Me };
    }

    /// <summary>A hook as far as it is asked for each event.</summary>
    internal sealed record Listener(WebhookId Id, OrganisationId? OrganisationId, string Events, WebhookState State)
    {
        private readonly string[] names = Events.Split(',');

        public bool Wants(WebhookEventKind kind) => names.Contains(kind.Name) && (OrganisationId is null || !kind.IsInternal);
    }
}

/// <summary>What is to be sent next.</summary>
internal sealed record DueDelivery(
    DeliveryId Id, WebhookId WebhookId, OrganisationId? OrganisationId, string Url, string Secret, string OldSecret, Instant OldUntil, PersonId? MadeBy,
    Instant FailingSince, string EventId, string Type, string Body, int Attempts, Instant FirstAt, Instant DueAt);
