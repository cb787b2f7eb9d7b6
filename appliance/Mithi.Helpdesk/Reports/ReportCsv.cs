using System.Text;

namespace Mithi.Helpdesk.Reports;

/// <summary>A table of a report for a spreadsheet: English, percent and minutes as numbers.</summary>
internal static class ReportCsv
{
    public static string Write(ReportTable table, Grouping by)
    {
        var text = new StringBuilder();
        Line([ReportNames.Of(by), .. table.Columns.Select(c => c.EndsWith("at most", StringComparison.Ordinal) ? $"{c}, minutes" : c)]);
        foreach (var row in table.Rows) Line([row.IsTotal ? "All tickets" : row.Line.Name ?? Groupings.Name(by, row.Line.Key) ?? row.Line.Key, .. row.Cells.Select(c => c.Plain)]);
        return text.ToString();

        void Line(IEnumerable<string> cells) => text.AppendJoin(',', cells.Select(Quote)).Append("\r\n");
    }

    /// <summary>RFC 4180. A customer may be called like a formula; a spreadsheet must not reckon with it.</summary>
    private static string Quote(string cell)
    {
        if (cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r') cell = "'" + cell;
        return cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;
    }
}
