using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>A promise that is counted. Stored by name.</summary>
public enum ClockKind { FirstResponse, NextResponse, Resolution }

/// <summary>All promises about a ticket.</summary>
/// <param name="NextResponse">Null until a customer who has been answered writes again.</param>
internal sealed record TicketClocks(SlaClock FirstResponse, SlaClock? NextResponse, SlaClock Resolution)
{
    /// <summary>The calendar's name by which each counts now.</summary>
    public IReadOnlyDictionary<ClockKind, string> Calendars { get; init; } = new Dictionary<ClockKind, string>();

    /// <summary>Work waits for the customer's consent to remote access.</summary>
    public bool AwaitsConsent { get; init; }

    /// <summary>The earliest due time of what is still owed and not paused, passed or not; null when nothing is.</summary>
    public Instant? NextDue
    {
        get
        {
            Instant? next = null;
            foreach (var kind in Kinds)
                if (Of(kind) is { Stop: null, IsPaused: false, DueAt: { } due } && (next is null || due < next)) next = due;
            return next;
        }
    }

    /// <summary>When somebody has to be told next: at a point of warning, or when a promise has ended; null: not by anything that is known now.</summary>
    public Instant? NextCheck(ClockFacts facts, WarningPoints points)
    {
        Instant? next = null;
        foreach (var kind in Kinds)
        {
            if (Of(kind) is not { Stop: null } clock || facts.Run(kind) is not { Broken: false } run) continue;
            // Who had it past its end unnoticed hears of the end alone.
            foreach (var at in (Instant?[])[clock.DueAt, clock.Reaches(t => points.Of(t).Where(p => p > run.Warned).Select(p => (Duration?)p).FirstOrDefault())])
                if (at is not null && (next is null || at < next)) next = at;
        }
        return next;
    }

    /// <summary>By the facts of a log and by what was promised at each time.</summary>
    public static TicketClocks Of(ClockFacts facts, ContractBook book)
    {
        return new(Count(ClockKind.FirstResponse)!, Count(ClockKind.NextResponse), Count(ClockKind.Resolution)!) { AwaitsConsent = facts.AwaitsConsent };

        SlaClock? Count(ClockKind kind) => facts.Run(kind) is { } run ? new(run.Start, book.Terms(kind, run.Start, facts.Priorities), run.Pauses, run.Stop) : null;
    }

    public SlaClock? Of(ClockKind kind) => kind switch
    {
        ClockKind.FirstResponse => FirstResponse,
        ClockKind.NextResponse => NextResponse,
        _ => Resolution,
    };

    public static readonly IReadOnlyList<ClockKind> Kinds = Enum.GetValues<ClockKind>();
}
