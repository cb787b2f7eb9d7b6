using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>How many tickets' promises were kept and broken in some days.</summary>
public sealed record PromisesKept(Kept FirstResponse, Kept NextResponse, Kept Resolution)
{
    /// <summary>The longest time that can be asked about at once.</summary>
    public const int DaysMax = 366;
}

public readonly record struct Kept(int In, int Broken)
{
    public int All => In + Broken;
}

/// <summary>Counts promises. The helpdesk does, by the query that its reports are made by.</summary>
public interface IPromiseCount
{
    /// <summary>Null for who may not read reports about this organisation.</summary>
    /// <param name="first">In the reader's zone, like the last day, which counts through its last moment.</param>
    Task<PromisesKept?> OfAsync(OrganisationId organisation, LocalDate first, LocalDate last, CurrentPerson me, CancellationToken ct);
}
