using Microsoft.AspNetCore.Http;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Helpdesk.Reports;

/// <summary>Which days a report is about.</summary>
public enum PeriodKind { Week, Month, Quarter, Custom }

/// <summary>Whole days in the zone of who reads.</summary>
/// <param name="Last">It counts through its last moment.</param>
public sealed record ReportPeriod(PeriodKind Kind, LocalDate First, LocalDate Last)
{
    /// <summary>Null when days are asked for that make no period.</summary>
    public static ReportPeriod? Read(IQueryCollection query, LocalDate today) => query["period"].ToString().ToLowerInvariant() switch
    {
        "week" => Of(PeriodKind.Week, today),
        "quarter" => Of(PeriodKind.Quarter, today),
        "custom" => Read(query["from"].ToString(), query["until"].ToString()),
        _ => Of(PeriodKind.Month, today),
    };

    /// <summary>Days that somebody chose; null when they make no period.</summary>
    public static ReportPeriod? Read(string from, string until)
        => LocalDatePattern.Iso.Parse(from) is { Success: true, Value: var first } && LocalDatePattern.Iso.Parse(until) is { Success: true, Value: var last }
            && first.Year is >= 1990 and < 2200 && first <= last && Period.DaysBetween(first, last) < Limits.ReportDaysMax ? new(PeriodKind.Custom, first, last) : null;

    /// <summary>The week, month or quarter that a day is in.</summary>
    public static ReportPeriod Of(PeriodKind kind, LocalDate today)
    {
        var month = new LocalDate(today.Year, kind == PeriodKind.Quarter ? (today.Month - 1) / 3 * 3 + 1 : today.Month, 1);
        return kind switch
        {
            PeriodKind.Week => new(kind, today.PlusDays(1 - (int)today.DayOfWeek), today.PlusDays(7 - (int)today.DayOfWeek)),
            PeriodKind.Quarter => new(kind, month, month.PlusMonths(3).PlusDays(-1)),
            _ => new(PeriodKind.Month, month, month.PlusMonths(1).PlusDays(-1)),
        };
    }

    /// <summary>As it is, day for day, under addresses that mean the same tomorrow.</summary>
    public string From => LocalDatePattern.Iso.Format(First);

    public string Until => LocalDatePattern.Iso.Format(Last);

    public Instant Start(DateTimeZone zone) => zone.AtStartOfDay(First).ToInstant();

    /// <summary>The first moment after it.</summary>
    public Instant End(DateTimeZone zone) => zone.AtStartOfDay(Last.PlusDays(1)).ToInstant();
}
