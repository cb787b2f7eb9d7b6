using System.Collections.Concurrent;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>When work is promised: a zone, weekly windows in its wall time, and days that differ.</summary>
/// <remarks>
/// An instant is open if its wall time lies in a window of an open date; everything else follows. The UTC line is walked
/// by stretches of one offset, so missing hours are never open and repeated ones are open in both passes.
/// </remarks>
public sealed class WorkingCalendar
{
    // By day of the week, Monday at 1: what is open on such a date, the day before's windows past midnight included.
    private readonly LocalWindow[][] week = new LocalWindow[8][];
    private readonly Dictionary<LocalDate, LocalWindow[]> days = [];

    // A month of the line at a time, worked out once: a hundred thousand clocks walk the same weeks.
    private const long BlockSeconds = 32 * 86_400;
    private readonly ConcurrentDictionary<int, Span[]> blocks = [];

    /// <param name="zone">Where the wall is on which the clock hangs.</param>
    /// <param name="windows">By day of the week; a day that is missing is closed.</param>
    /// <exception cref="CalendarException">Too many windows or days, or two entries for one date.</exception>
    public WorkingCalendar(DateTimeZone zone, IReadOnlyDictionary<IsoDayOfWeek, IReadOnlyList<LocalWindow>> windows,
        IReadOnlyList<DayException> exceptions)
    {
        if (windows.Values.Any(w => w.Count > Limits.WindowsPerDayMax) || exceptions.Count > Limits.CalendarExceptionsMax)
            throw new CalendarException(CalendarFault.TooMany, "The calendar has more windows or days than any can need.");
        Zone = zone;
        Windows = windows;
        Exceptions = exceptions;
        for (var day = IsoDayOfWeek.Monday; day <= IsoDayOfWeek.Sunday; day++)
        {
            var before = day == IsoDayOfWeek.Monday ? IsoDayOfWeek.Sunday : day - 1;
            week[(int)day] = Union([.. Of(windows, day).Select(w => (w.StartMinute, Math.Min(w.EndMinute, LocalWindow.DayMinutes))),
                .. Of(windows, before).Where(w => w.EndMinute > LocalWindow.DayMinutes).Select(w => (0, w.EndMinute - LocalWindow.DayMinutes))]);
        }
        var late = exceptions.SelectMany(e => e.Open.Where(w => w.EndMinute > LocalWindow.DayMinutes)
            .Select(w => (Next: e.Date.PlusDays(1), Until: w.EndMinute - LocalWindow.DayMinutes))).ToLookup(w => w.Next, w => w.Until);
        foreach (var exception in exceptions)
            if (!days.TryAdd(exception.Date, DayOf(exception, late[exception.Date])))
                throw new CalendarException(CalendarFault.BadDate, $"{exception.Date:uuuu-MM-dd} is in the calendar twice.");
        foreach (var after in late) days.TryAdd(after.Key, DayOf(new(after.Key, [], []), after));
    }

    public DateTimeZone Zone { get; }

    public IReadOnlyDictionary<IsoDayOfWeek, IReadOnlyList<LocalWindow>> Windows { get; }

    public IReadOnlyList<DayException> Exceptions { get; }

    /// <summary>Open without a break, for ever.</summary>
    public static WorkingCalendar Always(DateTimeZone zone) => new(zone, Enum.GetValues<IsoDayOfWeek>()
        .Where(d => d != IsoDayOfWeek.None).ToDictionary(d => d, _ => (IReadOnlyList<LocalWindow>)[LocalWindow.Day]), []);

    /// <summary>The one rule: the wall time lies in a window of an open date.</summary>
    public bool IsOpen(Instant at)
    {
        var local = at.InZone(Zone).LocalDateTime;
        var tick = local.TimeOfDay.TickOfDay;
        return OpenOn(local.Date).Any(w => tick >= w.StartMinute * NodaConstants.TicksPerMinute
            && tick < w.EndMinute * NodaConstants.TicksPerMinute);
    }

    /// <summary>The rest of the open time that <paramref name="at"/> lies in, or the next; it ends at latest at the day's end.</summary>
    /// <returns>Null when none begins within 400 days: a mistake in the calendar.</returns>
    public Span? Next(Instant at)
    {
        var limit = at + Limits.ClosedMax;
        for (var index = Block(at); index <= Block(limit); index++)
        {
            // Within a block by halves: the first that ends later.
            var spans = blocks.GetOrAdd(index, MakeBlock);
            var (low, high) = (0, spans.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (spans[middle].End > at) high = middle;
                else low = middle + 1;
            }
            if (low < spans.Length) return spans[low].Start >= limit ? null : new(Instant.Max(spans[low].Start, at), spans[low].End);
        }
        return null;
    }

