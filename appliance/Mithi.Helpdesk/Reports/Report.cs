using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Reports;

/// <summary>What a report is about.</summary>
/// <param name="Organisation">Null: all within reach.</param>
public sealed record ReportQuery(ReportPeriod Period, Grouping By, OrganisationId? Organisation)
{
    /// <summary>The list behind a number.</summary>
    /// <param name="line">Null: of all lines together.</param>
    public ReportSlice Slice(Measure measure, ReportLine? line)
        => new(measure, Measures.OfBacklog.Contains(measure) ? null : Period, line is null ? Grouping.Nothing : By, line?.Key ?? "", Organisation);
}

/// <summary>A report: all tickets together, and each group.</summary>
/// <param name="Lines">In their own order where they have one, else the busiest first.</param>
public sealed record Report(ReportLine Total, IReadOnlyList<ReportLine> Lines);

/// <summary>What is counted of one group.</summary>
/// <param name="Levels">How long each level had the tickets that it had; empty for who is no staff.</param>
/// <param name="Name">Where the group has a name of its own; else <see cref="Groupings"/> has it.</param>
public sealed record ReportLine(string Key, string? Name, IReadOnlyDictionary<Measure, int> Counts, Spread Response, Spread Next, Spread Resolution,
    IReadOnlyDictionary<Level, Spread> Levels)
{
    public int Of(Measure measure) => Counts.GetValueOrDefault(measure);

    /// <summary>How many of a hundred; null where there are none. Rounded down: 100 means all.</summary>
    public int? Share(Measure part, Measure rest) => Of(part) + Of(rest) is > 0 and var all ? (int)(100L * Of(part) / all) : null;
}

/// <summary>How long it took in working time; null where nothing was done.</summary>
/// <param name="Ninety">Nine of ten took no longer.</param>
public sealed record Spread(Duration? Median, Duration? Ninety)
{
    public static Spread Of(List<long> milliseconds)
    {
        milliseconds.Sort();
        return new(At(50), At(90));

        // The nearest rank: a time that really was.
        Duration? At(int percent) => milliseconds.Count == 0 ? null : Duration.FromMilliseconds(milliseconds[(milliseconds.Count * percent + 99) / 100 - 1]);
    }
}
