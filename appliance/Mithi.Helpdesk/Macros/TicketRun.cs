using Mithi.Helpdesk.Canned;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Macros;

/// <summary>Does several things to a ticket by the same rules as its page: all of them or none.</summary>
internal sealed class TicketRun(Db db, TicketDesk desk)
{
    /// <param name="seen">The last entry that was read before a reply goes out.</param>
    public async Task<TicketResult> RunAsync(TicketId id, TicketActions actions, long seen, CurrentPerson me, CancellationToken ct)
    {
        try
        {
            return await db.WriteAsync(tx => RunAsync(tx, id, actions, seen, me), ct);
        }
        catch (RefusedException refused)
        {
            return refused.Result;
        }
    }

    /// <summary>The same in a transaction of the caller's.</summary>
    /// <exception cref="RefusedException">A part of it can't be; the transaction must not be kept.</exception>
    public async Task<TicketResult> RunAsync(Tx tx, TicketId id, TicketActions actions, long seen, CurrentPerson me)
    {
        if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket) return new TicketResult.Missing();
        var here = desk.Within(tx);
        TicketResult result = new TicketResult.Done(ticket);
        async Task Then(Task<TicketResult> step) => result = await step is TicketResult.Done done ? done : throw new RefusedException(await step);

        if (actions.Note.Length > 0) await Then(here.NoteAsync(id, new(await AnswerStore.FillAsync(tx, actions.Note, ticket, me), seen), me, Via.Portal, tx.Ct));
        if (actions.Reply.Length > 0) await Then(here.ReplyAsync(id, new(await AnswerStore.FillAsync(tx, actions.Reply, ticket, me), seen, actions.State), me, Via.Portal, tx.Ct));
        if (actions.Priority is { } priority) await Then(here.PrioritiseAsync(id, priority, me, tx.Ct));
        // Being there already is no reason to refuse the rest.
        if (actions.Level is { } level && level != ticket.Level)
        {
            // Nobody looked at this ticket for it: what the level above asks for would be missing on each.
            if ((await EvidenceStore.GetAsync(tx)).For(ticket.Level, level).Count > 0)
                throw new RefusedException(new TicketResult.Refused("level", "This level wants to be given evidence: hand the ticket over on its own page."));
            await Then(here.HandOverAsync(id, level, actions.Reason, [], me, tx.Ct));
        }
        if (actions.Assignee.Length > 0) await Then(here.AssignAsync(id, actions.AssigneeOf(me), me, tx.Ct));
        if (actions.State is { } state && actions.Reply.Length == 0) await Then(here.MoveAsync(id, state, me, tx.Ct));
        return result;
    }
}

/// <summary>Takes the whole of a run back.</summary>
internal sealed class RefusedException(TicketResult result) : Exception
{
    public TicketResult Result => result;
}
