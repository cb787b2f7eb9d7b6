using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Bench.Helpdesk;

/// <summary>Five years that end now; each ticket's story in its order.</summary>
internal sealed class Years(TicketText text, Requester[] requesters, Actor[] engineers, Instant now, int tickets)
{
    // A tenth is still open: what a helpdesk of this size looks like.
    private const double OpenShare = 0.1;

    public IReadOnlyList<PastEntry> Story(int i)
    {
        var opened = now - Duration.FromHours(5 * 365 * 24.0 * (tickets - i) / tickets);
        // Some customers write all the time, most now and then.
        var requester = requesters[(int)(requesters.Length * Math.Pow(text.Next(1_000_000) / 1e6, 2))];
        var customer = new Actor(requester.Id, requester.Name);
        var engineer = engineers[text.Next(engineers.Length)];
        var isOpen = text.Chance(OpenShare);
        var at = opened;
        List<PastEntry> story =
        [
            new(at, customer, new TicketChange.Opened(requester.Organisation, requester.Id, requester.Name, requester.Email, text.Subject(), (TicketKind)text.Next(5),
                (Priority)(text.Chance(0.05) ? 0 : 1 + text.Next(3)), "mithi-mail-server", $"1.{text.Next(9)}.{text.Next(5)}", null, Via.Mail, Side.Customer, []), text.Body()),
        ];
        if (isOpen && text.Chance(0.2)) return story;
        Add(engineer, new TicketChange.Assigned(engineer.Id, engineer.Name));
        for (var n = 1 + text.Next(7); n > 0; n--)
            if (text.Chance(0.15)) Add(engineer, new TicketChange.Noted(Via.Portal, []), text.Body());
            else if (text.Chance(0.55)) Add(engineer, new TicketChange.Replied(Side.Staff, Via.Portal, []), text.Body());
            else Add(customer, new TicketChange.Replied(Side.Customer, Via.Mail, []), text.Body());
        if (text.Chance(0.15)) Add(engineer, new TicketChange.HandedOver(Level.L1, Level.L2), "Needs a look at the server.");
        if (isOpen)
        {
            Add(engineer, new TicketChange.StateSet(TicketState.New, text.Chance(0.4) ? TicketState.WaitingForCustomer : TicketState.Open));
            return story;
        }
        Add(engineer, new TicketChange.Replied(Side.Staff, Via.Portal, []), text.Body());
        Add(engineer, new TicketChange.StateSet(TicketState.New, TicketState.Resolved));
        if (at < now - Duration.FromDays(14)) story.Add(new(at + Duration.FromDays(14), Actor.House, new TicketChange.StateSet(TicketState.Resolved, TicketState.Closed)));
        return story;

        void Add(Actor actor, TicketChange change, string body = "")
        {
            at = Instant.Min(now, at + Duration.FromMinutes(5 + text.Next(600)));
            story.Add(new(at, actor, change, body));
        }
    }
}
