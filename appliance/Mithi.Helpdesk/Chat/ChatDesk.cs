using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Chat;

/// <summary>What is said and done in a chat: stored first, as public entries of the ticket, then told to the open pages.</summary>
internal sealed class ChatDesk(Db db, TicketLog log, TicketDesk desk, TimeProvider time)
{
    private static readonly TicketResult Missing = new TicketResult.Missing();

    /// <summary>A line of somebody. It is never behind what the other wrote meanwhile: in a chat one reads while one types.</summary>
    public Task<TicketResult> SayAsync(TicketId id, string body, CurrentPerson me, CancellationToken ct) => WriteAsync(id, Permission.TicketReply, me, async (tx, ticket, now) =>
    {
        var side = me.IsStaff ? Side.Staff : Side.Customer;
        var said = ticket.Seq + 1;
        ticket = await desk.ReplyAsync(tx, ticket, new(body, long.MaxValue), Actor.Of(me), side, Via.Chat, now);
        await ToldAsync(tx, ticket.Id, said, side, now);
        return ticket;
    }, ct);

    /// <summary>Hands steps of a runbook over. From then on they are public.</summary>
    public Task<TicketResult> DropAsync(TicketId id, Runbook runbook, IReadOnlyList<RunbookStep> steps, CurrentPerson me, CancellationToken ct)
        => WriteAsync(id, Permission.TicketWork, me, async (tx, ticket, now) =>
        {
            foreach (var step in steps)
                ticket = await log.AppendAsync(tx, ticket, new TicketChange.CardDropped(runbook.Title, step.Number, step.Command), Actor.Of(me), step.Text, now);
            var next = TicketStates.AfterStaff(ticket.State);
            return next == ticket.State ? ticket : await log.AppendAsync(tx, ticket, new TicketChange.StateSet(ticket.State, next), Actor.Of(me), "", now);
        }, ct);

    /// <summary>The customer says of a card that it is done, or that it failed. He may think better of it.</summary>
    public Task<TicketResult> MarkAsync(TicketId id, long card, bool isDone, CurrentPerson me, CancellationToken ct) => me.IsStaff ? Task.FromResult(Missing)
        : WriteAsync(id, Permission.TicketReply, me, async (tx, ticket, now) =>
        {
            if (await TicketLog.EventsAsync(tx, id, [card]) is not [{ Change: TicketChange.CardDropped dropped }]) return null;
            if ((await TicketStore.MarksAsync(tx, id)).TryGetValue(card, out var before) && before == isDone) return ticket;
            ticket = await log.AppendAsync(tx, ticket, new TicketChange.CardMarked(card, dropped.Number, isDone), Actor.Of(me), "", now);
            var next = TicketStates.AfterCustomer(ticket.State);
            return next == ticket.State ? ticket : await log.AppendAsync(tx, ticket, new TicketChange.StateSet(ticket.State, next), Actor.Of(me), "", now);
        }, ct);

    /// <summary>The page shows all up to an entry, and its reader looks at it.</summary>
    public async Task SeenAsync(TicketId id, long seen, CurrentPerson me, CancellationToken ct)
    {
        // Nearly always there is nothing to be marked as read: then nobody waits for the one writer.
        if (me.IsStaff || !await db.ReadAsync(tx => ChatStore.IsUnreadAsync(tx, id), ct)) return;
        await db.WriteAsync(tx => ChatStore.ReadAsync(tx, id, seen), ct);
    }

    private static Task ToldAsync(Tx tx, TicketId id, long said, Side side, Instant now)
        // Who answers in the chat has read it.
        => side == Side.Staff ? ChatStore.SaidAsync(tx, id, said, now) : ChatStore.ReadAsync(tx, id, said);

    /// <param name="write">Null: there is no such thing in the ticket.</param>
    private Task<TicketResult> WriteAsync(TicketId id, Permission permission, CurrentPerson me, Func<Tx, Ticket, Instant, Task<Ticket?>> write, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            var now = time.GetCurrentInstant();
            if (await TicketStore.FindAsync(tx, id, me, permission) is not { } ticket) return Missing;
            if (!ticket.CanReopen(now)) return new TicketResult.Refused("body", "This ticket was closed a while ago. Open a new one and name its number.");
            return await write(tx, ticket, now) is { } written ? new TicketResult.Done(written) : Missing;
        }, ct);
}
