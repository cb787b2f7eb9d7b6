using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Kernel.Webhooks;

public readonly record struct WebhookId(long Value) : IId<WebhookId>
{
    public static WebhookId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out WebhookId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

public readonly record struct DeliveryId(long Value) : IId<DeliveryId>
{
    public static DeliveryId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out DeliveryId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>Whether a hook is told anything. Stored by name.</summary>
public enum WebhookState
{
    On,
    /// <summary>A person turned it off.</summary>
    Off,
    /// <summary>It failed for too long.</summary>
    Stopped,
}

/// <summary>What became of an event for one hook. Stored by name.</summary>
public enum DeliveryState
{
    Pending,
    Delivered,
    /// <summary>Tried for as long as it is tried.</summary>
    Failed,
    /// <summary>The hook was off, or too much waited for it.</summary>
    Missed,
}

/// <summary>An address that is told what happens.</summary>
/// <param name="OrganisationId">Who hears by it what he may see; null: the node's own, which may hear all.</param>
/// <param name="Events">Names, comma separated.</param>
public sealed record Webhook(
    WebhookId Id, OrganisationId? OrganisationId, string OrganisationName, string Url, string Events, WebhookState State,
    Instant FailingSince, Instant OldUntil, Instant CreatedAt)
{
    public bool IsOwn => OrganisationId is null;

    public bool IsFailing => FailingSince > NodaConstants.UnixEpoch;

    public IReadOnlyList<string> EventNames => Events.Split(',');
}

/// <summary>A line of what a hook was told.</summary>
/// <param name="Status">HTTP; 0 when there was no answer.</param>
/// <param name="Answer">Its beginning, or why there was none.</param>
public sealed record Delivery(
    DeliveryId Id, string EventId, string Type, DeliveryState State, int Attempts, Instant DueAt, Instant EndedAt, int Status, string Answer,
    Instant EventAt);

/// <summary>Something that hooks can be told of. A module registers its own as services.</summary>
/// <param name="Name">Stable, with its module's thing before a dot: <c>ticket.opened</c>.</param>
/// <param name="Title">English; the page translates it.</param>
/// <param name="IsInternal">Only the node's own hooks may hear of it.</param>
public sealed record WebhookEventKind(string Name, string Title, bool IsInternal);

/// <summary>What happened, told in the transaction in which it did.</summary>
/// <param name="EventId">The same for ever: receivers know a second delivery by it.</param>
/// <param name="Kind">One that is registered.</param>
/// <param name="OrganisationId">Whose thing it is; null: nobody's but the node's.</param>
/// <param name="DataFor">What is told, for the node's own hooks (true) or for an organisation's (false): asked only when a hook listens.</param>
public sealed record WebhookNews(string EventId, WebhookEventKind Kind, OrganisationId? OrganisationId, Instant At, Func<bool, ValueTask<object>> DataFor);

/// <summary>A secret that was just made. Its text is seen here once.</summary>
public sealed record NewWebhookSecret(WebhookId Id, string Secret);
