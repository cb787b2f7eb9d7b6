using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Mail;

/// <summary>What staff decides about mails: that a sender is who he says he is, and that an address is right again.</summary>
internal sealed class HeldMail(Db db, TicketLog log, TicketDesk desk, AddressStates addresses, TimeProvider time)
{
    /// <summary>Makes the customer's public message of a mail that waits as a note. Who said so is in the log; saying it twice does nothing.</summary>
    public Task<TicketResult> ConfirmAsync(TicketId id, long note, CurrentPerson me, CancellationToken ct) => db.WriteAsync<TicketResult>(async tx =>
    {
        if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket) return new TicketResult.Missing();
        if (await ArrivalStore.HeldAsync(tx, id, note) is not { } held
            || (await TicketLog.EventsAsync(tx, id, [note])) is not [{ Change: TicketChange.Noted noted } written]) return new TicketResult.Missing();
        var now = time.GetCurrentInstant();
        if (!ticket.CanReopen(now)) return new TicketResult.Refused("body", "This ticket was closed a while ago. Open a new one and name its number.");
        var person = await PersonStore.SenderAsync(tx, held.Sender);
        ticket = await log.AppendAsync(tx, ticket, new TicketChange.MailConfirmed(note, held.Sender), Actor.Of(me), "", now);
        var reply = ticket.Seq + 1;
        // Above the sender's words the note says whose they seem to be; that was for staff.
        var words = written.Body[(written.Body.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
        ticket = await desk.ReplyAsync(tx, ticket, new ReplyDraft(words, 0) { Files = noted.Files }, new(person?.Id, person?.Name ?? held.Sender), Side.Customer, Via.Mail, now);
        await ArrivalStore.ConfirmAsync(tx, held, reply);
        // Now it is a part of the conversation, and answers to it belong here.
        await TicketMail.RememberAsync(tx, id, held.MessageId, ours: false, now);
        return new TicketResult.Done(ticket);
    }, ct);

    /// <summary>Forgets what came back from the requester's address. False when there is no such ticket within reach.</summary>
    public async Task<bool> ClearAddressAsync(TicketId id, CurrentPerson me, CancellationToken ct)
    {
        if (await db.ReadAsync(tx => TicketStore.FindAsync(tx, id, me, Permission.TicketWork), ct) is not { } ticket) return false;
        await addresses.ClearAsync(ticket.RequesterEmail, me, ct);
        return true;
    }
}