    private static int Block(Instant at) => (int)Math.Floor(at.ToUnixTimeSeconds() / (double)BlockSeconds);

    /// <summary>What is open in a stretch of days; the last may end after it.</summary>
    private Span[] MakeBlock(int index)
    {
        var (from, until) = (Instant.FromUnixTimeSeconds(index * BlockSeconds), Instant.FromUnixTimeSeconds((index + 1) * BlockSeconds));
        var spans = new List<Span>();
        while (from < until && Walk(from) is { } span && span.Start < until)
        {
            spans.Add(span);
            from = span.End;
        }
        return [.. spans];
    }

    private Span? Walk(Instant at)
    {
        for (var (from, limit) = (at, at + Limits.ClosedMax); from < limit;)
        {
            var stretch = Zone.GetZoneInterval(from);
            var end = stretch.HasEnd ? Instant.Min(stretch.End, limit) : limit;
            if (NextWithin(from, end, stretch) is { } found) return found;
            from = end;
        }
        return null;
    }

    /// <summary>How much of <c>[from, to)</c> is open. Zero when <paramref name="to"/> is not later.</summary>
    public Duration Elapsed(Instant from, Instant to)
    {
        var sum = Duration.Zero;
        while (from < to && Next(from) is { } span && span.Start < to)
        {
            sum += Instant.Min(span.End, to) - span.Start;
            from = span.End;
        }
        return sum;
    }

    /// <summary>The earliest instant by which <paramref name="target"/> of open time has passed; null when the calendar never opens.</summary>
    public Instant? Due(Instant start, Duration target)
    {
        if (target <= Duration.Zero) return start;
        for (var (at, left) = (start, target); Next(at) is { } span; at = span.End)
        {
            if (span.Length >= left) return span.Start + left;
            left -= span.Length;
        }
        return null;
    }

    private Span? NextWithin(Instant from, Instant end, NodaTime.TimeZones.ZoneInterval stretch)
    {
        var offset = stretch.WallOffset;
        for (var date = from.WithOffset(offset).Date; ; date = date.PlusDays(1))
        {
            var midnight = date.AtMidnight().WithOffset(offset).ToInstant();
            if (midnight >= end) return null;
            foreach (var window in OpenOn(date))
            {
                var start = Instant.Max(midnight + Duration.FromMinutes(window.StartMinute), from);
                // A window that another offset continues is cut here and goes on in the next stretch; a limit cuts nothing.
                var stop = midnight + Duration.FromMinutes(window.EndMinute);
                if (stretch.HasEnd) stop = Instant.Min(stop, stretch.End);
                if (start < stop && start < end) return new(start, stop);
            }
        }
    }

    private LocalWindow[] OpenOn(LocalDate date) => days.TryGetValue(date, out var day) ? day : week[(int)date.DayOfWeek];

    // What the day before runs on with is closed with the day; what the day itself opens is not.
    private LocalWindow[] DayOf(DayException exception, IEnumerable<int> before)
    {
        var open = week[(int)exception.Date.DayOfWeek].Select(w => (w.StartMinute, w.EndMinute)).Concat(before.Select(until => (0, until))).ToList();
        foreach (var closed in exception.Closed)
            open = [.. open.SelectMany<(int Start, int End), (int Start, int End)>(w =>
                [(w.Start, Math.Min(w.End, closed.StartMinute)), (Math.Max(w.Start, closed.EndMinute), w.End)]).Where(w => w.Start < w.End)];
        open.AddRange(exception.Open.Select(w => (w.StartMinute, Math.Min(w.EndMinute, LocalWindow.DayMinutes))));
        return Union(open);
    }

    private static IReadOnlyList<LocalWindow> Of(IReadOnlyDictionary<IsoDayOfWeek, IReadOnlyList<LocalWindow>> windows, IsoDayOfWeek day)
        => windows.TryGetValue(day, out var found) ? found : [];

    private static LocalWindow[] Union(List<(int Start, int End)> windows)
    {
        var merged = new List<(int Start, int End)>();
        foreach (var window in windows.Order())
            if (merged.Count > 0 && window.Start <= merged[^1].End) merged[^1] = (merged[^1].Start, Math.Max(merged[^1].End, window.End));
            else merged.Add(window);
        return [.. merged.Select(w => new LocalWindow(w.Start, w.End))];
    }
}
