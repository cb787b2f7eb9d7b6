using Mithi.Cli;
using Mithi.Helpdesk.Development;
using Mithi.Helpdesk.Joins;
using Mithi.Helpdesk.Sla;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Questions about tickets, each answered within the reach of who asks. Out of reach is as if it were not there.</summary>
internal sealed class TicketStore(Db db, TicketLog log, TimeProvider time)
{
    static TicketStore() => RowMapping.AddId<TicketId>();

    // The entries of the log that a reader may see.
    private static readonly string Seen = $"""
        (@notes = 1 or e.kind in ({string.Join(", ", TicketChange.PublicKinds.Select(k => $"'{k}'"))})
            and not exists (select 1 from ticket_undone u where u.ticket_id = e.ticket_id and u.seq = e.seq))
        """;

    // A text that was brought from another ticket stands where it was written in time, not where it was brought.
    private const string Stands = "coalesce(m.posted_at, n.posted_at, e.at)";

    private const string Log = """
        ticket_event e left join ticket_message m on m.ticket_id = e.ticket_id and m.seq = e.seq
            left join ticket_note n on n.ticket_id = e.ticket_id and n.seq = e.seq
        """;

    private static readonly string Within = Reach.Sql("t.organisation_id", "t.requester_id");

    /// <summary>One page of a list, the newest change first, and where the next begins.</summary>
    public async Task<(IReadOnlyList<TicketLine> Lines, TicketCursor? Next)> ListAsync(TicketFilter filter, CurrentPerson me, int most, CancellationToken ct)
    {
        if (filter.Slice is { IsInternal: true } && !me.May(Permission.TicketNote)) return ([], null);
        var (query, values) = Asked(ref filter, me);
        values.Add("rows", most + 1);
        var changedAt = me.May(Permission.TicketNote) ? "t.updated_at" : "t.public_updated_at";
        var within = me.Reach(Permission.TicketRead).NarrowSql("t.organisation_id", "t.requester_id");
        var lines = await db.ReadAsync(async tx =>
        {
            var said = "";
            if (query.Words.Length > 0)
            {
                var ids = await TicketSearch.NewestAsync(tx, query.Words, me);
                if (ids.Count == 0) return [];
                said = $"and t.id in ({string.Join(", ", ids)})";
            }
            return await tx.QueryAsync<TicketLine>($"""
                select t.id, t.subject, coalesce(o.name, '') as organisation_name, t.requester_name, t.kind, t.priority, t.state, t.level,
                    t.assignee_name, t.fix_version, {changedAt} as updated_at, t.next_due,
                    {filter.Slice?.Order ?? changedAt} as listed_at
                from ticket t {(filter.Slice is null ? "" : "join ticket_fact f on f.ticket_id = t.id")} left join organisation o on o.id = t.organisation_id
                where {within} and {filter.Where(changedAt)} {And(query, tx)} {said}
                order by {filter.Order(changedAt)} limit @rows
                """, values);
        }, ct);
        if (lines.Count <= most) return (lines, null);
        var last = lines[most - 1];
        return ([.. lines.Take(most)], new(filter.IsByDue ? last.NextDue!.Value : last.ListedAt, last.Id));
    }

