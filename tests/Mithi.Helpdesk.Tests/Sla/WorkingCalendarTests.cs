using CsCheck;
using Mithi.Helpdesk.Sla;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

public sealed class WorkingCalendarTests
{
    // Half hours, three quarters, a jump of thirty minutes, one at midnight, a date that never was, both hemispheres, none.
    private static readonly string[] Places =
    [
        "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "Europe/Berlin",
        "America/New_York", "America/Sao_Paulo", "Pacific/Chatham", "Africa/Casablanca", "Asia/Tehran", "UTC",
    ];

    private static readonly Gen<LocalWindow> Window =
        from start in Gen.Int[0, 95]
        from length in Gen.Int[1, 96]
        select new LocalWindow(start * 15, Math.Min(start * 15 + length * 15, 48 * 60));

    private static readonly Gen<LocalDate> Date = Gen.Int[0, 4 * 365].Select(d => new LocalDate(2011, 1, 1).PlusDays(d));

    private static readonly Gen<WorkingCalendar> Calendar =
        from place in Gen.Int[0, Places.Length - 1]
        from days in Gen.Select(Gen.Int[1, 7], Window.List[1, 3]).List[1, 6]
        from holidays in Date.List[0, 20]
        from partly in Gen.Select(Date, Window, Window).List[0, 10]
        select new WorkingCalendar(DateTimeZoneProviders.Tzdb[Places[place]],
            days.GroupBy(d => (IsoDayOfWeek)d.Item1).ToDictionary(d => d.Key, d => (IReadOnlyList<LocalWindow>)[.. d.SelectMany(w => w.Item2).Take(5)]),
            [.. holidays.Select(DayException.Holiday).Concat(partly.Select(p => new DayException(p.Item1, [p.Item2], [p.Item3]))).DistinctBy(d => d.Date)]);

    private static readonly Gen<Instant> At = Gen.Long[0, 3L * 365 * 86_400].Select(s => Instant.FromUtc(2011, 1, 1, 0, 0) + Duration.FromSeconds(s));

    private static readonly Gen<Duration> Target = Gen.Long[1, 40L * 3_600].Select(Duration.FromSeconds);

    [Fact]
    public void What_is_elapsed_at_the_due_time_is_the_target()
        => Gen.Select(Calendar, At, Target).Sample((calendar, start, target) =>
        {
            if (calendar.Due(start, target) is not { } due) return calendar.Next(start) is null || calendar.Next(start + Duration.FromDays(800)) is null;
            return calendar.Elapsed(start, due) == target && calendar.Elapsed(start, due - Duration.FromSeconds(1)) < target;
        }, iter: 2_000);

    [Fact]
    public void Elapsed_time_adds_up_over_a_split()
        => Gen.Select(Calendar, At, Gen.Long[0, 60L * 86_400], Gen.Long[0, 60L * 86_400]).Sample((calendar, from, first, second) =>
        {
            var middle = from + Duration.FromSeconds(first);
            var to = middle + Duration.FromSeconds(second);
            return calendar.Elapsed(from, middle) + calendar.Elapsed(middle, to) == calendar.Elapsed(from, to);
        }, iter: 1_000);

    [Fact]
    public void A_walk_minute_by_minute_with_the_predicate_agrees()
        => Gen.Select(Calendar, At, Gen.Int[1, 4 * 1_440]).Sample((calendar, at, minutes) =>
        {
            var from = Instant.FromUnixTimeSeconds(at.ToUnixTimeSeconds() / 60 * 60);
            var open = 0;
            for (var i = 0; i < minutes; i++) if (calendar.IsOpen(from + Duration.FromMinutes(i))) open++;
            return calendar.Elapsed(from, from + Duration.FromMinutes(minutes)) == Duration.FromMinutes(open);
        }, iter: 1_000);

    [Fact]
    public void Removing_a_holiday_never_makes_anything_due_later()
        => Gen.Select(Calendar, At, Target).Sample((calendar, start, target) =>
        {
            var without = new WorkingCalendar(calendar.Zone, calendar.Windows, [.. calendar.Exceptions.Where(e => e.Open.Count > 0)]);
            return without.Due(start, target) is not { } free || calendar.Due(start, target) is not { } due || free <= due;
        }, iter: 1_000);

