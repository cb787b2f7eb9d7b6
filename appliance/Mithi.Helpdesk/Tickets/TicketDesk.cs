using Mithi.Helpdesk.Drafts;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Sla;
using Mithi.Kernel.Data;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>What a form, a program or the sample says of a new ticket.</summary>
/// <param name="RequesterEmail">Whose ticket it is, when somebody opens it for another; empty: who opens it.</param>
internal sealed record TicketDraft(
    string Subject, TicketKind Kind, Priority Priority, string Product, string ProductVersion, string Body, string RequesterEmail = "")
{
    public IReadOnlyList<TicketFile> Files { get; init; } = [];
}

/// <summary>What a reply says.</summary>
/// <param name="Seen">The last entry that its writer was shown.</param>
/// <param name="Then">The state to go to; null: what follows by itself.</param>
internal sealed record ReplyDraft(string Body, long Seen, TicketState? Then = null)
{
    public IReadOnlyList<TicketFile> Files { get; init; } = [];

    /// <summary>Typed into the ticket's page: what was kept of it meanwhile is not needed any more.</summary>
    public bool IsTyped { get; init; }
}

/// <summary>What became of it.</summary>
internal abstract record TicketResult
{
    private TicketResult() { }

    public sealed record Done(Ticket Ticket) : TicketResult;

    /// <summary>Not there, or out of reach.</summary>
    public sealed record Missing : TicketResult;

    /// <summary>Somebody wrote meanwhile: nothing was saved, the writer reads this first.</summary>
    public sealed record Stale(Ticket Ticket, IReadOnlyList<TicketEntry> Newer) : TicketResult;

    /// <summary>Something in it can't be; the message is an English key.</summary>
    public sealed record Refused(string Field, string Message) : TicketResult;
}

/// <summary>What people do to tickets, each in one transaction with all that follows from it.</summary>
internal sealed class TicketDesk(Db db, TicketLog log, TicketMail mail, TimeProvider time)
{
    private static readonly TicketResult Missing = new TicketResult.Missing();

    private Tx? within;

    private Instant Now => time.GetCurrentInstant();

    /// <summary>The same desk, all of whose work is part of a transaction of the caller's.</summary>
    public TicketDesk Within(Tx tx) => new(db, log, mail, time) { within = tx };

    public Task<TicketResult> OpenAsync(TicketDraft draft, CurrentPerson me, Via via, CancellationToken ct)
        => db.WriteAsync<TicketResult>(async tx =>
        {
            if (draft.Kind == TicketKind.Problem && !me.May(Permission.TicketWork)) return new TicketResult.Refused("kind", "Choose one of the list.");
            if (await RequesterAsync(tx, draft.RequesterEmail, me) is not { } requester)
                return new TicketResult.Refused("requester", "Nobody within your reach has this address.");
            var (ticket, now) = (await OpenAsync(tx, draft, requester, Actor.Of(me), me.IsStaff ? Side.Staff : Side.Customer, via, null, Now), Now);
            // A program has the number in its answer.
            if (via == Via.Portal) await AcknowledgeAsync(tx, ticket, me, now);
            return new TicketResult.Done(ticket);
        }, ct);

    /// <summary>Opens without asking for rights, in a transaction of the caller's: for mail and samples.</summary>
    public Task<Ticket> OpenAsync(Tx tx, TicketDraft draft, Requester requester, Actor actor, Side side, Via via, TicketId? follows, Instant now)
        => log.OpenAsync(tx, new(requester.Organisation, requester.Id, requester.Name, requester.Email, draft.Subject, draft.Kind,
            draft.Priority, draft.Product, draft.ProductVersion, follows, via, side, draft.Files), actor, draft.Body, now);

    /// <summary>Tells by mail that the ticket is there, and until when its first answer is promised. The caller has asked the breakers.</summary>
    /// <param name="language">For a requester who has not chosen one; null: English.</param>
    public async Task SendReceiptAsync(Tx tx, Ticket ticket, MailTo to, Via via, string? language, Instant now)
    {
        var clock = (await log.ClocksAsync(tx, ticket)).FirstResponse;
        var zone = clock.Terms[^1].Calendar.Zone;
        await mail.SendReceiptAsync(tx, ticket, to, via, clock.DueAt is { } due ? $"{ReaderTime.Text(due, zone)} ({zone.Id})" : null, language, now);
    }

    /// <summary>Only to an address that is known to be the requester's: a mail of ours must not carry a customer's words to just anybody.</summary>
    public async Task AcknowledgeAsync(Tx tx, Ticket ticket, CurrentPerson me, Instant now)
    {
        if (await PersonStore.SenderAsync(tx, ticket.RequesterEmail) is not { } requester || !MailQueue.IsAddress(requester.Email)) return;
        if (await ArrivalStore.MayAnswerAsync(tx, requester.Email, ticket.Id, null, now))
            await SendReceiptAsync(tx, ticket, new(requester.Email, requester.Name), Via.Portal, requester.Id == me.Id ? me.Language : null, now);
    }

