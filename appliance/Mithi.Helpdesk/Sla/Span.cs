using Mithi.Cli;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>A stretch of the UTC line, <c>[start, end)</c>.</summary>
public readonly record struct Span
{
    public Span(Instant start, Instant end)
    {
        Check.That(start < end);
        (Start, End) = (start, end);
    }

    public Instant Start { get; }

    public Instant End { get; }

    public Duration Length => End - Start;
}

/// <summary>A day on which the week's windows do not hold.</summary>
/// <param name="Closed">Taken away from the date, between its 00:00 and 24:00. The whole day for a holiday.</param>
/// <param name="Open">Added to it, after that.</param>
public sealed record DayException(LocalDate Date, IReadOnlyList<LocalWindow> Closed, IReadOnlyList<LocalWindow> Open)
{
    public static DayException Holiday(LocalDate date) => new(date, [LocalWindow.Day], []);
}