    /// <summary>How many tickets each list has, counted to a bound: no list is walked through for its number.</summary>
    public Task<IReadOnlyList<(long Count, bool IsMore)>> CountAsync(IReadOnlyList<TicketFilter> filters, CurrentPerson me, CancellationToken ct) => db.ReadAsync(async tx =>
    {
        var counts = new List<(long, bool)>();
        var changedAt = me.May(Permission.TicketNote) ? "t.updated_at" : "t.public_updated_at";
        var within = me.Reach(Permission.TicketRead).NarrowSql("t.organisation_id", "t.requester_id");
        foreach (var asked in filters)
        {
            var filter = asked with { Before = null };
            var (query, values) = Asked(ref filter, me);
            values.Add("most", Limits.CountMax + 1);
            values.Add("scan", Limits.CountScanRows);
            var ids = query.Words.Length > 0 ? await TicketSearch.NewestAsync(tx, query.Words, me) : null;
            var said = ids is null ? "" : ids.Count == 0 ? "and 1 = 0" : $"and t.id in ({string.Join(", ", ids)})";
            var facts = filter.Slice is null ? "" : "join ticket_fact f on f.ticket_id = t.id";
            // What an index has in its order is counted there; what no index knows is looked for among the first of the list.
            var isPlain = filter.Priority is null && filter.Level is null && !query.Where(tx.Engine).Any();
            var whole = filter with { Priority = null, Level = null };
            var row = await tx.QuerySingleAsync<CountRow>(isPlain
                ? $"select count(*) as found, 0 as looked from (select 1 from ticket t {facts} where {within} and {filter.Where(changedAt)} {said} limit @most) n"
                : $"""
                with some as (select t.* from ticket t {facts} where {within} and {whole.Where(changedAt)} {said} order by {filter.Order(changedAt)} limit @scan)
                select (select count(*) from (select 1 from some t where {(filter with { Slice = null }).Where(changedAt)} {And(query, tx)} limit @most) n) as found, (select count(*) from some) as looked
                """, values);
            counts.Add((Math.Min(row.Found, Limits.CountMax), row.Found > Limits.CountMax || row.Looked >= Limits.CountScanRows));
        }
        return (IReadOnlyList<(long, bool)>)counts;
    }, ct);

    /// <summary>What is asked for, without what its reader may not ask for, and the values of it.</summary>
    private (TicketQuery Query, Dapper.DynamicParameters Values) Asked(ref TicketFilter filter, CurrentPerson me)
    {
        var isStaff = me.May(Permission.TicketNote);
        var query = TicketQuery.Parse(filter.Words, isStaff);
        // Levels are not for customers; and who asks for a state means it, whatever the list shows by itself.
        if (!isStaff) filter = filter with { Level = null };
        if (query.State.Length > 0 && filter.Which == "open") filter = filter with { Which = "all" };
        var values = new Dapper.DynamicParameters(filter.Values(Kernel.Web.TimeProviderInstant.GetCurrentInstant(time), me.Id?.Value ?? 0, me.Zone));
        foreach (var (name, value) in query.Values()) values.Add(name, value);
        Add(values, me);
        return (query, values);
    }

    private static string And(TicketQuery query, Tx tx) => string.Concat(query.Where(tx.Engine).Select(condition => $"and {condition} "));

    public Task<Ticket?> FindAsync(TicketId id, CurrentPerson me, CancellationToken ct) => db.ReadAsync(tx => FindAsync(tx, id, me), ct);

    public static Task<Ticket?> FindAsync(Tx tx, TicketId id, CurrentPerson me, Permission permission = Permission.TicketRead)
    {
        var values = new Dapper.DynamicParameters(new { id = id.Value });
        Add(values, me, permission);
        return tx.QuerySingleOrDefaultAsync<Ticket>($"select {TicketLog.Columns} from ticket t where t.id = @id and {Within}", values);
    }

    /// <summary>Whatever the reach: for the house's own work.</summary>
    public static Task<Ticket?> GetAsync(Tx tx, TicketId id)
        => tx.QuerySingleOrDefaultAsync<Ticket>($"select {TicketLog.Columns} from ticket t where t.id = @id", new { id });

    /// <summary>The ticket in which a merged one goes on, however often that was merged in its turn; else the ticket itself.</summary>
    public static async Task<Ticket?> SurvivorAsync(Tx tx, TicketId id)
    {
        var ticket = await GetAsync(tx, id);
        for (var merges = 0; ticket?.MergedIntoId is { } survivor && merges < Limits.MergesMax; merges++) ticket = await GetAsync(tx, survivor);
        return ticket;
    }

    /// <summary>What product development has of it, for staff.</summary>
    public Task<IReadOnlyList<IssueLine>> IssuesAsync(TicketId id, CurrentPerson me, CancellationToken ct)
    {
        Check.That(me.May(Permission.TicketNote));
        return db.ReadAsync(tx => DevelopmentStore.OfTicketAsync(tx, id), ct);
    }

    /// <summary>How the ticket belongs together with others, for staff, and where a merged one goes on when this reader reaches that.</summary>
    public Task<(JoinModel? Joins, TicketId? GoesOnIn)> JoinsAsync(Ticket ticket, CurrentPerson me, CancellationToken ct) => db.ReadAsync(async tx =>
    {
        var survivor = ticket.MergedIntoId is null ? null : await SurvivorAsync(tx, ticket.Id);
        var reached = survivor is null ? null : await FindAsync(tx, survivor.Id, me);
        return (me.May(Permission.TicketNote) ? await JoinModel.OfAsync(tx, ticket) with { MayWork = me.May(Permission.TicketWork) } : null, reached?.Id);
    }, ct);