    [Fact]
    public void A_calendar_survives_being_written_and_read()
        => Gen.Select(Calendar, At).Sample((calendar, at) =>
        {
            var again = CalendarJson.Read(CalendarJson.Write(calendar));
            return again.Elapsed(at, at + Duration.FromDays(90)) == calendar.Elapsed(at, at + Duration.FromDays(90));
        }, iter: 300);

    [Fact]
    public void A_calendar_that_never_opens_has_no_due_time_and_ends_at_once()
    {
        var never = CalendarJson.Read("""{"time_zone": "UTC", "week": {}}""");
        var start = Instant.FromUtc(2026, 1, 5, 9, 0);
        Assert.Null(never.Next(start));
        Assert.Null(never.Due(start, Duration.FromHours(1)));
        var clock = new SlaClock(start, [new(start, never, Duration.FromHours(1))], [], null);
        Assert.Null(clock.DueAt);
        Assert.True(clock.IsMisconfigured);
        Assert.Equal(Duration.Zero, clock.Elapsed(start + Duration.FromDays(1_000)));
    }

    [Fact]
    public void A_calendar_with_one_minute_every_four_hundred_days_still_counts()
    {
        var rare = CalendarJson.Read("""
            {"time_zone": "UTC", "week": {}, "extra_open": {"2026-06-01": [["10:00", "10:01"]], "2027-07-05": [["10:00", "10:01"]]}}
            """);
        Assert.Equal(Instant.FromUtc(2027, 7, 5, 10, 1), rare.Due(Instant.FromUtc(2026, 5, 1, 0, 0), Duration.FromMinutes(2)));
    }

    [Fact]
    public void Extra_hours_run_into_the_next_day_unless_that_is_closed()
    {
        var night = CalendarJson.Read("""
            {"time_zone": "UTC", "week": {}, "holidays": ["2026-06-04"],
             "extra_open": {"2026-06-01": [["22:00", "26:00"]], "2026-06-03": [["22:00", "26:00"]]}}
            """);
        Assert.Equal(Duration.FromHours(4), night.Elapsed(Instant.FromUtc(2026, 6, 1, 0, 0), Instant.FromUtc(2026, 6, 3, 0, 0)));
        Assert.Equal(Duration.FromHours(2), night.Elapsed(Instant.FromUtc(2026, 6, 3, 0, 0), Instant.FromUtc(2026, 6, 6, 0, 0)));
    }

    [Theory]
    [InlineData("""{"time_zone": "Asia/Nowhere", "week": {}}""", CalendarFault.NoSuchZone)]
    [InlineData("""{"time_zone": "UTC", "week": {"mon": [["20:00", "08:00"]]}}""", CalendarFault.BadWindow)]
    [InlineData("""{"time_zone": "UTC", "week": {"mon": [["08:00", "49:00"]]}}""", CalendarFault.BadWindow)]
    [InlineData("""{"time_zone": "UTC", "week": {"mon": [["8:00", "20:00"]]}}""", CalendarFault.BadWindow)]
    [InlineData("""{"time_zone": "UTC", "week": {"mon": [["08:60", "20:00"]]}}""", CalendarFault.BadWindow)]
    [InlineData("""{"time_zone": "UTC", "week": {"mon": [["08:00"]]}}""", CalendarFault.NotReadable)]
    [InlineData("""{"time_zone": "UTC", "week": {"monday": []}}""", CalendarFault.BadDate)]
    [InlineData("""{"time_zone": "UTC", "week": {}, "holidays": ["2026-02-30"]}""", CalendarFault.BadDate)]
    [InlineData("""{"time_zone": "UTC"}""", CalendarFault.NotReadable)]
    [InlineData("""[]""", CalendarFault.NotReadable)]
    [InlineData("""{"time_zone": "UTC", "week": {""", CalendarFault.NotReadable)]
    public void A_broken_calendar_is_refused_with_its_fault(string json, CalendarFault fault)
        => Assert.Equal(fault, Assert.Throws<CalendarException>(() => CalendarJson.Read(json)).Fault);
}
