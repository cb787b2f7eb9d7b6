using System.Text.Json;

namespace Mithi.Kernel.Jobs;

/// <summary>Hears of one topic. Registered as a singleton; hears each message at least once, in no promised order.</summary>
public interface IOutboxHandler
{
    /// <summary>Such as <c>release.published</c>.</summary>
    string Topic { get; }

    /// <summary>A stable name; it is in the table. Two handlers of a topic have two names.</summary>
    string Name => GetType().Name;

    /// <exception cref="JobException">It can't be done, or not yet. Any other exception is tried again, bounded.</exception>
    Task HandleAsync(OutboxMessage message, CancellationToken ct);
}

/// <summary>What happened, told after the transaction in which it did.</summary>
/// <param name="Topic">Such as <c>ticket.fix-available</c>.</param>
/// <param name="Payload">As it was given to <see cref="Outbox.AddAsync"/>.</param>
/// <param name="Key">The same for each attempt at this message by this handler, and for nothing else: the key to do it once.</param>
/// <param name="Attempt">1 for the first.</param>
public sealed record OutboxMessage(string Topic, JsonElement Payload, string Key, int Attempt)
{
    /// <summary>The payload as a record; names in camelCase.</summary>
    public T Read<T>() => Payload.Deserialize<T>(JobJson.Options)!;
}
