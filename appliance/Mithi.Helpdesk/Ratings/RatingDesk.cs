using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Ratings;

/// <summary>Takes what customers say of how their tickets were resolved: once for a resolution, and until it is closed they may think again.</summary>
internal sealed class RatingDesk(Db db, TicketLog log, RatingToken token, TimeProvider time)
{
    public const string Over = "This ticket is not waiting for an opinion: it was closed, or it is being worked on again.";

    public Task<TicketResult> RateAsync(TicketId id, RatingForm form, CurrentPerson me, Via via, CancellationToken ct)
        => db.WriteAsync<TicketResult>(async tx => await TicketStore.FindAsync(tx, id, me, Permission.TicketReply) is { } ticket && MayRate(ticket, me)
            ? await RateAsync(tx, ticket, null, form, Actor.Of(me), via) : new TicketResult.Missing(), ct);

    /// <summary>By the link in a mail. Who followed it is not known, only that it was sent to him.</summary>
    public Task<TicketResult> RateAsync(string link, RatingForm form, CancellationToken ct) => db.WriteAsync<TicketResult>(async tx =>
        token.Read(link) is { } proof && await TicketStore.GetAsync(tx, proof.Id) is { } ticket
            ? await RateAsync(tx, ticket, proof.Seq, form, Actor.House, Via.Mail) : new TicketResult.Missing(), ct);

    /// <summary>What a link is about; nothing is written. Null when it is not ours.</summary>
    public async Task<RatingPageModel?> LookAsync(string link, CancellationToken ct)
    {
        if (token.Read(link) is not { } proof) return null;
        return await db.ReadAsync(async tx => await TicketStore.GetAsync(tx, proof.Id) is { } ticket && await RatingStore.OfAsync(tx, ticket.Id) is { } rated
            ? new RatingPageModel(link, ticket.Id, IsOpen(ticket, rated, proof.Seq), IsOpen(ticket, rated, proof.Seq) ? rated.Rating : null, "", null) : null, ct);
    }

    /// <summary>It is the customer's to say: not the staff's, and not the partner's who may have done the work.</summary>
    public static bool MayRate(Ticket ticket, CurrentPerson me)
        => !me.IsStaff && me.May(Permission.TicketReply) && (me.Id is not null && me.Id == ticket.RequesterId || me.Organisation is not null && me.Organisation == ticket.OrganisationId);

    private static bool IsOpen(Ticket ticket, Rated rated, long? seq) => ticket.State == TicketState.Resolved && (seq is null || seq == rated.ResolvedSeq);

    private async Task<TicketResult> RateAsync(Tx tx, Ticket ticket, long? seq, RatingForm form, Actor actor, Via via)
    {
        if (await RatingStore.OfAsync(tx, ticket.Id) is not { } rated || !IsOpen(ticket, rated, seq)) return new TicketResult.Refused("rating", Over);
        // Sent twice, it is said once.
        if (rated.Rating == form.Rating && rated.Comment == form.Comment) return new TicketResult.Done(ticket);
        if (rated.Times >= Limits.RatingsMax) return new TicketResult.Refused("rating", "This has been changed too often. Answer the ticket instead.");
        return new TicketResult.Done(await log.AppendAsync(tx, ticket, new TicketChange.Rated(form.Rating, via), actor, form.Comment, time.GetCurrentInstant()));
    }
}
