using System.Globalization;
using Microsoft.AspNetCore.Http;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Helpdesk.Sla;

/// <summary>What is promised to everybody who has agreed nothing else, as it was typed.</summary>
/// <param name="Fields">For each priority and clock the minutes and the calendar's number, such as <c>P1-FirstResponse-minutes</c>.</param>
/// <param name="Version">The newest when the form was shown.</param>
public sealed record PromiseForm(IReadOnlyDictionary<string, string> Fields, bool Retroactive, string From, string Since, long Version)
{
    public static string Minutes(Priority priority, ClockKind clock) => $"{priority}-{clock}-minutes";

    public static string Calendar(Priority priority, ClockKind clock) => $"{priority}-{clock}-calendar";

    internal static PromiseForm Of(ContractVersion standard, long version, Instant now, DateTimeZone zone)
    {
        var fields = new Dictionary<string, string>();
        foreach (var target in standard.Targets)
            (fields[Minutes(target.Priority, target.Clock)], fields[Calendar(target.Priority, target.Clock)])
                = (target.Minutes.ToString(CultureInfo.InvariantCulture), target.CalendarId.ToString(CultureInfo.InvariantCulture));
        return new(fields, standard.Retroactive, "", LocalDatePattern.Iso.Format((now - Limits.WhatIfBack).InZone(zone).Date), version);
    }

    /// <summary>The form, and the promises when all of them can be made.</summary>
    internal static (PromiseForm Form, IReadOnlyList<ContractTarget>? Targets, FormErrors Errors) Read(IFormCollection fields, IReadOnlyList<CalendarName> calendars)
    {
        var typed = new Dictionary<string, string>();
        var (errors, targets) = (new FormErrors(), new List<ContractTarget>());
        foreach (var priority in Enum.GetValues<Priority>())
            foreach (var clock in TicketClocks.Kinds)
            {
                var (minutes, calendar) = (Minutes(priority, clock), Calendar(priority, clock));
                (typed[minutes], typed[calendar]) = (fields.Line(minutes), fields.Line(calendar));
                // Only the next response may be left out.
                if (typed[minutes].Length == 0 && clock == ClockKind.NextResponse) continue;
                if (!int.TryParse(typed[minutes], NumberStyles.None, CultureInfo.InvariantCulture, out var promised) || promised is < 1 || promised > Limits.TargetMax.TotalMinutes)
                    errors.Add(minutes, "Give minutes of working time, more than 0.");
                if (!long.TryParse(typed[calendar], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || calendars.All(c => c.Id != id))
                    errors.Add(calendar, "Choose one of the list.");
                targets.Add(new(0, priority, clock, id, promised));
            }
        var form = new PromiseForm(typed, fields.Flag("retroactive"), fields.Line("from"), fields.Line("since"),
            long.TryParse(fields.Line("version"), out var version) ? version : 0);
        return (form, errors.Any ? null : targets, errors);
    }
}
