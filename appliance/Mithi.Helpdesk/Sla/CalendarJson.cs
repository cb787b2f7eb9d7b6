using System.Text.Json;
using Mithi.Kernel.People;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Helpdesk.Sla;

/// <summary>How a calendar rests in the database and travels between nodes.</summary>
/// <remarks>
/// <c>{"time_zone": "Asia/Kolkata", "week": {"mon": [["08:00", "20:00"]]}, "holidays": ["2026-01-26"],
/// "partial_closures": {"2026-12-24": [["14:00", "24:00"]]}, "extra_open": {"2026-12-27": [["10:00", "14:00"]]}}</c>
/// </remarks>
public static class CalendarJson
{
    private static readonly string[] Days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <exception cref="CalendarException">It is not such a text, or says what no calendar can be.</exception>
    public static WorkingCalendar Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new CalendarException(CalendarFault.NotReadable, "The calendar can't be read.", e);
        }
    }

    /// <inheritdoc cref="Read(string)"/>
    public static WorkingCalendar Read(JsonElement root)
    {
        var name = root.GetProperty("time_zone").GetString();
        var zone = Zones.Find(name) ?? throw new CalendarException(CalendarFault.NoSuchZone, $"There is no time zone '{name}'.");
        var week = new Dictionary<IsoDayOfWeek, IReadOnlyList<LocalWindow>>();
        foreach (var day in root.GetProperty("week").EnumerateObject())
        {
            var index = Array.IndexOf(Days, day.Name);
            if (index < 0) throw new CalendarException(CalendarFault.BadDate, $"'{day.Name}' is not a day of the week.");
            week[IsoDayOfWeek.Monday + index] = WindowsOf(day.Value);
        }
        var closed = Dated(root, "partial_closures");
        var open = Dated(root, "extra_open");
        if (root.TryGetProperty("holidays", out var holidays))
            foreach (var holiday in holidays.EnumerateArray()) closed[DateOf(holiday.GetString()!)] = [LocalWindow.Day];
        return new(zone, week, [.. closed.Keys.Union(open.Keys).Order()
            .Select(date => new DayException(date, closed.GetValueOrDefault(date, []), open.GetValueOrDefault(date, [])))]);
    }

    public static string Write(WorkingCalendar calendar) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["time_zone"] = calendar.Zone.Id,
        ["week"] = calendar.Windows.OrderBy(d => d.Key).ToDictionary(d => Days[(int)d.Key - 1], d => Pairs(d.Value)),
        ["holidays"] = calendar.Exceptions.Where(IsHoliday).Select(e => LocalDatePattern.Iso.Format(e.Date)).ToArray(),
        ["partial_closures"] = calendar.Exceptions.Where(e => e.Closed.Count > 0 && !IsHoliday(e))
            .ToDictionary(e => LocalDatePattern.Iso.Format(e.Date), e => Pairs(e.Closed)),
        ["extra_open"] = calendar.Exceptions.Where(e => e.Open.Count > 0)
            .ToDictionary(e => LocalDatePattern.Iso.Format(e.Date), e => Pairs(e.Open)),
    });

    private static bool IsHoliday(DayException day) => day.Closed is [var whole] && whole == LocalWindow.Day;

    private static string[][] Pairs(IReadOnlyList<LocalWindow> windows)
        => [.. windows.Select(w => new[] { LocalWindow.Text(w.StartMinute), LocalWindow.Text(w.EndMinute) })];

    private static Dictionary<LocalDate, IReadOnlyList<LocalWindow>> Dated(JsonElement root, string name)
        => root.TryGetProperty(name, out var dates)
            ? dates.EnumerateObject().ToDictionary(d => DateOf(d.Name), d => WindowsOf(d.Value)) : [];

    private static IReadOnlyList<LocalWindow> WindowsOf(JsonElement pairs)
        => [.. pairs.EnumerateArray().Select(p => LocalWindow.Parse(p[0].GetString()!, p[1].GetString()!))];

    private static LocalDate DateOf(string text) => LocalDatePattern.Iso.Parse(text) is { Success: true } date
        ? date.Value : throw new CalendarException(CalendarFault.BadDate, $"'{text}' is not a date like 2026-12-24.");
}
