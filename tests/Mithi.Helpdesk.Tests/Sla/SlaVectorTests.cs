using System.Text.Json;
using Mithi.Helpdesk.Sla;
using NodaTime;
using NodaTime.Text;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

public sealed class SlaVectorTests
{
    private static readonly DateTimeZone Kolkata = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    private static JsonElement Vectors { get; } = JsonDocument.Parse(File.ReadAllText(Corpora.Path("sla-vectors.json"))).RootElement;

    public static IEnumerable<TheoryDataRow<string>> Cases(string op) => Vectors.GetProperty("cases").EnumerateArray()
        .Where(c => c.GetProperty("op").GetString() == op).Select(c => new TheoryDataRow<string>(c.GetProperty("id").GetString()!));

    [Theory, MemberData(nameof(Cases), "due")]
    public void A_due_time_is_the_vectors(string id)
    {
        var vector = Vector(id);
        var target = Duration.FromMinutes(vector.GetProperty("target_min").GetDouble());
        var start = At(vector, "start_utc");
        var clock = new SlaClock(start, [new(start, CalendarOf(vector), target)], PausesOf(vector), null);
        var due = clock.DueAt;
        Assert.Equal(At(vector, "due_utc"), due);
        Assert.Equal(target, clock.Elapsed(due!.Value));
        Assert.True(clock.Elapsed(due.Value - Duration.FromSeconds(1)) < target);
    }

    [Theory, MemberData(nameof(Cases), "elapsed")]
    public void An_elapsed_time_is_the_vectors(string id)
    {
        var vector = Vector(id);
        var (from, to) = (At(vector, "from_utc"), At(vector, "to_utc"));
        var expected = Duration.FromMinutes(vector.GetProperty("elapsed_min").GetDouble());
        var clock = new SlaClock(from, [new(from, CalendarOf(vector), Limits.TargetMax)], PausesOf(vector), null);
        Assert.Equal(expected, clock.Elapsed(to));
        Assert.Equal(expected, CalendarOf(vector).Elapsed(from, to));
    }

    [Theory, MemberData(nameof(Cases), "scenario")]
    public void A_scenario_ends_as_the_vectors_say(string id)
    {
        var expected = Vector(id).GetProperty("expected");
        switch (id)
        {
            case "S51":
                var raised = new SlaClock(Monday(16), [new(Monday(16), Calendar("K12x6"), Hours(16)),
                    new(Monday(19), Calendar("K12x6"), Hours(8))], [], null);
                AssertMinutes(expected, raised.Elapsed(Monday(19)));
                AssertLocal(expected, "due_local", raised.DueAt);
                break;
            case "S53":
                var pieces = new SlaClock(Monday(16), [new(Monday(16), Calendar("K12x6"), Hours(8)),
                    new(Tuesday(9), Calendar("K24x7"), Hours(8))], [], null);
                AssertMinutes(expected, pieces.Elapsed(Tuesday(9)));
                AssertLocal(expected, "due_local", pieces.DueAt);
                break;
            case "S55":
                var atNight = new SlaClock(Monday(16), [new(Monday(16), Calendar("K12x6"), Hours(8)),
                    new(Monday(21), Calendar("K24x7"), Hours(5))], [], null);
                AssertMinutes(expected, atNight.Elapsed(Monday(21)));
                AssertLocal(expected, "due_local", atNight.DueAt);
                break;
            case "S57":
                var reopened = new SlaClock(Monday(9), [new(Monday(9), Calendar("K12x6"), Hours(8))],
                    [new(Monday(12), Tuesday(15), "Resolved")], null);
                AssertLocal(expected, "due_local", reopened.DueAt);
                break;
            case "S59":
                AssertLocal(expected, "due_before_local", Edited(holiday: false).DueAt);
                AssertLocal(expected, "due_after_local", Edited(holiday: true).DueAt);
                break;
            case "S61":
                var warned = new SlaClock(Monday(18), [new(Monday(18), Calendar("K12x6"), Hours(8))], [], null);
                AssertLocal(expected, "warn80_local", warned.At(Hours(8) * 0.8));
                AssertLocal(expected, "warn30_local", warned.At(Hours(8) - Duration.FromMinutes(30)));
                AssertLocal(expected, "due_local", warned.DueAt);
                break;
            case "S63":
                var due = Monday(17);
                Assert.Equal(ClockState.Met, Stopped(due).StateAt(due));
                Assert.Equal(ClockState.Breached, Stopped(due + Duration.FromSeconds(1)).StateAt(due + Duration.FromSeconds(1)));
                break;
            case "S65":
                // How mail ends the pause is a test of the ticket's log; here is what such a pause counts.
                var waited = new SlaClock(Monday(9), [new(Monday(9), Calendar("K12x6"), Hours(8))],
                    [new(Monday(10), Monday(22), "Waiting for customer")], null);
                AssertLocal(expected, "pause_end_local", waited.Explain(Tuesday(9)).Last(l => l.Reason == "Waiting for customer").Span.End);
                break;
            default:
                Assert.Fail($"Nobody plays the scenario {id}.");
                break;
        }
    }

    private static SlaClock Stopped(Instant at)
        => new(Monday(9), [new(Monday(9), Calendar("K12x6"), Hours(8))], [], at);

    private static SlaClock Edited(bool holiday)
    {
        var before = Calendar("K12x6");
        var after = new WorkingCalendar(before.Zone, before.Windows, [.. before.Exceptions, DayException.Holiday(new(2026, 1, 7))]);
        ClockTerm[] terms = [new(Monday(18), before, Hours(24)), new(Tuesday(10), holiday ? after : before, Hours(24))];
        return new(Monday(18), terms, [], null);
    }

    private static void AssertMinutes(JsonElement expected, Duration elapsed)
        => Assert.Equal(expected.GetProperty("elapsed_at_change_min").GetDouble(), elapsed.TotalMinutes);

    private static void AssertLocal(JsonElement expected, string name, Instant? at)
    {
        var text = expected.GetProperty(name).GetString()![4..];
        Assert.Equal(OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mmo<+HHmm>").Parse(text).Value.ToInstant(), at);
    }

    private static Instant Monday(int hour) => Kolkata.AtStrictly(new(2026, 1, 5, hour, 0)).ToInstant();

    private static Instant Tuesday(int hour) => Kolkata.AtStrictly(new(2026, 1, 6, hour, 0)).ToInstant();

    private static Duration Hours(int hours) => Duration.FromHours(hours);

    private static JsonElement Vector(string id)
        => Vectors.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("id").GetString() == id);

    private static WorkingCalendar CalendarOf(JsonElement vector) => Calendar(vector.GetProperty("calendar").GetString()!);

    private static WorkingCalendar Calendar(string name) => CalendarJson.Read(Vectors.GetProperty("calendars").GetProperty(name));

    private static Pause[] PausesOf(JsonElement vector) => [.. vector.GetProperty("pauses").EnumerateArray()
        .Select(p => new Pause(Parse(p[0].GetString()!), Parse(p[1].GetString()!), "Paused"))];

    private static Instant At(JsonElement vector, string name) => Parse(vector.GetProperty(name).GetString()!);

    private static Instant Parse(string text) => InstantPattern.General.Parse(text).Value;
}
