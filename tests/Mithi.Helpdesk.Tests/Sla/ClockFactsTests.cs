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
    public void What_is_written_down_reads_as_what_was_written()
    {
        var facts = ClockFacts.Of(Events((1, Staff), (2, Customer), (3, To(TicketState.WaitingForCustomer)), (4, new TicketChange.PrioritySet(Priority.P3, Priority.P1)),
            (5, To(TicketState.Resolved)), (6, To(TicketState.Open))));
        Assert.Equal(facts.Write(), ClockFacts.Read(facts.Write()).Write());
        Assert.Equal(TicketClocks.Of(facts, Book).NextDue, TicketClocks.Of(ClockFacts.Read(facts.Write()), Book).NextDue);
    }

    private static TicketChange Staff { get; } = new TicketChange.Replied(Side.Staff, Via.Portal, []);

    private static TicketChange Customer { get; } = new TicketChange.Replied(Side.Customer, Via.Mail, []);

    // From where does not matter: the log knows.
    private static TicketChange.StateSet To(TicketState state) => new(TicketState.New, state);

    private static Instant At(double hours) => Opened + Duration.FromHours(hours);

    private static TicketClocks Clocks(params (double Hours, TicketChange Change)[] events) => TicketClocks.Of(ClockFacts.Of(Events(events)), Book);

    private static IEnumerable<TicketEvent> Events(params (double Hours, TicketChange Change)[] events) => events.Prepend((0, new TicketChange.Opened(
        null, null, "Asha", "asha@acme.test", "Mail is slow", TicketKind.Incident, Priority.P3, "", "", null, Via.Mail, Side.Customer, [])))
        .Select((e, i) => new TicketEvent(new(1), i + 1, At(e.Item1), null, "", e.Item2, ""));
}
