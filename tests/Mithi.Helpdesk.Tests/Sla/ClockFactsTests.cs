using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Blobs;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

/// <summary>Which event begins, pauses and stops which clock. By one calendar that is always open, an hour is an hour.</summary>
public sealed class ClockFactsTests
{
    private static readonly Instant Opened = Instant.FromUtc(2026, 3, 2, 9, 0);

    private static readonly ContractBook Book = new([new(Instant.FromUnixTimeSeconds(0), null, "Standard",
        [.. from clock in TicketClocks.Kinds from priority in Enum.GetValues<Priority>() select new ContractTarget(1, priority, clock, 1, priority == Priority.P1 ? 60 : 480)])],
        [], new Dictionary<long, IReadOnlyList<CalendarVersion>> { [1] = [new("24x7", Instant.FromUnixTimeSeconds(0), WorkingCalendar.Always(DateTimeZone.Utc))] });

    [Fact]
    public void The_next_response_is_asked_for_by_the_first_message_after_an_answer_and_given_by_the_next_answer()
    {
        Assert.Null(Clocks((1, Customer)).NextResponse);   // the first response is still owed: it is one waiting, not two
        Assert.Null(Clocks((1, Staff)).NextResponse);
        var asked = Clocks((1, Staff), (3, Customer), (4, Customer));
        Assert.Equal(At(3), asked.NextResponse!.Start);
        Assert.Equal(At(11), asked.NextResponse.DueAt);
        var answered = Clocks((1, Staff), (3, Customer), (4, Customer), (5, Staff));
        Assert.Equal(ClockState.Met, answered.NextResponse!.StateAt(At(30)));
        var again = Clocks((1, Staff), (3, Customer), (5, Staff), (20, Customer));
        Assert.Equal((At(20), At(28)), (again.NextResponse!.Start, again.NextResponse.DueAt));
    }

    [Fact]
    public void Notes_news_of_the_house_and_machines_stop_and_start_no_clock()
    {
        TicketChange[] idle = [new TicketChange.Noted(Via.Portal, []), new TicketChange.Replied(Side.House, Via.Portal, []),
            new TicketChange.FixAvailable("mail-server", "1.0.1", "x"), new TicketChange.AutomaticMail("an automatic answer", "robot@acme.test", default(BlobId)),
            new TicketChange.Assigned(null, ""), new TicketChange.HandedOver(Level.L1, Level.L2)];
        foreach (var change in idle)
        {
            Assert.Null(Clocks((1, change)).FirstResponse.Stop);
            Assert.Null(Clocks((1, Staff), (2, change)).NextResponse);
            Assert.Null(Clocks((1, Staff), (2, Customer), (3, change)).NextResponse!.Stop);
            Assert.True(Clocks((1, Staff), (2, To(TicketState.WaitingForCustomer)), (3, change)).Resolution.IsPaused);
        }
    }

    [Fact]
    public void Waiting_for_the_customer_pauses_the_resolution_and_the_next_response_but_not_the_first()
    {
        var waiting = Clocks((1, To(TicketState.WaitingForCustomer)));
        Assert.Equal(At(8), waiting.FirstResponse.DueAt);
        Assert.Null(waiting.Resolution.DueAt);
        var back = Clocks((1, Staff), (2, Customer), (3, To(TicketState.WaitingForCustomer)), (7, To(TicketState.Open)));
        Assert.Equal(At(2 + 8 + 4), back.NextResponse!.DueAt);
        Assert.Equal(At(8 + 4), back.Resolution.DueAt);
    }

    [Fact]
    public void The_earliest_of_what_is_owed_is_due_next_and_what_is_paused_or_done_is_not_in_it()
    {
        Assert.Equal(At(8), Clocks().NextDue);
        Assert.Equal(At(8), Clocks((1, Staff), (3, Customer)).NextDue);   // the resolution
        Assert.Equal(At(2.75), Clocks((1, Staff), (2.5, Customer), (2.75, new TicketChange.PrioritySet(Priority.P3, Priority.P1))).NextDue);
        Assert.Null(Clocks((1, Staff), (2, To(TicketState.WaitingForCustomer))).NextDue);
        Assert.Null(Clocks((1, Staff), (2, To(TicketState.Resolved))).NextDue);
    }

    [Fact]
    public void Reopened_soon_it_goes_on_and_reopened_late_it_is_promised_anew()
    {
        var soon = Clocks((1, Staff), (2, To(TicketState.Resolved)), (50, To(TicketState.Closed)), (100, To(TicketState.Open)));
        Assert.Equal((At(0), At(8 + 98)), (soon.Resolution.Start, soon.Resolution.DueAt));
        var late = (int)Limits.ReopenMax.TotalHours + 10;
        var anew = Clocks((1, Staff), (2, To(TicketState.Resolved)), (late, To(TicketState.Open)));
        Assert.Equal((At(late), At(late + 8)), (anew.Resolution.Start, anew.Resolution.DueAt));
        Assert.Equal(At(1), anew.FirstResponse.Stop);   // asked once
    }

