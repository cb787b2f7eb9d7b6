using CsCheck;
using Mithi.Helpdesk.Sla;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

/// <summary>What is true of every calendar, whatever is in it: specification helpdesk, section 3.</summary>
public sealed class CalendarPropertyTests
{
    // Half and quarter hours, changes at midnight and by half an hour, a day that was left out, and both hemispheres.
    private static readonly string[] Names =
    [
        "Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "Africa/Cairo",
        "Asia/Tehran", "America/St_Johns", "Pacific/Chatham", "Europe/London", "Asia/Tokyo", "Asia/Gaza", "America/Havana", "Asia/Beirut", "Africa/Casablanca",
        "Antarctica/Troll", "America/Santiago", "Australia/Adelaide", "Asia/Pyongyang", "Asia/Amman", "Europe/Lisbon", "Europe/Moscow", "America/Caracas",
        "Asia/Colombo", "Pacific/Kiritimati", "Atlantic/Azores", "America/Asuncion", "UTC",
    ];

    private static readonly Gen<Instant> Moment = Gen.Long[Instant.FromUtc(2010, 1, 1, 0, 0).ToUnixTimeSeconds(), Instant.FromUtc(2027, 1, 1, 0, 0).ToUnixTimeSeconds()]
        .Select(Instant.FromUnixTimeSeconds);

    private static readonly Gen<LocalWindow> Window = Gen.Select(Gen.Int[0, 1_439], Gen.Int[1, 900], (start, length) => new LocalWindow(start, start + length));

    /// <summary>A calendar whose days that differ lie around a moment, where the zone may also change its offset.</summary>
    private static readonly Gen<(Instant At, WorkingCalendar Calendar)> Somewhere = Gen.Select(Gen.Int[0, Names.Length - 1], Moment, Gen.Bool, Window.Array[0, 3].Array[7], Gen.Select(
        Gen.Int[-2, 4], Window.Array[0, 2], Window.Array[0, 2], Gen.Bool).Array[0, 3], (place, any, near, week, exceptions) =>
    {
        var zone = DateTimeZoneProviders.Tzdb[Names[place]];
        var change = zone.GetZoneInterval(any);
        var at = near && change.HasEnd && change.End < Instant.FromUtc(2037, 1, 1, 0, 0) ? change.End - Duration.FromHours(30) : any;
        var date = at.InZone(zone).Date;
        return (at, new WorkingCalendar(zone, week.Select((w, i) => (i, w)).ToDictionary(d => (IsoDayOfWeek)(d.i + 1), d => (IReadOnlyList<LocalWindow>)d.w),
            [.. exceptions.DistinctBy(e => e.Item1).Select(e => new DayException(date.PlusDays(e.Item1), e.Item4 ? [LocalWindow.Day] : e.Item2, e.Item3))]));
    });

    [Fact]
    public void A_walk_by_the_minute_agrees_in_thirty_zones()
        => Gen.Select(Somewhere, Gen.Int[1, 3_000]).Sample((where, minutes) =>
        {
            var (at, calendar) = where;
            var start = Instant.FromUnixTimeSeconds(at.ToUnixTimeSeconds() / 60 * 60);
            var walked = 0;
            for (var i = 0; i < minutes; i++)
                if (calendar.IsOpen(start + Duration.FromMinutes(i))) walked++;
            Assert.Equal(Duration.FromMinutes(walked), calendar.Elapsed(start, start + Duration.FromMinutes(minutes)));
        }, iter: 10_000);

    [Fact]
    public void Until_it_is_due_the_target_has_passed_and_not_a_second_before()
        => Gen.Select(Somewhere, Gen.Long[1, 200_000]).Sample((where, seconds) =>
        {
            var (start, calendar) = where;
            var target = Duration.FromSeconds(seconds);
            if (calendar.Due(start, target) is not { } due) return;
            Assert.Equal(target, calendar.Elapsed(start, due));
            Assert.True(calendar.Elapsed(start, due - Duration.FromSeconds(1)) < target);
        }, iter: 10_000);

    [Fact]
    public void What_has_passed_adds_up_over_a_split()
        => Gen.Select(Somewhere, Gen.Long[0, 900_000], Gen.Long[0, 900_000]).Sample((where, first, second) =>
        {
            var (start, calendar) = where;
            var (middle, end) = (start + Duration.FromSeconds(first), start + Duration.FromSeconds(first + second));
            Assert.Equal(calendar.Elapsed(start, end), calendar.Elapsed(start, middle) + calendar.Elapsed(middle, end));
        }, iter: 10_000);

    [Fact]
    public void Without_a_holiday_nothing_is_due_later()
        => Gen.Select(Somewhere, Gen.Int[0, 5], Gen.Long[1, 200_000]).Sample((where, day, seconds) =>
        {
            var (start, calendar) = where;
            var date = start.InZone(calendar.Zone).Date.PlusDays(day);
            if (calendar.Exceptions.Any(e => e.Date == date)) return;
            var closed = new WorkingCalendar(calendar.Zone, calendar.Windows, [.. calendar.Exceptions, DayException.Holiday(date)]);
            if (closed.Due(start, Duration.FromSeconds(seconds)) is { } with)
                Assert.True(calendar.Due(start, Duration.FromSeconds(seconds)) <= with);
        }, iter: 10_000);

    [Fact]
    public void What_is_written_down_and_typed_again_is_the_same_calendar()
        => Somewhere.Sample(where =>
        {
            var (start, calendar) = where;
            var read = CalendarJson.Read(CalendarJson.Write(calendar));
            Assert.Equal(calendar.Elapsed(start, start + Duration.FromDays(9)), read.Elapsed(start, start + Duration.FromDays(9)));
        }, iter: 1_000);
}
