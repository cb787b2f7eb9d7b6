using CsCheck;
using Mithi.Helpdesk.Sla;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

public sealed class SlaClockTests
{
    private static readonly DateTimeZone Kolkata = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    private static readonly WorkingCalendar SixDays = CalendarJson.Read("""
        {"time_zone": "Asia/Kolkata", "week": {"mon": [["08:00", "20:00"]], "tue": [["08:00", "20:00"]], "wed": [["08:00", "20:00"]],
        "thu": [["08:00", "20:00"]], "fri": [["08:00", "20:00"]], "sat": [["08:00", "20:00"]]}}
        """);

    private static readonly WorkingCalendar Always = WorkingCalendar.Always(Kolkata);

    private static readonly Instant Start = At(5, 9);

    [Fact]
    public void A_paused_clock_is_never_due()
    {
        var clock = Clock([new(At(5, 10), null, "Waiting for customer")]);
        Assert.Null(clock.DueAt);
        Assert.Equal(ClockState.Paused, clock.StateAt(At(12, 10)));
        Assert.Equal(Duration.FromHours(1), clock.Elapsed(At(12, 10)));
    }

    [Fact]
    public void A_pause_after_the_breach_does_not_undo_it()
    {
        var clock = Clock([new(At(6, 10), null, "Waiting for customer")]);
        Assert.Equal(At(5, 17), clock.DueAt);
        Assert.Equal(ClockState.Breached, clock.StateAt(At(6, 11)));
    }

    [Fact]
    public void Pauses_that_overlap_count_once()
    {
        var clock = Clock([new(At(5, 10), At(5, 12), "a"), new(At(5, 11), At(5, 13), "b"), new(At(5, 11), At(5, 12), "c")]);
        Assert.Equal(At(6, 8), clock.DueAt!.Value + Duration.FromHours(12));
        Assert.Equal(Duration.FromHours(1), clock.Elapsed(At(5, 13)));
    }

    [Fact]
    public void A_shortened_promise_is_broken_when_it_is_shortened_and_not_before()
    {
        var clock = new SlaClock(Start, [new(Start, SixDays, Duration.FromHours(8)), new(At(5, 15), SixDays, Duration.FromHours(2))], [], null);
        Assert.Equal(At(5, 15), clock.DueAt);
    }

    [Fact]
    public void Retroactively_the_time_before_counts_by_the_new_calendar_but_no_breach_is_put_into_the_past()
    {
        // 18:00 to 20:00 by six days a week, or the whole night.
        ClockTerm[] Terms(bool retroactive, int hours) => [new(At(5, 18), SixDays, Duration.FromHours(8)), new(At(6, 7), Always, Duration.FromHours(hours), retroactive)];
        Assert.Equal(At(6, 15), new SlaClock(At(5, 18), Terms(false, 10), [], null).DueAt);
        Assert.Equal(Duration.FromHours(2), new SlaClock(At(5, 18), Terms(false, 10), [], null).Elapsed(At(6, 7)));
        var back = new SlaClock(At(5, 18), Terms(true, 16), [], null);
        Assert.Equal(At(6, 10), back.DueAt);
        Assert.Equal(Duration.FromHours(14), back.Elapsed(At(6, 8)));
        Assert.Equal(Duration.FromHours(14), back.Explain(At(6, 8)).Where(l => l.Counted).Aggregate(Duration.Zero, (sum, l) => sum + l.Span.Length));
        // Before the change it counts as it was promised then.
        Assert.Equal(Duration.FromHours(2), back.Elapsed(At(6, 6)));
        Assert.Equal(At(6, 7), new SlaClock(At(5, 18), Terms(true, 10), [], null).DueAt);
        // Kept before it changed: it stays as it was.
        Assert.Equal(ClockState.Met, new SlaClock(At(5, 18), Terms(true, 1), [], At(5, 19)).StateAt(At(7, 0)));
    }

    [Fact]
    public void A_breach_that_was_recorded_stays_when_the_promise_is_relaxed()
    {
        var clock = new SlaClock(Start, [new(Start, SixDays, Duration.FromHours(2)), new(At(5, 15), SixDays, Duration.FromHours(80))], [], null);
        Assert.Equal(At(5, 11), clock.DueAt);
        Assert.Equal(ClockState.Breached, clock.StateAt(At(5, 16)));
    }

    [Fact]
    public void A_stopped_clock_keeps_its_due_time_and_verdict_whatever_changes_later()
    {
        var later = new SlaClock(Start, [new(Start, SixDays, Duration.FromHours(8)), new(At(5, 18), Always, Duration.FromHours(1))],
            [new(At(5, 18), null, "Waiting for customer")], At(5, 17));
        Assert.Equal(At(5, 17), later.DueAt);
        Assert.Equal(ClockState.Met, later.StateAt(At(9, 12)));
        Assert.Equal(Duration.FromHours(8), later.Elapsed(At(9, 12)));
    }

    [Fact]
    public void The_explanation_has_no_gap_and_adds_up_to_the_elapsed_time()
    {
        var instant = Gen.Long[0, 30L * 86_400].Select(s => Start + Duration.FromSeconds(s));
        var pause = Gen.Select(instant, Gen.Long[0, 3L * 86_400], Gen.Bool)
            .Select((from, length, open) => new Pause(from, open ? null : from + Duration.FromSeconds(length), "Paused"));
        var term = Gen.Select(instant, Gen.Bool, Gen.Long[1, 90_000], Gen.Bool)
            .Select((from, always, target, back) => new ClockTerm(from, always ? Always : SixDays, Duration.FromSeconds(target), back));
        Gen.Select(term.Array[0, 4], pause.Array[0, 6], instant, instant, Gen.Bool).Sample((terms, pauses, stop, now, stopped) =>
        {
            ClockTerm[] all = [new(Start, SixDays, Duration.FromHours(8)), .. terms.OrderBy(t => t.From)];
            var clock = new SlaClock(Start, all, pauses, stopped ? stop : null);
            var lines = clock.Explain(now);
            var end = stopped ? Instant.Min(stop, now) : now;
            Assert.Equal(clock.Elapsed(now), lines.Where(l => l.Counted).Aggregate(Duration.Zero, (sum, l) => sum + l.Span.Length));
            Assert.All(lines.Zip(lines.Skip(1)), pair => Assert.Equal(pair.First.Span.End, pair.Second.Span.Start));
            if (lines.Count == 0) Assert.Equal(Start, end);
            else Assert.Equal((Start, end), (lines[0].Span.Start, lines[^1].Span.End));
            if (clock.DueAt is { } due && all.Length == 1 && !stopped)
                Assert.Equal(clock.Target, new SlaClock(Start, all, pauses, null).Elapsed(due));
        }, iter: 10_000);
    }

    private static SlaClock Clock(IReadOnlyList<Pause> pauses)
        => new(Start, [new(Start, SixDays, Duration.FromHours(8))], pauses, null);

    private static Instant At(int day, int hour) => Kolkata.AtStrictly(new(2026, 1, day, hour, 0)).ToInstant();
}
