using System.Text;
using Mithi.Kernel.Web;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Helpdesk.Sla;

/// <summary>How a clock was counted, for a spreadsheet. English and in UTC beside the reader's zone: it is evidence.</summary>
internal static class ClockCsv
{
    public static string Write(SlaClock clock, Instant now, DateTimeZone zone)
    {
        var text = new StringBuilder("from_utc,until_utc,from_local,until_local,seconds,counted,reason\r\n");
        foreach (var line in clock.Explain(now))
            text.Append(InstantPattern.General.Format(line.Span.Start)).Append(',').Append(InstantPattern.General.Format(line.Span.End)).Append(',')
                .Append(ReaderTime.Text(line.Span.Start, zone)).Append(',').Append(ReaderTime.Text(line.Span.End, zone)).Append(',')
                .Append((long)line.Span.Length.TotalSeconds).Append(',').Append(line.Counted ? "yes" : "no").Append(',').Append(line.Reason).Append("\r\n");
        return text.ToString();
    }
}