    /// <summary>A ticket with the newest of its conversation and its clocks; null when there is none within reach.</summary>
    /// <param name="before">Null for the newest; else those before this entry.</param>
    public Task<TicketPage?> PageAsync(TicketId id, long? before, CurrentPerson me, CancellationToken ct) => db.ReadAsync(async tx =>
    {
        if (await FindAsync(tx, id, me) is not { } ticket) return null;
        var organisation = ticket.OrganisationId is { } home ? await OrganisationStore.GetAsync(tx, home) : null;
        var clocks = await log.ClocksAsync(tx, ticket);
        if (!me.May(Permission.TicketNote)) ticket = ticket with { UpdatedAt = ticket.PublicUpdatedAt };
        var (entries, older) = await NewestAsync(tx, id, me, before ?? long.MaxValue);
        return new TicketPage(ticket, organisation?.Name ?? "", entries, older, clocks)
        {
            Ties = me.May(Permission.TicketNote) ? await JoinStore.TiesAsync(tx, id) : [],
        };
    }, ct);

    /// <summary>What was said after an entry; null when there is no such ticket within reach.</summary>
    public Task<IReadOnlyList<TicketEntry>?> EntriesAsync(TicketId id, CurrentPerson me, long after, CancellationToken ct)
        => db.ReadAsync<IReadOnlyList<TicketEntry>?>(async tx
            => await FindAsync(tx, id, me) is null ? null : await EntriesAsync(tx, id, me, after), ct);

    /// <summary>What was said after an entry and this reader may see, oldest first; no more than a page's worth.</summary>
    public static async Task<IReadOnlyList<TicketEntry>> EntriesAsync(Tx tx, TicketId id, CurrentPerson me, long after)
    {
        var seqs = await tx.QueryAsync<long>($"""
            select e.seq from ticket_event e where e.ticket_id = @id and e.seq > @after and {Seen} order by e.seq limit @most
            """, new { id, after, notes = me.May(Permission.TicketNote), most = Limits.ConversationRows });
        return await OfAsync(tx, id, me, seqs);
    }

    /// <summary>The last entries before one, oldest first, and where older ones end: null when there are none.</summary>
    private static async Task<(IReadOnlyList<TicketEntry> Entries, long? Older)> NewestAsync(Tx tx, TicketId id, CurrentPerson me, long before)
    {
        var at = await tx.QuerySingleOrDefaultAsync<long?>($"select {Stands} from {Log} where e.ticket_id = @id and e.seq = @before", new { id, before });
        var seqs = await tx.QueryAsync<long>($"""
            select e.seq from {Log}
            where e.ticket_id = @id and ({Stands} < @at or ({Stands} = @at and e.seq < @before)) and {Seen}
            order by {Stands} desc, e.seq desc limit @most
            """, new { id, at = at ?? long.MaxValue, before, notes = me.May(Permission.TicketNote), most = Limits.ConversationRows + 1 });
        var some = seqs.Take(Limits.ConversationRows).ToArray();
        return (await OfAsync(tx, id, me, some), seqs.Count > some.Length ? some[^1] : null);
    }