    [Fact]
    public void Waiting_for_consent_pauses_like_waiting_for_the_customer_until_he_writes_or_staff_goes_on()
    {
        var waiting = Clocks((1, Consent(true)));
        Assert.True(waiting.AwaitsConsent);
        Assert.Equal((At(8), null), (waiting.FirstResponse.DueAt, waiting.Resolution.DueAt));
        Assert.Equal(At(8 + 2), Clocks((1, Consent(true)), (3, Consent(false))).Resolution.DueAt);
        Assert.Equal(At(8 + 4), Clocks((1, Consent(true)), (5, Customer)).Resolution.DueAt);
        // Both at once count once.
        Assert.Equal(At(8 + 5), Clocks((1, Consent(true)), (2, To(TicketState.WaitingForCustomer)), (4, Consent(false)), (6, To(TicketState.Open))).Resolution.DueAt);
        Assert.False(Clocks((1, Consent(true)), (2, To(TicketState.Resolved)), (3, To(TicketState.Open))).AwaitsConsent);
    }

    [Fact]
    public void A_survivor_keeps_the_earliest_running_start_of_each_clock()
    {
        var old = ClockFacts.Of(Events((1, Consent(true))));
        var young = ClockFacts.Of(Events()) with { FirstResponse = ClockRun.From(At(5)), Resolution = ClockRun.From(At(5)) };
        var joined = young.Joined(old, At(10));
        Assert.Equal((At(0), At(0)), (joined.FirstResponse.Start, joined.Resolution.Start));
        // What held the other up, from 1 to 10, did so.
        Assert.Equal(At(8 + 9), TicketClocks.Of(joined, Book).Resolution.DueAt);
        Assert.Equal(old.Resolution, old.Joined(young, At(10)).Resolution);
        // Answered here: who asked there waits for the next response.
        joined = (young with { FirstResponse = young.FirstResponse.Stopped(At(6)) }).Joined(old, At(10));
        Assert.Equal((At(6), At(0)), (joined.FirstResponse.Stop, joined.NextResponse!.Start));
        // What is done stays done.
        var done = ClockFacts.Of(Events((1, Staff), (2, To(TicketState.Resolved))));
        Assert.Equal(done.Resolution, done.Joined(old, At(10)).Resolution);
    }

    [Fact]
    public void Somebody_has_to_be_told_at_each_point_once_and_at_the_end()
    {
        Assert.Equal(At(4), Check());
        Assert.Equal(At(6.4), Check(Warned(4)));
        Assert.Equal(At(7.5), Check(Warned(4), Warned(6.4)));
        Assert.Equal(At(8), Check(Warned(4), Warned(7.5)));
        Assert.Null(Check((8.1, new TicketChange.PromiseBroken(ClockKind.Resolution, At(8)))));
        // Paused, no point is reached; longer, there are new ones.
        Assert.Null(Check((1, To(TicketState.WaitingForCustomer))));
        Assert.Null(Check((1, To(TicketState.Resolved))));

        static (double, TicketChange) Warned(double hours)
            => (hours, new TicketChange.PromiseWarned(ClockKind.Resolution, (long)Duration.FromHours(hours).TotalMilliseconds, At(8)));

        // The first response is given, so the resolution alone is looked at.
        static Instant? Check(params (double, TicketChange)[] events)
        {
            var facts = ClockFacts.Of(Events([(0, Staff), .. events]));
            return TicketClocks.Of(facts, Book).NextCheck(facts, new([50, 80], [30]));
        }
    }

    [Fact]
    public void What_is_written_down_reads_as_what_was_written()
    {
        var facts = ClockFacts.Of(Events((1, Staff), (2, Customer), (3, To(TicketState.WaitingForCustomer)), (4, new TicketChange.PrioritySet(Priority.P3, Priority.P1)),
            (5, To(TicketState.Resolved)), (6, To(TicketState.Open))));
        Assert.Equal(ClockText.Write(facts), ClockText.Write(ClockText.Read(ClockText.Write(facts))));
        Assert.Equal(TicketClocks.Of(facts, Book).NextDue, TicketClocks.Of(ClockText.Read(ClockText.Write(facts)), Book).NextDue);
    }

    private static TicketChange Staff { get; } = new TicketChange.Replied(Side.Staff, Via.Portal, []);

    private static TicketChange Customer { get; } = new TicketChange.Replied(Side.Customer, Via.Mail, []);

    private static TicketChange.ConsentSet Consent(bool waiting) => new(waiting);

    // From where does not matter: the log knows.
    private static TicketChange.StateSet To(TicketState state) => new(TicketState.New, state);

    private static Instant At(double hours) => Opened + Duration.FromHours(hours);

    private static TicketClocks Clocks(params (double Hours, TicketChange Change)[] events) => TicketClocks.Of(ClockFacts.Of(Events(events)), Book);

    private static IEnumerable<TicketEvent> Events(params (double Hours, TicketChange Change)[] events) => events.Prepend((0, new TicketChange.Opened(
        null, null, "Asha", "asha@acme.test", "Mail is slow", TicketKind.Incident, Priority.P3, "", "", null, Via.Mail, Side.Customer, [])))
        .Select((e, i) => new TicketEvent(new(1), i + 1, At(e.Item1), null, "", e.Item2, ""));
}