    public Task<TicketResult> ReplyAsync(TicketId id, ReplyDraft draft, CurrentPerson me, Via via, CancellationToken ct)
        => WriteAsync(async tx =>
        {
            if (await TicketStore.FindAsync(tx, id, me, Permission.TicketReply) is not { } ticket) return Missing;
            if (await StaleAsync(tx, ticket, draft.Seen, me) is { } stale) return stale;
            if (!ticket.CanReopen(Now)) return new TicketResult.Refused("body", "This ticket was closed a while ago. Open a new one and name its number.");
            var isStaff = me.IsStaff;
            if (draft.Then is { } then && then != ticket.State && (!me.May(Permission.TicketWork) || !TicketStates.MayMove(ticket.State, then, isStaff)))
                return new TicketResult.Refused("then", "The ticket can't go there from where it is.");
            if (draft.IsTyped) await DraftStore.RemoveAsync(tx, id, DraftKind.Reply, me);
            return new TicketResult.Done(await ReplyAsync(tx, ticket, draft, Actor.Of(me), isStaff ? Side.Staff : Side.Customer, via, Now));
        }, ct);

    /// <summary>Adds a public message with all that follows from it, in a transaction of the caller's, who has checked all else.</summary>
    public async Task<Ticket> ReplyAsync(Tx tx, Ticket ticket, ReplyDraft draft, Actor actor, Side side, Via via, Instant now)
    {
        ticket = await log.AppendAsync(tx, ticket, new TicketChange.Replied(side, via, draft.Files), actor, draft.Body, now);
        var seq = ticket.Seq;
        var next = draft.Then ?? (side == Side.Staff ? TicketStates.AfterStaff(ticket.State) : TicketStates.AfterCustomer(ticket.State));
        if (next != ticket.State) ticket = await log.AppendAsync(tx, ticket, new TicketChange.StateSet(ticket.State, next), actor, "", now);
        // In a chat the other reads along; what he did not read is mailed when the chat is over.
        if (side == Side.Staff && via != Via.Chat) await mail.SendReplyAsync(tx, ticket, seq, draft.Body, draft.Files, now);
        return ticket;
    }

    public Task<TicketResult> NoteAsync(TicketId id, ReplyDraft draft, CurrentPerson me, Via via, CancellationToken ct)
        => ChangeAsync(id, me, Permission.TicketNote, async (tx, ticket) =>
        {
            if (await StaleAsync(tx, ticket, draft.Seen, me) is { } stale) return stale;
            if (draft.IsTyped) await DraftStore.RemoveAsync(tx, id, DraftKind.Note, me);
            return new TicketResult.Done(await log.AppendAsync(tx, ticket, new TicketChange.Noted(via, draft.Files), Actor.Of(me), draft.Body, Now));
        }, ct);

    /// <summary>Moves a ticket by hand. To resolve it, somebody must have answered the customer.</summary>
    public Task<TicketResult> MoveAsync(TicketId id, TicketState to, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, me.IsStaff ? Permission.TicketWork : Permission.TicketReply, async (tx, ticket) =>
        {
            if (ticket.State == to) return new TicketResult.Done(ticket);
            if (!TicketStates.MayMove(ticket.State, to, me.IsStaff) || (ticket.IsStopped && !to.IsStopped() && !ticket.CanReopen(Now)))
                return new TicketResult.Refused("to", "The ticket can't go there from where it is.");
            // A problem is the house's own: its customers are answered in their incidents.
            if (to == TicketState.Resolved && me.IsStaff && ticket.Kind != TicketKind.Problem && !await IsAnsweredAsync(tx, id))
                return new TicketResult.Refused("to", "Nobody has answered the customer yet. Resolve it with an answer.");
            return new TicketResult.Done(await log.AppendAsync(tx, ticket, new TicketChange.StateSet(ticket.State, to), Actor.Of(me), "", Now));
        }, ct);

    public Task<TicketResult> PrioritiseAsync(TicketId id, Priority to, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, Permission.TicketWork, async (tx, ticket) => new TicketResult.Done(ticket.Priority == to ? ticket
            : await log.AppendAsync(tx, ticket, new TicketChange.PrioritySet(ticket.Priority, to), Actor.Of(me), "", Now)), ct);

    /// <summary>Work can't go on until the customer lets us in, or can go on again.</summary>
    public Task<TicketResult> AwaitConsentAsync(TicketId id, bool waiting, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, Permission.TicketWork, async (tx, ticket) =>
        {
            if (waiting && ticket.IsStopped) return new TicketResult.Refused("consent", "The ticket can't go there from where it is.");
            return new TicketResult.Done((await log.ClocksAsync(tx, ticket)).AwaitsConsent == waiting ? ticket
                : await log.AppendAsync(tx, ticket, new TicketChange.ConsentSet(waiting), Actor.Of(me), "", Now));
        }, ct);

