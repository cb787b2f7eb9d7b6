using Mithi.Cli;

namespace Mithi.Helpdesk.Sla;

/// <summary>A stretch of wall time of a day, <c>[start, end)</c>, in minutes since the day's 00:00.</summary>
/// <remarks>End 24:00 is the next midnight; an end above it runs into the next day, such as 22:00 to 30:00.</remarks>
public readonly record struct LocalWindow : IComparable<LocalWindow>
{
    public const int DayMinutes = 24 * 60;

    public LocalWindow(int startMinute, int endMinute)
    {
        Check.That(startMinute is >= 0 and < DayMinutes);
        Check.That(endMinute > startMinute && endMinute <= Limits.WindowEndMinutesMax);
        (StartMinute, EndMinute) = (startMinute, endMinute);
    }

    public int StartMinute { get; }

    public int EndMinute { get; }

    /// <summary>The whole day.</summary>
    public static LocalWindow Day { get; } = new(0, DayMinutes);

    /// <summary>Reads <c>08:00</c> and <c>20:00</c>.</summary>
    /// <exception cref="CalendarException">Not times, or no stretch of time.</exception>
    public static LocalWindow Parse(string start, string end)
    {
        var (from, until) = (Minutes(start), Minutes(end));
        if (from >= DayMinutes || until <= from || until > Limits.WindowEndMinutesMax)
            throw new CalendarException(CalendarFault.BadWindow, $"{start} to {end} is not a stretch of a day.");
        return new(from, until);
    }

    public int CompareTo(LocalWindow other) => (StartMinute, EndMinute).CompareTo((other.StartMinute, other.EndMinute));

    public override string ToString() => $"{Text(StartMinute)}-{Text(EndMinute)}";

    public static bool operator <(LocalWindow left, LocalWindow right) => left.CompareTo(right) < 0;
    public static bool operator >(LocalWindow left, LocalWindow right) => left.CompareTo(right) > 0;
    public static bool operator <=(LocalWindow left, LocalWindow right) => left.CompareTo(right) <= 0;
    public static bool operator >=(LocalWindow left, LocalWindow right) => left.CompareTo(right) >= 0;

    internal static string Text(int minutes) => $"{minutes / 60:00}:{minutes % 60:00}";

    private static int Minutes(string text)
        => text is [>= '0' and <= '9', >= '0' and <= '9', ':', >= '0' and <= '5', >= '0' and <= '9']
            ? ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0'
            : throw new CalendarException(CalendarFault.BadWindow, $"'{text}' is not a time of day like 08:00.");
}
