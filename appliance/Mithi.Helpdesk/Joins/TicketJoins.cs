using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Joins;

/// <summary>Ties tickets together, makes one of two and two of one. Each writes both logs in one transaction; <see cref="TicketUndo"/> takes it back.</summary>
internal sealed class TicketJoins(Db db, TicketLog log, TicketDesk desk, TimeProvider time)
{
    private static readonly TicketResult Missing = new TicketResult.Missing();

    private Instant Now => time.GetCurrentInstant();

    /// <param name="role">What <paramref name="other"/> is to the ticket.</param>
    public Task<TicketResult> LinkAsync(TicketId id, TicketId other, LinkRole role, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket) return Missing;
        if (await TicketStore.FindAsync(tx, other, me, Permission.TicketWork) is not { } tied) return Refused("other", "There is no ticket with this number.");
        if (await LinkMistakeAsync(tx, ticket, tied, role) is { } mistake) return mistake;
        await log.AppendAsync(tx, tied, new TicketChange.Linked(id, role.Inverse()), Actor.Of(me), "", Now);
        return new TicketResult.Done(await log.AppendAsync(tx, ticket, new TicketChange.Linked(other, role), Actor.Of(me), "", Now));
    }, ct);

    /// <summary>Ends a ticket in another, which goes on for both.</summary>
    /// <param name="confirmed">Staff says that the tickets of two customers belong together. What the one wrote is then a note to the other's ticket.</param>
    public Task<TicketResult> MergeAsync(TicketId id, TicketId into, bool confirmed, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } source) return Missing;
        if (await TicketStore.FindAsync(tx, into, me, Permission.TicketWork) is not { } survivor) return Refused("into", "There is no ticket with this number.");
        if (id == into) return Refused("into", "A ticket can't be merged into itself.");
        if (source.State == TicketState.Merged) return Refused("into", "This ticket is merged already. Undo that first.");
        if (survivor.State == TicketState.Merged) return Refused("into", "That ticket is merged itself. Name the one in which it goes on.");
        if (survivor.IsStopped && !source.IsStopped) return Refused("into", "That ticket is done, and this one is not. Reopen it first, or merge it into this one.");
        var isOneCustomer = IsOneCustomer(source, survivor);
        if (!isOneCustomer && !confirmed)
            return Refused("confirm", "The tickets are of different customers. Confirm it: each goes on seeing nothing of the other.");
        var texts = await JoinStore.TextsAsync(tx, id);
        if (texts.Count > Limits.BroughtMax) return Refused("into", "This ticket is too long to be merged. Link the two.");
        return new TicketResult.Done(await MergeAsync(tx, source, survivor, texts, isOneCustomer, Actor.Of(me)));
    }, ct);

    /// <summary>Moves messages and notes into a new ticket of the same customer.</summary>
    public Task<TicketResult> SplitAsync(TicketId id, IReadOnlyCollection<long> seqs, string subject, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } source) return Missing;
        if (source.State == TicketState.Merged) return Refused("seq", "This ticket is merged. Split the one in which it goes on.");
        if (subject.Length is 0 or > Limits.SubjectCharsMax) return Refused("subject", "Say in a few words what it is about.");
        var texts = await JoinStore.TextsAsync(tx, id);
        var chosen = texts.Where(t => seqs.Contains(t.Seq)).ToArray();
        if (chosen.Length != seqs.Distinct().Count() || chosen.Length == 0) return Refused("seq", "Choose what to move.");
        if (chosen.Any(t => t.Seq == 1)) return Refused("seq", "The first message stays: it is what the ticket began with.");
        if (chosen.FirstOrDefault(t => !t.IsNote) is not { } first) return Refused("seq", "Choose at least one message that the customer can read.");
        return new TicketResult.Done(await SplitAsync(tx, source, first, chosen, subject, Actor.Of(me)));
    }, ct);

    /// <summary>Answers the incidents of a problem, each in its own transaction; the number of those that were.</summary>
    /// <param name="then">The state that they go to; null leaves it to the rules.</param>
    public async Task<TicketResult> AnswerIncidentsAsync(
        TicketId problem, IReadOnlyCollection<TicketId> incidents, string body, TicketState? then, CurrentPerson me, Via via, CancellationToken ct)
    {
        var (found, ties) = await db.ReadAsync(async tx => (await TicketStore.FindAsync(tx, problem, me, Permission.TicketWork),
            await JoinStore.TiesAsync(tx, problem)), ct);
        if (found is null) return Missing;
        if (body.Length == 0) return Refused("answer", "Write something first.");
        if (body.Length > Limits.BodyCharsMax) return Refused("answer", "This is too long: attach it as a file.");
        var chosen = ties.Where(t => t.Role == LinkRole.Effect && incidents.Contains(t.OtherId)).ToArray();
        if (chosen.Length == 0) return Refused("answer", "Choose at least one incident.");
        TicketResult? refused = null;
        foreach (var incident in chosen)
            if (await desk.ReplyAsync(incident.OtherId, new(body, long.MaxValue, incident.State == then ? null : then), me, via, ct) is TicketResult.Refused)
                refused = Refused("answer", "Not every incident could be answered: some were closed a while ago.");
        return refused ?? new TicketResult.Done(found);
    }

    /// <summary>Whether nobody learns anything new when the two show each other's messages.</summary>
    private static bool IsOneCustomer(Ticket one, Ticket other) => one.OrganisationId is { } home ? home == other.OrganisationId
        : other.OrganisationId is null && Email.Key(one.RequesterEmail) == Email.Key(other.RequesterEmail);

    private static TicketResult Refused(string field, string message) => new TicketResult.Refused(field, message);

    private static async Task<TicketResult?> LinkMistakeAsync(Tx tx, Ticket ticket, Ticket other, LinkRole role)
    {
        if (ticket.Id == other.Id) return Refused("other", "A ticket can't be tied to itself.");
        if (ticket.State == TicketState.Merged || other.State == TicketState.Merged)
            return Refused("other", "One of the two is merged. Tie the ticket in which it goes on.");
        if ((role == LinkRole.Cause ? other.Kind : role == LinkRole.Effect ? ticket.Kind : TicketKind.Problem) != TicketKind.Problem)
            return Refused("role", "Only a ticket of the kind problem can be a cause.");
        if (await JoinStore.IsTiedAsync(tx, ticket.Id, other.Id, role)) return Refused("other", "The two are tied so already.");
        if (await JoinStore.CountAsync(tx, ticket.Id) >= Limits.LinksMax || await JoinStore.CountAsync(tx, other.Id) >= Limits.LinksMax)
            return Refused("other", "One of the two has too many ties already.");
        // Of what has an above and a below, nothing can be above itself.
        return role != LinkRole.Related && await JoinStore.ReachesAsync(tx, other.Id, ticket.Id, role)
            ? Refused("other", "This would go round in a circle.") : null;
    }

    private async Task<Ticket> MergeAsync(Tx tx, Ticket source, Ticket survivor, IReadOnlyList<Text> texts, bool isOneCustomer, Actor actor)
    {
        var clocks = await TicketLog.FactsAsync(tx, source.Id);
        var joining = isOneCustomer ? await JoinStore.ParticipantsAsync(tx, source.Id) : [];
        var files = await JoinStore.FilesAsync(tx, source.Id);
        var now = Now;
        var merged = await log.AppendAsync(tx, source, new TicketChange.MergedInto(survivor.Id, source.State), actor, "", now);
        return await log.AppendAsync(tx, survivor, [new TicketChange.MergedFrom(source.Id, merged.Seq, joining, clocks),
            .. texts.Select(t => Bring(source.Id, t, [.. files[t.Seq]], asNote: !isOneCustomer))], actor, now);
    }

    private async Task<Ticket> SplitAsync(Tx tx, Ticket source, Text first, IReadOnlyList<Text> chosen, string subject, Actor actor)
    {
        var now = Now;
        var files = await JoinStore.FilesAsync(tx, source.Id);
        var opened = new TicketChange.Opened(source.OrganisationId, source.RequesterId, source.RequesterName, source.RequesterEmail, subject,
            source.Kind, source.Priority, source.Product, source.ProductVersion, null, first.Via, first.Side, [.. files[first.Seq]])
        {
            Of = first.OriginIn(source.Id),
        };
        var made = await log.OpenAsync(tx, opened, actor, "", now);
        await log.AppendAsync(tx, made, [.. chosen.Where(t => t != first).Select(t => Bring(source.Id, t, [.. files[t.Seq]], asNote: false)),
            new TicketChange.Linked(source.Id, LinkRole.Related)], actor, now);
        await log.AppendAsync(tx, source, [new TicketChange.SplitOff(made.Id, [.. chosen.Select(t => t.Seq)]), new TicketChange.Linked(made.Id, LinkRole.Related)],
            actor, now);
        return made;
    }

    private static TicketChange Bring(TicketId from, Text text, IReadOnlyList<TicketFile> files, bool asNote) => text.IsNote || asNote
        ? new TicketChange.BroughtNote(text.OriginIn(from), files) : new TicketChange.BroughtMessage(text.OriginIn(from), text.Side, files);
}
