using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Hotline;

/// <summary>Writes calls down: as a new ticket, or in one that is open. Needs no mail server: what is to be mailed waits in the outbox.</summary>
internal sealed class HotlineDesk(Db db, TicketLog log, TicketDesk desk, TicketMail mail, ContactStore contacts, TimeProvider time)
{
    /// <param name="organisation">Null: nobody knows the caller, and staff alone sees the ticket.</param>
    /// <param name="form">Checked.</param>
    public Task<TicketResult> TakeAsync(OrganisationId? organisation, CallForm form, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var now = time.GetCurrentInstant();
        var caller = organisation is { } home ? await HotlineStore.CallerAsync(tx, home, form.Caller, form.Name) : null;
        var result = form.TicketNumber is { } number ? await LogAsync(tx, number, organisation, form, me, now)
            : new TicketResult.Done(await OpenAsync(tx, organisation, caller, form, me, now));
        if (result is TicketResult.Done && form.Remember && organisation is { } of)
            await contacts.RememberAsync(tx, of, caller?.ContactId, caller?.PersonId, form.Name, form.Phone, now);
        return result;
    }, ct);

    private async Task<Ticket> OpenAsync(Tx tx, OrganisationId? organisation, PossibleCaller? caller, CallForm form, CurrentPerson me, Instant now)
    {
        var requester = new Requester(organisation, caller?.PersonId, form.Name, form.Mail.Length > 0 ? form.Mail : caller?.Email ?? "");
        var draft = new TicketDraft(form.Subject, FormText.Name<TicketKind>(form.Kind)!.Value, FormText.Name<Priority>(form.Priority)!.Value,
            form.Product, form.Version, form.IsInternal ? "" : form.Body);
        var ticket = await desk.OpenAsync(tx, draft, requester, Actor.Of(me), Side.Staff, Via.Phone, null, now);
        ticket = await CalledAsync(tx, ticket, "", form, me, now);
        await desk.AcknowledgeAsync(tx, ticket, me, now);
        return ticket;
    }

    private async Task<TicketResult> LogAsync(Tx tx, TicketId id, OrganisationId? organisation, CallForm form, CurrentPerson me, Instant now)
    {
        // The form offers the customer's own tickets; another's would show its people who called.
        if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket || ticket.OrganisationId != organisation)
            return new TicketResult.Refused("ticket", "Choose one of the list.");
        if (!ticket.CanReopen(now)) return new TicketResult.Refused("ticket", "This ticket was closed a while ago. Open a new one and name its number.");
        var said = form.IsInternal ? "" : form.Body;
        ticket = await CalledAsync(tx, ticket, said, form, me, now);
        if (said.Length > 0) await mail.SendReplyAsync(tx, ticket, ticket.Seq, said, [], now);
        return new TicketResult.Done(ticket);
    }

    /// <summary>The call itself, what only staff reads of it, and where the ticket goes by it.</summary>
    private async Task<Ticket> CalledAsync(Tx tx, Ticket ticket, string said, CallForm form, CurrentPerson me, Instant now)
    {
        var actor = Actor.Of(me);
        ticket = await log.AppendAsync(tx, ticket, new TicketChange.Called(form.Name, form.Phone, form.SecondsAt(now), form.WaitsForCall), actor, said, now);
        if (form.IsInternal) ticket = await log.AppendAsync(tx, ticket, new TicketChange.Noted(Via.Phone, []), actor, form.Body, now);
        var next = TicketStates.AfterCustomer(ticket.State);
        if (!form.WaitsForCall) next = TicketStates.AfterStaff(next);
        return next == ticket.State ? ticket : await log.AppendAsync(tx, ticket, new TicketChange.StateSet(ticket.State, next), actor, "", now);
    }
}
