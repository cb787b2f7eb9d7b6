using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Mithi.Cli;
using Mithi.Helpdesk.Effort;
using Mithi.Helpdesk.Reports;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Webhooks;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Writes what happened, and from that everything else that the tables say about tickets.</summary>
/// <remarks>The only writer of these tables: what <see cref="RebuildAsync(IProgress{ValueTuple{long, long}}, CancellationToken)"/> makes is what they held before.</remarks>
internal sealed class TicketLog(Db db, NodeKeys keys, ClockStore clocks, FactStore reported, SearchIndex search, TicketFeed feed, TicketHooks hooks, TimeProvider time)
    : IChainedLog
{
    public const string Columns = """
        t.id, t.organisation_id, t.requester_id, t.requester_name, t.requester_email, t.subject, t.kind, t.priority, t.state,
        t.level, t.assignee_id, t.assignee_name, t.product, t.product_version, t.fix_product, t.fix_version, t.follows_id,
        t.merged_into_id, t.seq, t.hash, t.opened_at, t.updated_at, t.public_updated_at, t.stopped_at
        """;

    private const string KeyName = "tickets";

    private readonly Lazy<byte[]> key = new(() => keys.Get(KeyName));

    /// <inheritdoc/>
    public string Name => "Tickets";

    /// <inheritdoc/>
    public string Counted => "tickets";

    /// <summary>Begins a ticket with its first message.</summary>
    public async Task<Ticket> OpenAsync(Tx tx, TicketChange.Opened opened, Actor actor, string body, Instant now)
    {
        Check.That(opened.Subject.Length is > 0 and <= Limits.SubjectCharsMax);
        var id = await RowAsync(tx, null, opened, now);
        return await WriteAsync(tx, null, new(id, 1, now, actor.Id, actor.Name, opened, Clean(body)));
    }

    /// <summary>Writes a whole ticket that happened elsewhere, with its times; what follows from it is worked out once, at its end. Tells no open page.</summary>
    /// <param name="story">In order; the first opens it.</param>
    public async Task<Ticket> TellAsync(Tx tx, IReadOnlyList<PastEntry> story)
    {
        Check.That(story is [{ Change: TicketChange.Opened { Subject.Length: > 0 and <= Limits.SubjectCharsMax } }, ..]);
        var id = await RowAsync(tx, null, (TicketChange.Opened)story[0].Change, story[0].At);
        return await TellAsync(tx, id, null, null, story);
    }

    /// <summary>The same for what happened elsewhere to a ticket that is here already.</summary>
    public async Task<Ticket> TellOnAsync(Tx tx, Ticket ticket, IReadOnlyList<PastEntry> story)
        => await TellAsync(tx, ticket.Id, ticket, await FactsAsync(tx, ticket.Id), story);

    private async Task<Ticket> TellAsync(Tx tx, TicketId id, Ticket? ticket, ClockFacts? facts, IReadOnlyList<PastEntry> story)
    {
        foreach (var past in story)
        {
            var at = ticket is null ? past.At : Instant.Max(past.At, ticket.UpdatedAt);
            (ticket, facts) = await EntryAsync(tx, ticket, facts, new(id, (ticket?.Seq ?? 0) + 1, at, past.Actor.Id, past.Actor.Name, past.Change, Clean(past.Body)));
        }
        await FinishAsync(tx, ticket!, facts!);
        return ticket!;
    }

    /// <summary>Adds an entry to a ticket's log and brings all that follows from it up to date.</summary>
    public Task<Ticket> AppendAsync(Tx tx, Ticket ticket, TicketChange change, Actor actor, string body, Instant now)
        // A clock that was set back must not put an effect before its cause.
        => WriteAsync(tx, ticket, new(ticket.Id, ticket.Seq + 1, Instant.Max(now, ticket.UpdatedAt), actor.Id, actor.Name, change, Clean(body)));

    /// <summary>Adds many entries of one moment; what follows from all together is brought up to date once.</summary>
    public async Task<Ticket> AppendAsync(Tx tx, Ticket ticket, IReadOnlyList<TicketChange> changes, Actor actor, Instant now)
    {
        var (at, facts) = (Instant.Max(now, ticket.UpdatedAt), await FactsAsync(tx, ticket.Id));
        foreach (var change in changes)
        {
            Check.That(change is not TicketChange.Undone);
            var happened = new TicketEvent(ticket.Id, ticket.Seq + 1, at, actor.Id, actor.Name, change, "");
            (ticket, facts) = await EntryAsync(tx, ticket, facts, happened);
            await TellAsync(tx, ticket, happened);
        }
        await FinishAsync(tx, ticket, facts);
        return ticket;
    }

    /// <summary>Takes entries back: they stay in the log, and all that is made from it is made again without them.</summary>
    public async Task<Ticket> UndoAsync(Tx tx, Ticket ticket, IReadOnlyList<long> seqs, Actor actor, Instant now)
    {
        var happened = new TicketEvent(ticket.Id, ticket.Seq + 1, Instant.Max(now, ticket.UpdatedAt), actor.Id, actor.Name, new TicketChange.Undone(seqs), "");
        await ChainAsync(tx, ticket, happened);
        await RebuildAsync(tx, ticket.Id);
        ticket = (await TicketStore.GetAsync(tx, ticket.Id))!;
        await TellAsync(tx, ticket, happened);
        return ticket;
    }

    public static async Task<IReadOnlyList<TicketEvent>> EventsAsync(Tx tx, TicketId id, bool bodies)
        => [.. (await tx.QueryAsync<EventRow>($"""
            select ticket_id, seq, at, actor_id, actor_name, kind, detail, {(bodies ? "body" : "'' as body")}, hash
            from ticket_event where ticket_id = @id order by seq
            """, new { id })).Select(r => r.ToEvent())];

    /// <summary>Some entries of the log.</summary>
    public static async Task<IReadOnlyList<TicketEvent>> EventsAsync(Tx tx, TicketId id, IReadOnlyList<long> seqs)
        => [.. (await tx.QueryAsync<EventRow>("""
            select ticket_id, seq, at, actor_id, actor_name, kind, detail, body, hash
            from ticket_event where ticket_id = @id and seq in @seqs order by seq
            """, new { id, seqs })).Select(r => r.ToEvent())];

    /// <summary>The clocks as they are now.</summary>
    public Task<TicketClocks> ClocksAsync(Tx tx, Ticket ticket) => clocks.ClocksAsync(tx, ticket, time.GetCurrentInstant());

    /// <summary>Reads every chain; answers how many tickets there are, or the first that is not as it was written.</summary>
    public async Task<AuditVerdict> VerifyAsync(CancellationToken ct)
    {
        for (var (last, count) = (0L, 0L); ; count++)
        {
            // Both in one snapshot: the node may be writing meanwhile.
            var (rows, ticket) = await db.ReadAsync(async tx => (await tx.QueryAsync<EventRow>("""
                select e.ticket_id, e.seq, e.at, e.actor_id, e.actor_name, e.kind, e.detail, e.body, e.hash from ticket_event e
                where e.ticket_id = (select min(id) from (select min(ticket_id) as id from ticket_event where ticket_id > @last
                    union all select min(id) from ticket where id > @last) either)
                order by e.seq
                """, new { last }), await tx.QuerySingleOrDefaultAsync<Head>(
                "select id, seq, hash from ticket where id = (select min(id) from ticket where id > @last)", new { last })), ct);
            if (rows.Count == 0 && ticket is null) return new(true, count, "");
            var id = rows.Count > 0 ? rows[0].TicketId : ticket!.Id;
            if (!keys.Exists(KeyName)) return new(false, id.Value, NodeKeys.MissingFor(KeyName));
            var hash = "";
            foreach (var (row, i) in rows.Select((r, i) => (r, i)))
            {
                if (row.Seq != i + 1) return new(false, id.Value, $"Entry {i + 1} of ticket {id} has been removed.");
                if (row.Hash != HashOf(hash, row)) return new(false, id.Value, $"Entry {row.Seq} of ticket {id} is not as it was written.");
                hash = row.Hash;
            }
            if (ticket is null || ticket.Id != id || ticket.Seq != rows.Count || ticket.Hash != hash)
                return new(false, id.Value, $"The log of ticket {id} does not end as its row says.");
            last = id.Value;
        }
    }

    /// <summary>Makes rows, messages, clocks and search documents of all tickets again from their logs.</summary>
    public async Task RebuildAsync(IProgress<(long Done, long Total)> done, CancellationToken ct)
    {
        var total = await db.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(distinct ticket_id) from ticket_event"), ct);
        for (var (last, count) = (0L, 0L); ;)
        {
            var next = await db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<long?>(
                "select min(ticket_id) from ticket_event where ticket_id > @last", new { last }), ct);
            if (next is not { } id) return;
            await db.WriteAsync(tx => RebuildAsync(tx, new(id)), ct);
            last = id;
            done.Report((++count, total));
        }
    }

    /// <inheritdoc cref="RebuildAsync(IProgress{ValueTuple{long, long}}, CancellationToken)"/>
    public async Task RebuildAsync(Tx tx, TicketId id)
    {
        foreach (var note in await tx.QueryAsync<long>("select seq from ticket_note where ticket_id = @id", new { id }))
            await search.RemoveAsync(tx, TicketSearch.NoteKind, TicketSearch.NoteId(id, note));
        foreach (var table in (string[])["ticket_message", "ticket_note", "ticket_file", "ticket_participant", "ticket_link", "ticket_undone", "ticket_level_span", "ticket_time", "ticket_fact"])
            await tx.ExecuteAsync($"delete from {table} where ticket_id = @id", new { id });
        var rows = await tx.QueryAsync<EventRow>(
            "select ticket_id, seq, at, actor_id, actor_name, kind, detail, body, hash from ticket_event where ticket_id = @id order by seq", new { id });
        var events = rows.Select(r => r.ToEvent()).ToArray();
        var passed = TicketFold.Passed(events);
        Ticket? ticket = null;
        ClockFacts? facts = null;
        foreach (var (happened, row) in events.Zip(rows))
        {
            if (happened.Change is TicketChange.Opened opened) await RowAsync(tx, id, opened, happened.At);
            var counts = !passed.Contains(happened.Seq);
            var (before, then) = (ticket, facts);
            ticket = (counts ? TicketFold.Apply(ticket, happened) : TicketFold.Pass(ticket!, happened)) with { Hash = row.Hash };
            if (!counts) continue;
            facts = ClockFacts.Apply(facts, happened);
            await ProjectAsync(tx, ticket, happened);
            await reported.ApplyAsync(tx, before, ticket, happened, then, facts);
        }
        foreach (var seq in passed) await tx.ExecuteAsync("insert into ticket_undone (ticket_id, seq) values (@id, @seq)", new { id, seq });
        if (ticket is not null) await FinishAsync(tx, ticket, facts!);
    }

    /// <summary>The row takes its number first; everything in it but the number is written again from the events.</summary>
    /// <param name="known">For a row that was lost; one that is there stays.</param>
    private static async Task<TicketId> RowAsync(Tx tx, TicketId? known, TicketChange.Opened opened, Instant now)
        => await tx.QuerySingleOrDefaultAsync<TicketId?>($"""
            insert into ticket ({(known is null ? "" : "id, ")}organisation_id, requester_id, requester_name, requester_email, subject, kind, priority,
                state, level, assignee_name, product, product_version, fix_product, fix_version, seq, hash, opened_at, updated_at,
                response_state, resolution_state)
            values ({(known is null ? "" : "@known, ")}@OrganisationId, @RequesterId, @RequesterName, @RequesterEmail, @Subject, @kind, @priority,
                'New', 'L1', '', '', '', '', '', 0, '', @now, @now, 'Running', 'Running')
            on conflict (id) do nothing returning id
            """, new
        {
            known, opened.OrganisationId, opened.RequesterId, opened.RequesterName, opened.RequesterEmail, opened.Subject,
            kind = opened.TicketKind.ToString(), priority = opened.Priority.ToString(), now,
        }) ?? known!.Value;

    private async Task<Ticket> WriteAsync(Tx tx, Ticket? before, TicketEvent happened)
    {
        var (ticket, facts) = await EntryAsync(tx, before, before is null ? null : await FactsAsync(tx, before.Id), happened);
        await FinishAsync(tx, ticket, facts);
        await TellAsync(tx, ticket, happened);
        return ticket;
    }

    /// <summary>What the log says about the clocks.</summary>
    public static async Task<ClockFacts> FactsAsync(Tx tx, TicketId id)
        => await ClockStore.FactsAsync(tx, id) ?? ClockFacts.Of(await EventsAsync(tx, id, bodies: false));

    private async Task TellAsync(Tx tx, Ticket ticket, TicketEvent happened)
    {
        await hooks.TellAsync(tx, ticket, happened);
        var news = new TicketNews(ticket.Id, happened.Seq, happened.Change.IsPublic);
        tx.AfterCommit(() => feed.Tell(news));
    }

    /// <summary>The entry, chained to the one before, and what it adds beside the row.</summary>
    private async Task<(Ticket Ticket, ClockFacts Facts)> EntryAsync(Tx tx, Ticket? before, ClockFacts? facts, TicketEvent happened)
    {
        (happened, var hash) = await ChainAsync(tx, before, happened);
        var ticket = TicketFold.Apply(before, happened) with { Hash = hash };
        await ProjectAsync(tx, ticket, happened);
        var now = ClockFacts.Apply(facts, happened);
        await reported.ApplyAsync(tx, before, ticket, happened, facts, now);
        return (ticket, now);
    }

    private async Task<(TicketEvent Happened, string Hash)> ChainAsync(Tx tx, Ticket? before, TicketEvent happened)
    {
        // As the row keeps it, or what is made from the event now would differ from what is made from the row later.
        happened = happened with { At = Instant.FromUnixTimeMilliseconds(happened.At.ToUnixTimeMilliseconds()) };
        var row = new EventRow(happened.TicketId, happened.Seq, happened.At, happened.ActorId, happened.ActorName,
            happened.Change.Kind, happened.Change.Write(), happened.Body, "");
        row = row with { Hash = HashOf(before?.Hash ?? "", row) };
        await tx.ExecuteAsync("""
            insert into ticket_event (ticket_id, seq, at, actor_id, actor_name, kind, detail, body, hash)
            values (@TicketId, @Seq, @At, @ActorId, @ActorName, @Kind, @Detail, @Body, @Hash)
            """, row);
        return (happened, row.Hash);
    }

    /// <summary>What one entry adds beside the row.</summary>
    private async Task ProjectAsync(Tx tx, Ticket ticket, TicketEvent happened)
    {
        await TicketEffort.ProjectAsync(tx, ticket, happened);
        switch (happened.Change)
        {
            case TicketChange.Opened opened:
                await MessageAsync(tx, happened, opened.Side, opened.Via, opened.Of);
                await FilesAsync(tx, happened, opened.Files, isInternal: false);
                if (opened.RequesterEmail.Length > 0) await ParticipantAsync(tx, ticket.Id, opened.RequesterEmail, opened.RequesterName);
                break;
            case TicketChange.Replied replied:
                await MessageAsync(tx, happened, replied.Side, replied.Via);
                await FilesAsync(tx, happened, replied.Files, isInternal: false);
                break;
            case TicketChange.Called when happened.Body.Length > 0:
                await MessageAsync(tx, happened, Side.Staff, Via.Phone);
                break;
            case TicketChange.FixAvailable:
                await MessageAsync(tx, happened, Side.House, Via.Portal);
                break;
            case TicketChange.Noted noted:
                await NoteAsync(tx, ticket, happened, noted.Via, noted.Files, null);
                break;
            case TicketChange.BroughtMessage brought:
                await MessageAsync(tx, happened, brought.Side, brought.Of.Via, brought.Of);
                await FilesAsync(tx, happened, brought.Files, isInternal: false);
                break;
            case TicketChange.BroughtNote brought:
                await NoteAsync(tx, ticket, happened, brought.Of.Via, brought.Files, brought.Of);
                break;
            case TicketChange.MergedFrom merged:
                foreach (var joining in merged.Joining) await ParticipantAsync(tx, ticket.Id, joining.Email, joining.Name);
                break;
            case TicketChange.SplitOff split:
                await TakeAwayAsync(tx, ticket.Id, split.Seqs);
                break;
            case TicketChange.Linked linked:
                await tx.ExecuteAsync("insert into ticket_link (ticket_id, seq, other_id, role) values (@TicketId, @Seq, @Other, @role)",
                    new { happened.TicketId, happened.Seq, linked.Other, role = linked.Role.ToString() });
                break;
        }
    }

    private async Task NoteAsync(Tx tx, Ticket ticket, TicketEvent happened, Via via, IReadOnlyList<TicketFile> files, Origin? of)
    {
        var body = await BodyAsync(tx, happened, of);
        var (id, name, at) = of is null ? (happened.ActorId, happened.ActorName, happened.At) : (of.AuthorId, of.AuthorName, of.At);
        await tx.ExecuteAsync("""
            insert into ticket_note (ticket_id, seq, author_id, author_name, via, body, posted_at, origin_id, origin_seq)
            values (@TicketId, @Seq, @author, @name, @via, @body, @at, @originId, @originSeq)
            """, new { happened.TicketId, happened.Seq, author = id, name, via = via.ToString(), body, at, originId = of?.TicketId, originSeq = of?.Seq });
        await FilesAsync(tx, happened, files, isInternal: true);
        await search.PutAsync(tx, TicketSearch.Note(ticket, happened.Seq, body));
    }

    private async Task TakeAwayAsync(Tx tx, TicketId id, IReadOnlyList<long> seqs)
    {
        foreach (var seq in seqs)
        {
            foreach (var table in (string[])["ticket_message", "ticket_note", "ticket_file"])
                await tx.ExecuteAsync($"delete from {table} where ticket_id = @id and seq = @seq", new { id, seq });
            await search.RemoveAsync(tx, TicketSearch.NoteKind, TicketSearch.NoteId(id, seq));
        }
    }

    /// <summary>The text is in one log alone: a ticket that shows another's reads it there.</summary>
    public static async Task<string> BodyAsync(Tx tx, TicketEvent happened, Origin? of) => of is null ? happened.Body
        : await tx.QuerySingleAsync<string>("select body from ticket_event where ticket_id = @TicketId and seq = @Seq", new { of.TicketId, of.Seq });

    /// <summary>What all entries together say: the row, its clocks, and what the search knows.</summary>
    private async Task FinishAsync(Tx tx, Ticket ticket, ClockFacts facts)
    {
        await tx.ExecuteAsync("""
            update ticket set organisation_id = @OrganisationId, requester_id = @RequesterId, requester_name = @RequesterName,
                requester_email = @RequesterEmail, subject = @Subject, kind = @kind, priority = @priority, state = @state, level = @level,
                assignee_id = @AssigneeId, assignee_name = @AssigneeName, product = @Product, product_version = @ProductVersion,
                fix_product = @FixProduct, fix_version = @FixVersion, follows_id = @FollowsId, merged_into_id = @MergedIntoId,
                seq = @Seq, hash = @Hash, opened_at = @OpenedAt, updated_at = @UpdatedAt, public_updated_at = @PublicUpdatedAt, stopped_at = @StoppedAt
            where id = @Id
            """, new
        {
            ticket.Id, ticket.OrganisationId, ticket.RequesterId, ticket.RequesterName, ticket.RequesterEmail, ticket.Subject,
            kind = ticket.Kind.ToString(), priority = ticket.Priority.ToString(), state = ticket.State.ToString(),
            level = ticket.Level.ToString(), ticket.AssigneeId, ticket.AssigneeName, ticket.Product, ticket.ProductVersion,
            ticket.FixProduct, ticket.FixVersion, ticket.FollowsId, ticket.MergedIntoId, ticket.Seq, ticket.Hash,
            ticket.OpenedAt, ticket.UpdatedAt, ticket.PublicUpdatedAt, ticket.StoppedAt,
        });
        await clocks.SaveAsync(tx, ticket, facts);
        var said = await tx.QueryAsync<string>("select body from ticket_message where ticket_id = @Id order by posted_at, seq", new { ticket.Id });
        await search.PutAsync(tx, TicketSearch.Document(ticket, said));
    }

    private static async Task MessageAsync(Tx tx, TicketEvent happened, Side side, Via via, Origin? of = null)
    {
        var (id, name, at) = of is null ? (happened.ActorId, happened.ActorName, happened.At) : (of.AuthorId, of.AuthorName, of.At);
        await tx.ExecuteAsync("""
            insert into ticket_message (ticket_id, seq, side, author_id, author_name, via, body, posted_at, origin_id, origin_seq)
            values (@TicketId, @Seq, @side, @author, @name, @via, @body, @at, @originId, @originSeq)
            """, new
        {
            happened.TicketId, happened.Seq, side = side.ToString(), author = id, name, via = via.ToString(),
            body = await BodyAsync(tx, happened, of), at, originId = of?.TicketId, originSeq = of?.Seq,
        });
    }

    private static async Task FilesAsync(Tx tx, TicketEvent happened, IReadOnlyList<TicketFile> files, bool isInternal)
    {
        for (var i = 0; i < files.Count; i++)
            await tx.ExecuteAsync("""
                insert into ticket_file (ticket_id, seq, number, internal, blob, name, content_type, bytes)
                values (@TicketId, @Seq, @number, @isInternal, @Blob, @Name, @ContentType, @Bytes)
                """, new { happened.TicketId, happened.Seq, number = i + 1, isInternal, files[i].Blob, files[i].Name, files[i].ContentType, files[i].Bytes });
    }

    private static Task ParticipantAsync(Tx tx, TicketId id, string email, string name) => tx.ExecuteAsync("""
        insert into ticket_participant (ticket_id, email_key, email, name) values (@id, @key, @email, @name)
        on conflict (ticket_id, email_key) do nothing
        """, new { id, key = Email.Key(email), email = email.Trim(), name });

    /// <summary>HMAC-SHA-256 over the hash before and each field, each with its length before it, so that no two rows read the same.</summary>
    private string HashOf(string before, EventRow row)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Value);
        foreach (var field in (string[])[before, $"{row.TicketId}", $"{row.Seq}", $"{row.At.ToUnixTimeMilliseconds()}", $"{row.ActorId}",
            row.ActorName, row.Kind, row.Detail, row.Body])
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // From outside, so anything: no NUL, which PostgreSQL refuses, and no half of a surrogate pair.
    private static string Clean(string body)
    {
        Check.That(body.Length <= Limits.BodyCharsMax);
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(body.Contains('\0') ? body.Replace("\0", "") : body));
    }

    private sealed record EventRow(
        TicketId TicketId, long Seq, Instant At, PersonId? ActorId, string ActorName, string Kind, string Detail, string Body, string Hash)
    {
        public TicketEvent ToEvent() => new(TicketId, Seq, At, ActorId, ActorName, TicketChange.Read(Kind, Detail), Body);
    }

    private sealed record Head(TicketId Id, long Seq, string Hash);
}
