using System.Globalization;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using NodaTime;

namespace Mithi.Helpdesk.Reports;

/// <summary>A table of a report, for the page and for a spreadsheet alike.</summary>
/// <param name="Id">In addresses.</param>
/// <param name="Title">An English key, like the hint and the columns.</param>
/// <param name="Rows">The first is of all tickets.</param>
public sealed record ReportTable(string Id, string Title, string Hint, IReadOnlyList<string> Columns, IReadOnlyList<ReportRow> Rows)
{
    /// <summary>All tables of a report.</summary>
    /// <param name="isStaff">Levels are for staff.</param>
    public static IReadOnlyList<ReportTable> Of(Report report, ReportQuery query, bool isStaff)
    {
        return
        [
            Promise("first-response", TicketNames.Of(ClockKind.FirstResponse), "Of the tickets opened in these days. What is overdue is broken, answered or not.",
                Measure.ResponseKept, Measure.ResponseBroken, l => l.Response),
            Promise("next-response", TicketNames.Of(ClockKind.NextResponse), "Tickets opened in these days to which the customer wrote again. Kept: every later answer was in time. The time is the longest wait of each ticket.",
                Measure.NextKept, Measure.NextBroken, l => l.Next),
            Promise("resolution", TicketNames.Of(ClockKind.Resolution), "Of the tickets resolved in these days that still are.",
                Measure.ResolutionKept, Measure.ResolutionBroken, l => l.Resolution),
            Make("outcome", "Outcome", "Came back: of the tickets opened in these days that were resolved once. Opinions: of the tickets resolved in these days.",
                ["Opened", "Resolved", "Came back", "Came back, %", "Solved well", "Not solved well", "Solved well, %"],
                l => [Count(l, Measure.Opened), Count(l, Measure.Resolved), Count(l, Measure.Reopened), Share(l.Of(Measure.Reopened), l.Of(Measure.Ended), Slice(l, Measure.Ended)),
                    Count(l, Measure.RatedGood), Count(l, Measure.RatedBad), Share(l.Share(Measure.RatedGood, Measure.RatedBad))]),
            .. isStaff ? [Make("levels", "Levels", "Of the tickets resolved in these days: which levels had them, and how long by the clock on the wall while they were open.",
                [.. Enum.GetValues<Level>().SelectMany(l => new[] { TicketNames.Of(l), "Half took at most" }), "Back on a level"],
                l => [.. Enum.GetValues<Level>().SelectMany(level => new[] { Count(l, Measures.OfLevels[(int)level]), Time(l.Levels.GetValueOrDefault(level)?.Median) }),
                    Count(l, Measure.PingPong)])] : Array.Empty<ReportTable>(),
            Make("backlog", "Open now", "Everything that is open at this moment, by how long ago it was opened.",
                ["Open", "Overdue", .. Measures.Ages.Select(ReportNames.Of)], l => [.. Measures.OfBacklog.Select(m => Count(l, m))]),
        ];

        ReportTable Promise(string id, string title, string hint, Measure kept, Measure broken, Func<ReportLine, Spread> time) => Make(id, title, hint,
            ["Kept", "Broken", "Kept, %", "Half took at most", "Nine of ten took at most"],
            l => [Count(l, kept), Count(l, broken), Share(l.Share(kept, broken)), Time(time(l).Median), Time(time(l).Ninety)]);

        ReportTable Make(string id, string title, string hint, IReadOnlyList<string> columns, Func<ReportLine, IReadOnlyList<ReportCell>> cells)
            => new(id, title, hint, columns, [new(report.Total, true, cells(report.Total)), .. report.Lines.Select(l => new ReportRow(l, false, cells(l)))]);

        ReportCell Count(ReportLine line, Measure measure) => new($"{line.Of(measure)}", $"{line.Of(measure)}", line.Of(measure) > 0 ? Slice(line, measure) : null);

        string Slice(ReportLine line, Measure measure) => query.Slice(measure, line == report.Total ? null : line).Url;
    }

    private static ReportCell Share(int? percent) => percent is { } of ? new($"{of} %", $"{of}", null) : new("", "", null);

    private static ReportCell Share(int part, int all, string url) => all > 0 ? new($"{(int)(100L * part / all)} %", $"{(int)(100L * part / all)}", url) : new("", "", null);

    private static ReportCell Time(Duration? time)
        => time is { } took ? new(TicketNames.Hours(took), took.TotalMinutes.ToString("0", CultureInfo.InvariantCulture), null) : new("", "", null);
}

/// <param name="IsTotal">Of all tickets together.</param>
public sealed record ReportRow(ReportLine Line, bool IsTotal, IReadOnlyList<ReportCell> Cells);

/// <param name="Text">As people read it.</param>
/// <param name="Plain">As a spreadsheet does: percent and minutes as numbers.</param>
/// <param name="Url">The list behind it; null: there is none.</param>
public sealed record ReportCell(string Text, string Plain, string? Url);
