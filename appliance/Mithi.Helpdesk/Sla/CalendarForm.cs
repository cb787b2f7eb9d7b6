using Microsoft.AspNetCore.Http;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Helpdesk.Sla;

/// <summary>What the page of a calendar says, as it was typed.</summary>
/// <param name="Days">Monday first, each like <c>08:00-12:30, 13:30-20:00</c>; empty: closed.</param>
/// <param name="Exceptions">A date a line, like <c>2026-12-24 closed 14:00-24:00</c> or <c>2026-12-27 open 10:00-14:00</c>.</param>
/// <param name="From">From when on it holds, in its own zone; empty: from now on.</param>
/// <param name="Since">For the question what would change: as if it had held since this day.</param>
/// <param name="Version">The newest when the form was shown.</param>
public sealed record CalendarForm(string Zone, IReadOnlyList<string> Days, string Exceptions, string From, string Since, int Version)
{
    public static readonly IReadOnlyList<string> DayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly LocalDateTimePattern Minute = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm");

    public static CalendarForm Of(WorkingCalendar calendar, int version, Instant now) => new(calendar.Zone.Id,
        [.. Enumerable.Range(1, 7).Select(d => Text(calendar.Windows.GetValueOrDefault((IsoDayOfWeek)d, [])))],
        string.Join('\n', calendar.Exceptions.OrderBy(e => e.Date).Select(Line)), "",
        LocalDatePattern.Iso.Format((now - Limits.WhatIfBack).InZone(calendar.Zone).Date), version);

    /// <summary>The form, and the calendar when all of it can be one.</summary>
    public static (CalendarForm Form, WorkingCalendar? Calendar, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new CalendarForm(fields.Line("zone"), [.. DayNames.Select((_, i) => fields.Line($"day{i + 1}"))],
            fields.Raw("exceptions").Replace("\r\n", "\n").Replace("\0", ""), fields.Line("from"), fields.Line("since"),
            int.TryParse(fields.Line("version"), out var version) ? version : 0);
        var errors = new FormErrors();
        var zone = Zones.Find(form.Zone);
        if (zone is null) errors.Add("zone", "Choose a time zone from the list.");
        var week = new Dictionary<IsoDayOfWeek, IReadOnlyList<LocalWindow>>();
        for (var i = 0; i < DayNames.Count; i++)
            if (Windows(form.Days[i].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) is { } windows) week[(IsoDayOfWeek)(i + 1)] = windows;
            else errors.Add($"day{i + 1}", "Write times like 08:00-12:30, 13:30-20:00.");
        var exceptions = new List<DayException>();
        foreach (var line in form.Exceptions.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (Exception(line) is { } exception && exceptions.Count <= Limits.CalendarExceptionsMax) exceptions.Add(exception);
            else errors.Add("exceptions", "Write a date a line, like 2026-12-25 closed, or 2026-12-24 closed 14:00-24:00, or 2026-12-27 open 10:00-14:00.");
        if (errors.Any) return (form, null, errors);
        try
        {
            return (form, new WorkingCalendar(zone!, week, exceptions), errors);
        }
        catch (CalendarException e)
        {
            return (form, null, errors.Add(e.Fault == CalendarFault.BadDate ? "exceptions" : "", e.Fault == CalendarFault.BadDate
                ? "A date is in it twice. Write all that differs on one line." : "The calendar has more windows or days than any can need."));
        }
    }

    /// <summary>From when on it is to hold.</summary>
    public static Instant ReadFrom(string text, DateTimeZone zone, Instant now, FormErrors errors)
    {
        if (text.Length == 0) return now;
        if (Minute.Parse(text) is not { Success: true } parsed || parsed.Value.Year is < 2000 or > 2200) errors.Add("from", "Give a day and a time.");
        else if (zone.AtLeniently(parsed.Value).ToInstant() is var from && from >= now) return from;
        else errors.Add("from", "This is past, and what was promised stays as it was. Leave it empty for now.");
        return now;
    }

    /// <summary>Since when the question is asked.</summary>
    public static Instant ReadSince(string text, DateTimeZone zone, Instant now, FormErrors errors)
    {
        if (LocalDatePattern.Iso.Parse(text) is { Success: true } day && day.Value.Year is >= 2000 and <= 2200
            && zone.AtStartOfDay(day.Value).ToInstant() is var since && since <= now) return since;
        errors.Add("since", "Give a day that is past.");
        return now;
    }

    public static string Text(IReadOnlyList<LocalWindow> windows) => string.Join(", ", windows.Order());

    public static string Line(DayException day) => LocalDatePattern.Iso.Format(day.Date)
        + (day.Closed.Count == 0 ? "" : day.Closed is [var whole] && whole == LocalWindow.Day ? " closed" : $" closed {Text(day.Closed)}")
        + (day.Open.Count == 0 ? "" : $" open {Text(day.Open)}");

    private static DayException? Exception(string line)
    {
        var words = line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || LocalDatePattern.Iso.Parse(words[0]) is not { Success: true } date) return null;
        var (isClosed, isOpen) = (Array.IndexOf(words, "closed"), Array.IndexOf(words, "open"));
        if (Math.Max(isClosed, isOpen) < 1 || isClosed > 1 || (isClosed != 1 && isOpen != 1) || (isOpen > 0 && isOpen == words.Length - 1)) return null;
        var closed = isClosed < 0 ? [] : Windows(words[(isClosed + 1)..(isOpen < 0 ? words.Length : isOpen)]);
        var open = isOpen < 0 ? [] : Windows(words[(isOpen + 1)..]);
        if (closed is null || open is null) return null;
        return new(date.Value, isClosed == 1 && closed.Count == 0 ? [LocalWindow.Day] : closed, open);
    }

    /// <summary>Null when one of them is no stretch of a day.</summary>
    private static IReadOnlyList<LocalWindow>? Windows(string[] texts)
    {
        try
        {
            return [.. texts.Select(t => t.Split(['-', '–'], StringSplitOptions.TrimEntries) is [var start, var end]
                ? LocalWindow.Parse(start, end) : throw new CalendarException(CalendarFault.BadWindow, t))];
        }
        catch (CalendarException)
        {
            return null;
        }
    }
}
