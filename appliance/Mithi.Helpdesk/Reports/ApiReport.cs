using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Reports;

/// <param name="From">The first day, in the reader's zone.</param>
/// <param name="Until">The last day.</param>
internal sealed record ApiReport(string From, string Until, string Zone, Grouping By, OrganisationId? Organisation, ApiReportLine Total, IReadOnlyList<ApiReportLine> Lines);

/// <param name="Key">Of the group; empty for "none" and for all tickets.</param>
/// <param name="Levels">Null for who is no staff, like what was back on one.</param>
/// <param name="Tickets">Where the tickets behind <c>Opened</c> are; with the name of another measure in its place, those behind that one.</param>
internal sealed record ApiReportLine(string Key, string Name, int Opened, int Resolved, ApiPromise FirstResponse, ApiPromise NextResponse, ApiPromise Resolution,
    int ResolvedOnce, int Reopened, int RatedGood, int RatedBad, ApiBacklog Backlog,
    IReadOnlyList<ApiLevel>? Levels, int? BackOnLevel, string Tickets)
{
    public static ApiReportLine Of(ReportLine line, ReportQuery query, bool isTotal, bool isStaff) => new(line.Key,
        isTotal ? "All tickets" : line.Name ?? Groupings.Name(query.By, line.Key) ?? line.Key, line.Of(Measure.Opened), line.Of(Measure.Resolved),
        ApiPromise.Of(line, Measure.ResponseKept, Measure.ResponseBroken, line.Response), ApiPromise.Of(line, Measure.NextKept, Measure.NextBroken, line.Next),
        ApiPromise.Of(line, Measure.ResolutionKept, Measure.ResolutionBroken, line.Resolution),
        line.Of(Measure.Ended), line.Of(Measure.Reopened), line.Of(Measure.RatedGood), line.Of(Measure.RatedBad),
        new(line.Of(Measure.Backlog), line.Of(Measure.Overdue), line.Of(Measure.UnderOneDay), line.Of(Measure.UnderThreeDays), line.Of(Measure.UnderOneWeek),
            line.Of(Measure.UnderOneMonth), line.Of(Measure.UnderThreeMonths), line.Of(Measure.Older)),
        isStaff ? [.. Enum.GetValues<Level>().Select(l => new ApiLevel(l, line.Of(Measures.OfLevels[(int)l]), ApiPromise.Minutes(line.Levels.GetValueOrDefault(l)?.Median)))] : null,
        isStaff ? line.Of(Measure.PingPong) : null,
        $"/api{query.Slice(Measure.Opened, isTotal ? null : line).Url}");
}

/// <param name="MedianMinutes">Of working time, like the other.</param>
internal sealed record ApiPromise(int Kept, int Broken, long? MedianMinutes, long? NinetyPercentMinutes)
{
    public static ApiPromise Of(ReportLine line, Measure kept, Measure broken, Spread time) => new(line.Of(kept), line.Of(broken), Minutes(time.Median), Minutes(time.Ninety));

    public static long? Minutes(Duration? time) => time is { } took ? (long)Math.Round(took.TotalMinutes) : null;
}

/// <summary>How many tickets were on a level, and how long: the median of the clock on the wall.</summary>
internal sealed record ApiLevel(Level Level, int Tickets, long? MedianMinutes);

/// <summary>What is open now, by how long ago it was opened.</summary>
internal sealed record ApiBacklog(int Open, int Overdue, int UnderOneDay, int UnderThreeDays, int UnderOneWeek, int UnderOneMonth, int UnderThreeMonths, int Older);
