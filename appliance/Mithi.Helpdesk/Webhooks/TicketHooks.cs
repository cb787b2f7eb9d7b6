using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Kernel.Webhooks;
using NodaTime;

namespace Mithi.Helpdesk.Webhooks;

/// <summary>What hooks are told of tickets: for each entry of the log one event, in words for the node's own or for customers.</summary>
/// <remarks>A customer's hook is told what its ticket page shows: no notes, levels, assignments or names of staff. A kind of
/// entry that is not named here is told to nobody.</remarks>
internal sealed class TicketHooks(WebhookOutbox outbox, NodeAddress address)
{
    private static readonly WebhookEventKind
        Opened = new("ticket.opened", "A ticket was opened", false),
        Replied = new("ticket.replied", "Somebody answered", false),
        StateSet = new("ticket.state", "The state changed", false),
        Resolved = new("ticket.resolved", "A ticket was resolved", false),
        Closed = new("ticket.closed", "A ticket was closed", false),
        PrioritySet = new("ticket.priority", "The priority changed", false),
        Called = new("ticket.called", "A call was logged", false),
        FixAvailable = new("ticket.fix-available", "A fix was published", false),
        Noted = new("ticket.noted", "Somebody wrote an internal note", true),
        Assigned = new("ticket.assigned", "A ticket was assigned", true),
        HandedOver = new("ticket.handed-over", "A ticket was handed over to another level", true);

    public static IReadOnlyList<WebhookEventKind> Kinds { get; } =
        [Opened, Replied, StateSet, Resolved, Closed, PrioritySet, Called, FixAvailable, Noted, Assigned, HandedOver];

    public async Task TellAsync(Tx tx, Ticket ticket, TicketEvent happened)
    {
        if (KindOf(happened.Change) is not { } kind) return;
        // Whoever moved a message into a ticket of its own did not write it.
        if (happened.Change is TicketChange.Opened { Of: { } of }) happened = happened with { ActorName = of.AuthorName, Body = await TicketLog.BodyAsync(tx, happened, of) };
        await outbox.AddAsync(tx, new($"ticket-{ticket.Id}-{happened.Seq}", kind, ticket.OrganisationId, happened.At,
            async isOwn => await DataAsync(tx, ticket, happened, isOwn)));
    }

    private static WebhookEventKind? KindOf(TicketChange change) => change switch
    {
        TicketChange.Opened => Opened,
        TicketChange.Replied => Replied,
        TicketChange.StateSet { To: TicketState.Resolved } => Resolved,
        TicketChange.StateSet { To: TicketState.Closed } => Closed,
        TicketChange.StateSet or TicketChange.MergedInto => StateSet,
        TicketChange.PrioritySet => PrioritySet,
        TicketChange.Called => Called,
        TicketChange.FixAvailable => FixAvailable,
        TicketChange.Noted => Noted,
        TicketChange.Assigned => Assigned,
        TicketChange.HandedOver => HandedOver,
        _ => null,
    };

    private async Task<object> DataAsync(Tx tx, Ticket ticket, TicketEvent happened, bool isOwn)
    {
        var organisation = ticket.OrganisationId is { } home ? await OrganisationStore.GetAsync(tx, home) : null;
        return new HookData(
            new(ticket.Id, ticket.Subject, ticket.Kind, ticket.Priority, ticket.State, organisation is null ? null : new(organisation.Id, organisation.Name),
                new(ticket.RequesterName, ticket.RequesterEmail), ticket.Product, ticket.ProductVersion, isOwn ? ticket.Level : null,
                isOwn ? ticket.AssigneeName : null, ticket.OpenedAt, $"{address.Public}/tickets/{ticket.Id}"),
            Entry(happened, isOwn), Change(happened.Change), isOwn ? happened.ActorName : null);
    }

    private static HookEntry? Entry(TicketEvent happened, bool isOwn) => happened.Change switch
    {
        TicketChange.Opened opened => Of(happened, opened.Side, opened.Files, isOwn),
        TicketChange.Replied replied => Of(happened, replied.Side, replied.Files, isOwn),
        TicketChange.Called when happened.Body.Length > 0 => Of(happened, Side.Staff, [], isOwn),
        TicketChange.FixAvailable => Of(happened, Side.House, [], isOwn),
        TicketChange.Noted noted when isOwn => Of(happened, null, noted.Files, isOwn),
        TicketChange.HandedOver when isOwn => Of(happened, null, [], isOwn),
        _ => null,
    };

    private static HookEntry Of(TicketEvent happened, Side? side, IReadOnlyList<TicketFile> files, bool isOwn) => new(
        happened.Seq, side, side switch { Side.House => "", Side.Staff when !isOwn => "Support", _ => happened.ActorName }, happened.Body,
        [.. files.Select((f, i) => new FileLink(i + 1, f.Name, f.ContentType, f.Bytes))]);

    private static HookChange? Change(TicketChange change) => change switch
    {
        TicketChange.StateSet set => new(set.From.ToString(), set.To.ToString()),
        TicketChange.MergedInto merged => new(merged.From.ToString(), nameof(TicketState.Merged)),
        TicketChange.PrioritySet set => new(set.From.ToString(), set.To.ToString()),
        TicketChange.HandedOver over => new(over.From.ToString(), over.To.ToString()),
        TicketChange.Assigned assigned => new(null, assigned.ToName),
        TicketChange.FixAvailable fix => new(null, $"{fix.Product} {fix.Version}"),
        _ => null,
    };

    private sealed record HookData(HookTicket Ticket, HookEntry? Entry, HookChange? Change, string? By);

    private sealed record HookTicket(TicketId Id, string Subject, TicketKind Kind, Priority Priority, TicketState State, HookOrganisation? Organisation,
        HookPerson Requester, string Product, string Version, Level? Level, string? Assignee, Instant OpenedAt, string Url);

    private sealed record HookOrganisation(OrganisationId Id, string Name);

    private sealed record HookPerson(string Name, string Email);

    private sealed record HookEntry(long Seq, Side? Side, string Author, string Body, IReadOnlyList<FileLink> Files);

    private sealed record HookChange(string? From, string To);
}
