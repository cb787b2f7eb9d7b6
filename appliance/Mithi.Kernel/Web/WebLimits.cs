namespace Mithi.Kernel.Web;

/// <summary>Every bound on how often is asked. None of them is met by a person at work; each ends a loop or an abuse.</summary>
public static class WebLimits
{
    // Five forms a second for a minute; a write costs a transaction and, for tickets, two clocks and a search document.
    public const int WritesPerMinuteMax = 300;

    // A search that is sent with every letter typed; one over a large index costs as much as fifty pages.
    public const int SearchesPerMinuteMax = 240;

    // A program that imports a mailbox of tickets, or publishes a hundred archives in pieces, stays below; a loop does not.
    public const int ApiCallsPerMinuteMax = 1_200;

    // All sites of a customer behind one address call again when the node has restarted, and an update client asks for a dozen files.
    public const int DoorPerMinuteMax = 600;

    // Small steps, so that who was refused waits seconds, not a minute.
    public const int BucketPeriodsPerMinute = 12;
    public static readonly TimeSpan BucketPeriod = TimeSpan.FromSeconds(5);
}
