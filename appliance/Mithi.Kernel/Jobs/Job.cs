using NodaTime;

namespace Mithi.Kernel.Jobs;

/// <summary>Who does a row's work. Stored by name.</summary>
public enum JobKind { Job, Outbox, Recurring }

/// <summary>Where a row stands. Stored by name. There is no "done": a done row is deleted, a recurring one is queued again.</summary>
public enum JobState
{
    Queued,
    Running,
    /// <summary>Something is missing that a person must give.</summary>
    Waiting,
    /// <summary>No attempt is left; a person decides.</summary>
    Failed,
}

/// <summary>What is asked to be done.</summary>
internal sealed record NewJob(JobKind Kind, string Name, string Topic, string Payload, string? OnceKey);

/// <summary>A row that was taken to be run now.</summary>
internal sealed record ClaimedJob(JobId Id, JobKind Kind, string Name, string Topic, string Payload, int Attempts);

/// <summary>A line of the list of jobs.</summary>
public sealed record JobLine(
    JobId Id, JobKind Kind, string Name, string Topic, JobState State, int Attempts, Instant RunAt, Instant CreatedAt, Instant EndedAt, string Error);

/// <summary>How many jobs stand where; for the page and the metrics. Recurring ones that rest are not work, so they are not counted.</summary>
public sealed record JobCounts(long Queued, long Running, long Waiting, long Failed);