    /// <param name="to">Null takes it from whoever has it.</param>
    public Task<TicketResult> AssignAsync(TicketId id, PersonId? to, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, Permission.TicketWork, async (tx, ticket) =>
        {
            if (ticket.AssigneeId == to) return new TicketResult.Done(ticket);
            var person = to is { } given ? await PersonStore.GetAsync(tx, given) : null;
            if (to is not null && (person is not { Disabled: false } || PermissionTable.Of(person.Role, Permission.TicketWork) == Scope.None))
                return new TicketResult.Refused("assignee", "Choose one of the list.");
            return new TicketResult.Done(await log.AppendAsync(tx, ticket, new TicketChange.Assigned(to, person?.Name ?? ""), Actor.Of(me), "", Now));
        }, ct);

    /// <summary>Gives it to another level, up or down; the reason is what the next one starts from.</summary>
    /// <param name="given">What was said to each question of that level: one that is neither ticked nor explained holds the ticket here.</param>
    public Task<TicketResult> HandOverAsync(TicketId id, Level to, string reason, IReadOnlyList<Evidence> given, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, Permission.TicketWork, async (tx, ticket) =>
        {
            if (reason.Length == 0) return new TicketResult.Refused("reason", "Say what was found out and what is expected now.");
            if (reason.Length > Limits.ReasonCharsMax) return new TicketResult.Refused("reason", "This is too long: at most 2,000 characters. Write a note and refer to it.");
            if (ticket.Level == to) return new TicketResult.Refused("level", "The ticket is on this level already.");
            var evidence = (await EvidenceStore.GetAsync(tx)).Sort(ticket.Level, to, given);
            if (evidence.Any(e => !e.IsAnswered)) return new TicketResult.Refused("evidence", "Tick it, or say in words why it is missing.");
            if (evidence.Any(e => e.Words.Length > Limits.EvidenceCharsMax)) return new TicketResult.Refused("words", "This is too long: at most 500 characters. Write a note and refer to it.");
            ticket = await log.AppendAsync(tx, ticket, new TicketChange.HandedOver(ticket.Level, to) { Evidence = evidence.Count > 0 ? evidence : null }, Actor.Of(me), reason, Now);
            // Who had it worked on another level: the new level's queue shows it to everybody there.
            if (ticket.AssigneeId is not null)
                ticket = await log.AppendAsync(tx, ticket, new TicketChange.Assigned(null, ""), Actor.Of(me), "", Now);
            return new TicketResult.Done(ticket);
        }, ct);

    private Task<TicketResult> ChangeAsync(
        TicketId id, CurrentPerson me, Permission permission, Func<Tx, Ticket, Task<TicketResult>> change, CancellationToken ct)
        => WriteAsync(async tx => await TicketStore.FindAsync(tx, id, me, permission) is { } ticket ? await change(tx, ticket) : Missing, ct);

    private Task<TicketResult> WriteAsync(Func<Tx, Task<TicketResult>> change, CancellationToken ct) => within is { } tx ? change(tx) : db.WriteAsync(change, ct);

    /// <summary>What the writer of a form has not seen. Only what others wrote, and only what he may see, makes it old.</summary>
    private static async Task<TicketResult?> StaleAsync(Tx tx, Ticket ticket, long seen, CurrentPerson me)
    {
        var newer = (await TicketStore.EntriesAsync(tx, ticket.Id, me, seen))
            .Where(e => e is TicketEntry.Message m && m.AuthorId != me.Id || e is TicketEntry.Note n && n.AuthorId != me.Id).ToArray();
        return newer.Length > 0 ? new TicketResult.Stale(ticket, newer) : null;
    }

    private static async Task<bool> IsAnsweredAsync(Tx tx, TicketId id)
        => (await ClockStore.FactsAsync(tx, id) ?? ClockFacts.Of(await TicketLog.EventsAsync(tx, id, bodies: false))).FirstResponse.Stop is not null;

    /// <summary>Whose ticket it becomes; null when there is no such person within reach.</summary>
    private static async Task<Requester?> RequesterAsync(Tx tx, string email, CurrentPerson me)
    {
        if (email.Length == 0 || Email.Key(email) == Email.Key(me.Email))
            return me.Organisation is { } own ? new(own, me.Id, me.Name, me.Email) : null;
        if (await PersonStore.ByEmailAsync(tx, email) is not { Disabled: false } person) return null;
        var home = await OrganisationStore.GetAsync(tx, person.OrganisationId);
        return me.Reach(Permission.TicketOpen).Covers(person.OrganisationId, home?.PartnerId, person.Id) ? Requester.Of(person) : null;
    }
}

/// <summary>Whose ticket it is.</summary>
internal sealed record Requester(OrganisationId? Organisation, PersonId? Id, string Name, string Email)
{
    public static Requester Of(Person person) => new(person.OrganisationId, person.Id, person.Name, person.Email);
}