    /// <summary>These entries as a reader sees them, oldest first.</summary>
    private static async Task<IReadOnlyList<TicketEntry>> OfAsync(Tx tx, TicketId id, CurrentPerson me, IReadOnlyList<long> seqs)
    {
        if (seqs.Count == 0) return [];
        var these = new { id, seqs, notes = me.May(Permission.TicketNote) };
        var files = await tx.QueryAsync<FileRow>("""
            select seq, number, name, content_type, bytes from ticket_file
            where ticket_id = @id and seq in @seqs and (internal = 0 or @notes = 1) order by seq, number
            """, these);
        var filesOf = files.ToLookup(f => f.Seq, f => new FileLink(f.Number, f.Name, f.ContentType, f.Bytes));
        var messages = await tx.QueryAsync<MessageRow>("""
            select seq, side, author_id, author_name, via, body, posted_at, origin_id from ticket_message where ticket_id = @id and seq in @seqs
            """, these);
        var notes = me.May(Permission.TicketNote) ? await NotesAsync(tx, id, me, seqs) : [];
        var reached = await ReachedAsync(tx, me, [.. messages.Select(m => m.OriginId).Concat(notes.Select(n => n.OriginId)).OfType<TicketId>().Distinct()]);
        var entries = messages.Select(TicketEntry (m) => new TicketEntry.Message(m.Seq, m.PostedAt, m.AuthorId, m.AuthorName, m.Side, m.Via, m.Body, [.. filesOf[m.Seq]])
        {
            From = m.OriginId is { } from && reached.Contains(from) ? from : null,
        }).ToList();
        entries.AddRange(notes.Select(n => new TicketEntry.Note(n.Seq, n.PostedAt, n.AuthorId, n.AuthorName, n.Via, n.Body, [.. filesOf[n.Seq]])
        {
            From = n.OriginId is { } from && reached.Contains(from) ? from : null,
        }));
        var events = await TicketLog.EventsAsync(tx, id, seqs);
        if (events.Any(e => e.Change is TicketChange.CardDropped))
        {
            var marks = await MarksAsync(tx, id);
            entries.AddRange(events.Where(e => e.Change is TicketChange.CardDropped).Select(e => new TicketEntry.Card(
                e.Seq, e.At, e.ActorName, (TicketChange.CardDropped)e.Change, e.Body, marks.TryGetValue(e.Seq, out var isDone) ? isDone : null)));
        }
        foreach (var happened in events)
            if (!happened.Change.IsText && (happened.Change.IsPublic || me.May(Permission.TicketNote)))
                entries.Add(new TicketEntry.Happened(happened.Seq, happened.At, happened.ActorName, happened.Change,
                    happened.Change is TicketChange.FixAvailable or TicketChange.Called ? "" : happened.Body));
        return [.. entries.OrderBy(e => e.At).ThenBy(e => e.Seq).ThenBy(e => e is TicketEntry.Happened)];
    }

    /// <summary>Those of some tickets that a reader may see: the number of another is nothing that he may know.</summary>
    private static async Task<IReadOnlySet<TicketId>> ReachedAsync(Tx tx, CurrentPerson me, IReadOnlyList<TicketId> ids)
    {
        if (ids.Count == 0) return new HashSet<TicketId>();
        var values = new Dapper.DynamicParameters(new { ids = ids.Select(i => i.Value).ToArray() });
        Add(values, me);
        return (await tx.QueryAsync<TicketId>($"select t.id from ticket t where t.id in @ids and {Within}", values)).ToHashSet();
    }

    /// <summary>What was said last of each card that was marked.</summary>
    public static async Task<IReadOnlyDictionary<long, bool>> MarksAsync(Tx tx, TicketId id)
    {
        var seqs = await tx.QueryAsync<long>("select seq from ticket_event where ticket_id = @id and kind = 'card-marked' order by seq", new { id });
        var marks = new Dictionary<long, bool>();
        foreach (var chunk in seqs.Chunk(Limits.ConversationRows))
            foreach (var happened in await TicketLog.EventsAsync(tx, id, chunk))
                if (happened.Change is TicketChange.CardMarked mark) marks[mark.Card] = mark.Done;
        return marks;
    }

    /// <summary>A file of a message, or of a note for who may read notes.</summary>
    public Task<TicketFile?> FileAsync(TicketId id, long seq, int number, CurrentPerson me, CancellationToken ct) => db.ReadAsync(async tx =>
    {
        if (await FindAsync(tx, id, me) is null) return null;
        return await tx.QuerySingleOrDefaultAsync<TicketFile>("""
            select blob, name, content_type, bytes from ticket_file
            where ticket_id = @id and seq = @seq and number = @number and (internal = 0 or @notes = 1)
            """, new { id, seq, number, notes = me.May(Permission.TicketNote) });
    }, ct);

    /// <summary>The clocks with all their insides, for staff; null out of reach.</summary>
    public Task<TicketClocks?> ClocksAsync(TicketId id, CurrentPerson me, CancellationToken ct) => db.ReadAsync(async tx =>
        await FindAsync(tx, id, me, Permission.TicketNote) is { } ticket ? await log.ClocksAsync(tx, ticket) : null, ct);

