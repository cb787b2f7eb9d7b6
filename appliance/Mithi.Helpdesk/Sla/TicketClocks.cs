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

    /// <summary>By the facts of a log and by what was promised at each time.</summary>
    public static TicketClocks Of(ClockFacts facts, ContractBook book)
    {
        return new(Count(ClockKind.FirstResponse)!, Count(ClockKind.NextResponse), Count(ClockKind.Resolution)!);

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
