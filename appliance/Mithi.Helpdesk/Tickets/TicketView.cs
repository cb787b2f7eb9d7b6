using Mithi.Helpdesk.Canned;
using Mithi.Helpdesk.Chat;
using Mithi.Helpdesk.Development;
using Mithi.Helpdesk.Drafts;
using Mithi.Helpdesk.Effort;
using Mithi.Helpdesk.Keys;
using Mithi.Helpdesk.Macros;
using Mithi.Helpdesk.Presence;
using Mithi.Helpdesk.Ratings;
using Mithi.Kernel.Links;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Puts a ticket's page together for one reader.</summary>
internal sealed class TicketView(TicketStore store, ConversationView conversation, IEnumerable<ILinkTarget> links,
    TicketEffort effort, GitHubDoor github, DraftStore drafts, AnswerStore answers, MacroStore macros, KeyStore keys, TicketPresence presence, ChatRoom room,
    AddressStates addresses, RatingStore ratings, Texts texts, TimeProvider time)
{
    public async Task<TicketModel?> OfAsync(TicketId id, CurrentPerson me, CancellationToken ct, long? before = null)
    {
        if (await store.PageAsync(id, before, me, ct) is not { } page) return null;
        var now = time.GetCurrentInstant();
        var isStaff = me.May(Permission.TicketNote);
        var kept = await drafts.OfAsync(id, me, ct);
        var (reply, note) = (kept.FirstOrDefault(d => d.Kind == DraftKind.Reply), kept.FirstOrDefault(d => d.Kind == DraftKind.Note));
        var (joins, goesOnIn) = await store.JoinsAsync(page.Ticket, me, ct);
        return new(page.Ticket, page.OrganisationName, await conversation.OfAsync(id, page.Entries, me, ct),
            ConversationView.ClocksOf(page.Clocks, now, isStaff), page.Ticket.CanReopen(now), now)
        {
            Seen = page.Entries.Count > 0 ? page.Entries.Max(e => e.Seq) : 0,
            Older = page.Older,
            IsOlderPart = before is not null,
            IsStaff = isStaff,
            AwaitsConsent = page.Clocks.AwaitsConsent,
            Joins = joins,
            Effort = isStaff ? await effort.OfAsync(id, me, ct) : null,
            Issues = isStaff ? new(id, await store.IssuesAsync(id, me, ct), me.May(Permission.TicketWork) && page.Ticket.MergedIntoId is null, await github.OpenAsync(ct) is not null) : null,
            GoesOnIn = goesOnIn,
            Staff = me.May(Permission.TicketWork) ? [.. (await store.StaffAsync(ct)).Select(s => new Choice(s.Id.ToString(), s.Name))] : [],
            Keys = await keys.IsOnAsync(me, ct),
            Answers = me.May(Permission.TicketWork) ? [.. (await answers.ListAsync(me, ct)).Select(a => new Choice(a.Id.ToString(), a.Name))] : [],
            Macros = me.May(Permission.TicketWork) ? [.. (await macros.ListAsync(me, ct)).Select(m => new Choice(m.Id.ToString(), m.Name))] : [],
            Address = isStaff ? await addresses.OfAsync(page.Ticket.RequesterEmail, ct) : null,
            Moves = MovesOf(page.Ticket, me),
            Reply = Form(reply),
            ReplyKeptAt = reply?.SavedAt,
            Note = Form(note),
            NoteKeptAt = note?.SavedAt,
            Watchers = isStaff ? TicketPresence.Line(presence.Others(id, me), texts.For(me.Language)) : "",
            Rating = await RatingOfAsync(page.Ticket, me, ct),
            Room = room.Line(id, me, texts.For(me.Language)),
            FixUrl = page.Ticket.HasFix ? await FixUrlAsync(links, page.Ticket.FixProduct, page.Ticket.FixVersion, me, ct) : "",
        };
    }

    public async Task<StaleReplyModel> StaleAsync(TicketResult.Stale stale, ReplyForm form, bool isNote, bool hadFiles, CurrentPerson me, CancellationToken ct)
        => new(stale.Ticket, await conversation.OfAsync(stale.Ticket.Id, stale.Newer, me, ct), form, stale.Newer.Max(e => e.Seq), isNote, hadFiles, me.May(Permission.TicketNote));

    /// <summary>The page of a release for this reader; empty when nobody knows it or he may not see it.</summary>
    public static async Task<string> FixUrlAsync(IEnumerable<ILinkTarget> links, string product, string version, CurrentPerson me, CancellationToken ct)
        => links.FirstOrDefault(l => l.Scheme == "release") is { } releases
            && await releases.ResolveAsync($"{product}/{version}", me, ct) is { } found ? found.Url : "";

    private async Task<RatingModel?> RatingOfAsync(Ticket ticket, CurrentPerson me, CancellationToken ct)
    {
        if (ticket.State is not (TicketState.Resolved or TicketState.Closed) || await ratings.OfAsync(ticket.Id, ct) is not { } rated) return null;
        var may = ticket.State == TicketState.Resolved && RatingDesk.MayRate(ticket, me);
        return may || rated.Rating is not null ? new(ticket.Id, may, rated.Rating, rated.Comment, rated.At, null) : null;
    }

    private static ReplyForm Form(Draft? draft) => draft is null ? ReplyForm.Empty : new(draft.Body, draft.ThenState, 0);

    private static IReadOnlyList<TicketState> MovesOf(Ticket ticket, CurrentPerson me)
    {
        var staff = me.May(Permission.TicketWork);
        if (!staff && !me.May(Permission.TicketReply)) return [];
        return [.. Enum.GetValues<TicketState>().Where(to => TicketStates.MayMove(ticket.State, to, staff))];
    }
}