    /// <summary>Whom public messages go to by mail, for staff; null out of reach.</summary>
    public Task<IReadOnlyList<ApiPerson>?> ParticipantsAsync(TicketId id, CurrentPerson me, CancellationToken ct) => db.ReadAsync<IReadOnlyList<ApiPerson>?>(async tx =>
        await FindAsync(tx, id, me, Permission.TicketNote) is null ? null
            : await tx.QueryAsync<ApiPerson>("select name, email from ticket_participant where ticket_id = @id order by email_key limit 500", new { id }), ct);

    /// <summary>People who can be given a ticket: the staff.</summary>
    public Task<IReadOnlyList<StaffName>> StaffAsync(CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<StaffName>("""
        select p.id, p.name from person p where p.disabled = 0
            and p.role in ('SupportL1', 'SupportL2', 'SupportL3', 'Development', 'Administrator') order by p.name, p.id limit 500
        """), ct);

    private static Task<IReadOnlyList<NoteRow>> NotesAsync(Tx tx, TicketId id, CurrentPerson me, IReadOnlyList<long> seqs)
    {
        // The page that asks has asked already; a note that leaks is the worst bug, so this door has its own lock.
        Check.That(me.May(Permission.TicketNote));
        return tx.QueryAsync<NoteRow>("""
            select seq, author_id, author_name, via, body, posted_at, origin_id from ticket_note where ticket_id = @id and seq in @seqs
            """, new { id, seqs });
    }

    private static void Add(Dapper.DynamicParameters values, CurrentPerson me, Permission permission = Permission.TicketRead)
    {
        var reach = me.Reach(permission);
        values.Add("All", reach.All);
        values.Add("Home", reach.Home);
        values.Add("Partner", reach.Partner);
        values.Add("Me", reach.Me);
    }

    private sealed record MessageRow(long Seq, Side Side, PersonId? AuthorId, string AuthorName, Via Via, string Body, Instant PostedAt, TicketId? OriginId);

    private sealed record NoteRow(long Seq, PersonId? AuthorId, string AuthorName, Via Via, string Body, Instant PostedAt, TicketId? OriginId);

    private sealed record CountRow(long Found, long Looked);

    private sealed record FileRow(long Seq, int Number, string Name, string ContentType, long Bytes);
}

/// <summary>A ticket as one reader may see it.</summary>
/// <param name="Older">Older entries are before this one; null when the first is here.</param>
internal sealed record TicketPage(Ticket Ticket, string OrganisationName, IReadOnlyList<TicketEntry> Entries, long? Older, TicketClocks Clocks)
{
    /// <summary>Empty for customers: they know nothing of other tickets.</summary>
    public IReadOnlyList<TicketTie> Ties { get; init; } = [];
}

internal sealed record StaffName(PersonId Id, string Name);

/// <param name="Number">1, 2, 3 within its message.</param>
public sealed record FileLink(int Number, string Name, string ContentType, long Bytes);

/// <summary>One line of a conversation. A note is a type of its own: nothing takes it for a message by a forgotten flag.</summary>
internal abstract record TicketEntry(long Seq, Instant At)
{
    public sealed record Message(long Seq, Instant At, PersonId? AuthorId, string AuthorName, Side Side, Via Via, string Body,
        IReadOnlyList<FileLink> Files) : TicketEntry(Seq, At)
    {
        /// <summary>The ticket that it was written in; null: this one, or one out of the reader's reach.</summary>
        public TicketId? From { get; init; }
    }

    public sealed record Note(long Seq, Instant At, PersonId? AuthorId, string AuthorName, Via Via, string Body,
        IReadOnlyList<FileLink> Files) : TicketEntry(Seq, At)
    {
        /// <summary>The ticket that it was written in; null: this one, or one out of the reader's reach.</summary>
        public TicketId? From { get; init; }
    }

    /// <param name="IsDone">Null while nothing was said of it.</param>
    public sealed record Card(long Seq, Instant At, string AuthorName, TicketChange.CardDropped Step, string Text, bool? IsDone) : TicketEntry(Seq, At);

    /// <param name="Reason">What was given as the reason; staff alone gets events that have one.</param>
    public sealed record Happened(long Seq, Instant At, string ActorName, TicketChange Change, string Reason) : TicketEntry(Seq, At);
}
