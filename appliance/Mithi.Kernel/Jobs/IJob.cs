using System.Text.Json;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.Jobs;

/// <summary>Does one kind of job. Registered as a singleton; runs at least once per row, so doing it twice must be as once.</summary>
public interface IJob
{
    /// <summary>A stable name; it is in the table.</summary>
    string Kind { get; }

    /// <exception cref="JobException">It can't be done, or not yet. Any other exception is tried again, bounded.</exception>
    Task RunAsync(JobRun run, CancellationToken ct);
}

/// <summary>What the house does by itself at an interval, such as fetching mail. Registered as a singleton.</summary>
/// <remarks>Never runs beside itself. The interval counts from the end of a run; a failed run is tried again after backoff.</remarks>
public interface IRecurringJob
{
    /// <summary>A stable name; it is in the table and on the page of jobs.</summary>
    string Name { get; }

    Duration Interval { get; }

    Task RunAsync(CancellationToken ct);
}

/// <summary>One attempt at a job.</summary>
/// <param name="Id">The same for each attempt.</param>
/// <param name="Payload">As it was given to <see cref="JobQueue.AddAsync"/>.</param>
/// <param name="Attempt">1 for the first.</param>
public sealed record JobRun(JobId Id, JsonElement Payload, int Attempt)
{
    /// <summary>The payload as a record; names in camelCase.</summary>
    public T Read<T>() => Payload.Deserialize<T>(JobJson.Options)!;
}

public readonly record struct JobId(long Value) : IId<JobId>
{
    public static JobId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out JobId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}
