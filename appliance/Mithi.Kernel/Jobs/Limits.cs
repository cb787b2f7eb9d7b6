using NodaTime;

namespace Mithi.Kernel.Jobs;

/// <summary>Every bound of the jobs in one place.</summary>
internal static class Limits
{
    // Two cores and one writer: more jobs at once would only wait for one another, and starve the pages.
    public const int AtOnceMax = 4;

    // With the backoff below, the tenth attempt comes fifteen hours after the first: long enough for a night's outage, and a
    // person sees it the next day.
    public const int AttemptsMax = 10;

    public static readonly Duration BackoffMin = Duration.FromSeconds(10);

    public static readonly Duration BackoffMax = Duration.FromHours(6);

    // A recurring job that fails is tried again at its interval, or after this if the interval is shorter.
    public static readonly Duration RecurringBackoffMax = Duration.FromMinutes(5);

    // A job that hangs would hold its place for ever; the longest that we have, a backup of a full node, ends well before.
    public static readonly Duration RunMax = Duration.FromHours(6);

    // The loop wakes by signal and at the next due time; this bounds what a clock that jumped can delay.
    public static readonly Duration SleepMax = Duration.FromMinutes(1);

    // An exception's text is for a person to read; a megabyte of it is not.
    public const int ErrorCharsMax = 4_000;

    // A payload names things, it does not carry them: those are rows or blobs.
    public const int PayloadCharsMax = 256 * 1024;

    // One page of the list of jobs.
    public const int PageRowsMax = 100;
}
