using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

/// <summary>The log is the only truth. A new kind of entry or a new table fails here until it is thought of.</summary>
public sealed class RebuildTests
{
    private static readonly Actor Meena = new(null, "Meena"), Ravi = new(new(71), "Ravi");

    /// <summary>Tables that are not made from the logs of tickets, and why each is not. All others are, and are compared.</summary>
    private static readonly Dictionary<string, string> OwnTruths = new()
    {
        ["ticket_event"] = "the log itself",
        ["ticket_fix"] = "which news of fixes were told; the outbox may tell the same twice",
        ["ticket_import"] = "what of another helpdesk was taken in",
        ["ticket_view"] = "choices of people",
        ["calendar"] = "set by supervisors",
        ["calendar_version"] = "set by supervisors",
        ["contract"] = "set by supervisors and subscriptions",
        ["contract_target"] = "set by supervisors and subscriptions",
        ["mail_box"] = "how far a mailbox has been read",
        ["mail_arrival"] = "what came by mail",
        ["mail_id"] = "ids of mails that came and went",
        ["mail_automatic"] = "which automatic mails were sent",
        ["mail_thread_index"] = "threads of mails that came",
        ["draft"] = "what somebody is typing",
        ["canned_answer"] = "texts of staff",
        ["macro"] = "texts of staff",
        ["desk_choice"] = "choices of people",
        ["batch"] = "what was asked of several tickets at once",
        ["batch_ticket"] = "which entries of the logs belong to it",
        ["level_evidence"] = "set by supervisors",
        ["chat_unread"] = "what a customer has not been shown yet; gone once it is",
        ["development_issue"] = "a record of its own, shared by tickets",
        ["development_ticket"] = "which tickets an issue is of",
        ["development_comment"] = "a conversation of its own, with GitHub's part",
        ["development_delivery"] = "which calls of GitHub were taken",
        ["development_cursor"] = "how far GitHub has been read",
    };

    [Fact]
    public void Every_kind_of_entry_has_an_example_and_is_read_as_it_was_written()
    {
        var kinds = typeof(TicketChange).GetNestedTypes(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)
            .Where(t => t.IsSubclassOf(typeof(TicketChange)));
        var examples = Story(new(1), new(2)).Select(p => p.Change).Append(new TicketChange.Undone([1])).ToArray();
        Assert.Empty(kinds.Except(examples.Select(c => c.GetType())).Select(t => t.Name));
        foreach (var change in examples) Assert.Equal(change.Write(), TicketChange.Read(change.Kind, change.Write()).Write());
    }

    [Theory, BothEngines]
    public async Task All_that_is_made_from_the_logs_is_made_again_as_it_was(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, null, new HelpdeskModule());
        await TellAsync(kernel);
        var tables = (await TablesAsync(kernel.Db)).Except(await KernelTablesAsync(engine)).Except(OwnTruths.Keys).Append("search_document").ToArray();
        var before = new Dictionary<string, string[]>();
        foreach (var table in tables) before[table] = await DumpAsync(kernel.Db, table);
        foreach (var (table, lines) in before) Assert.True(lines.Length > 0, $"Nothing of the story is in {table}: tell more, or say why it is not made from the logs.");
        await kernel.WriteAsync(async tx =>
        {
            foreach (var table in tables) await tx.ExecuteAsync($"delete from {table}");
        });
        await kernel.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        foreach (var table in tables) Assert.Equal(before[table], await DumpAsync(kernel.Db, table));
        // Once more over what is there already.
        await kernel.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        foreach (var table in tables) Assert.Equal(before[table], await DumpAsync(kernel.Db, table));
        Assert.True((await kernel.Get<TicketLog>().VerifyAsync(Ct)).Intact);
    }

    [Theory, BothEngines]
    public async Task One_changed_byte_in_any_entry_is_found(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, null, new HelpdeskModule());
        await TellAsync(kernel);
        var rows = await kernel.ReadAsync(tx => tx.QueryAsync<(long TicketId, long Seq)>("select ticket_id, seq from ticket_event order by ticket_id, seq"));
        string[] changes =
        [
            "body = body || ' '", "detail = replace(detail, '}', ' }')", "kind = kind || 'x'", "at = at + 1", "actor_name = actor_name || 'x'",
            "actor_id = coalesce(actor_id, 0) + 1", "hash = replace(hash, substr(hash, 1, 1), 'g')",
        ];
        foreach (var ((ticket, seq), i) in rows.Select((r, i) => (r, i)))
        {
            var (kind, detail, body, at, actor, name, hash) = await kernel.ReadAsync(tx => tx.QuerySingleAsync<(string, string, string, long, long?, string, string)>(
                "select kind, detail, body, at, actor_id, actor_name, hash from ticket_event where ticket_id = @ticket and seq = @seq", new { ticket, seq }));
            await kernel.WriteAsync(tx => tx.ExecuteAsync($"update ticket_event set {changes[i % changes.Length]} where ticket_id = @ticket and seq = @seq", new { ticket, seq }));
            var verdict = await kernel.Get<TicketLog>().VerifyAsync(Ct);
            Assert.True(!verdict.Intact && verdict.At == ticket, $"{kind}: {changes[i % changes.Length]} was not found.");
            await kernel.WriteAsync(tx => tx.ExecuteAsync("""
                update ticket_event set kind = @kind, detail = @detail, body = @body, at = @at, actor_id = @actor, actor_name = @name, hash = @hash
                where ticket_id = @ticket and seq = @seq
                """, new { ticket, seq, kind, detail, body, at, actor, name, hash }));
        }
        Assert.True((await kernel.Get<TicketLog>().VerifyAsync(Ct)).Intact);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Two tickets with all that can happen, step by step as the house writes it; the second has entries that were taken back.</summary>
    private static async Task TellAsync(TestKernel kernel)
    {
        var log = kernel.Get<TicketLog>();
        await kernel.WriteAsync(async tx =>
        {
            var other = await log.OpenAsync(tx, Opened("Another"), Meena, "It is slow here too.", kernel.Now);
            other = await log.AppendAsync(tx, other, new TicketChange.Noted(Via.Portal, [File("c")]), Ravi, "The same cause?", kernel.Now);
            Ticket? ticket = null;
            foreach (var past in Story(other.Id, new(other.Id.Value + 1)))
                ticket = ticket is null ? await log.OpenAsync(tx, (TicketChange.Opened)past.Change, past.Actor, past.Body, kernel.Now)
                    : await log.AppendAsync(tx, ticket, past.Change, past.Actor, past.Body, kernel.Now + Duration.FromMinutes(10 * ticket.Seq));
            var before = other.Seq;
            other = await log.AppendAsync(tx, other, new TicketChange.Linked(ticket!.Id, LinkRole.Related), Ravi, "", kernel.Now);
            other = await log.AppendAsync(tx, other, new TicketChange.SplitOff(ticket.Id, [2]), Ravi, "", kernel.Now);
            other = await log.AppendAsync(tx, other, new TicketChange.HandedOver(Level.L1, Level.L3), Ravi, "Deep.", kernel.Now);
            await log.UndoAsync(tx, other, [before + 1, before + 2], Ravi, kernel.Now);
        });
    }

    /// <summary>One of each, but for what is taken back.</summary>
    private static IReadOnlyList<PastEntry> Story(TicketId other, TicketId own)
    {
        var at = Instant.FromUtc(2026, 3, 2, 9, 0);
        var facts = ClockFacts.Of([new(other, 1, at, null, "Meena", Opened("Another"), "")]);
        var of = new Origin(other, 1, null, "Meena", Via.Mail, at);
        (TicketChange Change, Actor Actor, string Body)[] story =
        [
            (Opened("Mail is slow"), Meena, "It is slow.\n> quoted"),
            (new TicketChange.Imported("old", "17", true), Actor.House, ""),
            (new TicketChange.MailHint(MailDoubt.NamesOther, other, "Re: another"), Actor.House, ""),
            (new TicketChange.AutomaticMail("Bounce", "mailer-daemon@acme.test", Blob("b")), Actor.House, ""),
            (new TicketChange.Assigned(new(71), "Ravi"), Ravi, ""),
            (new TicketChange.PrioritySet(Priority.P3, Priority.P1), Ravi, ""),
            (new TicketChange.StateSet(TicketState.New, TicketState.Open), Ravi, ""),
            (new TicketChange.PromiseWarned(ClockKind.FirstResponse, 1_800_000, at + Duration.FromHours(1)), Actor.House, ""),
            (new TicketChange.PromiseBroken(ClockKind.FirstResponse, at + Duration.FromHours(1)), Actor.House, ""),
            (new TicketChange.Called("Meena", "+91 20 5550 1234", 90, WaitsForCall: true), Ravi, "She waits."),
            (new TicketChange.Replied(Side.Staff, Via.Portal, [File("d")]), Ravi, "Since when?"),
            (new TicketChange.Replied(Side.Customer, Via.Mail, [File("e"), File("f")]), Meena, "Since Monday. \U0001F600 \u0939\u093f\u0928\u094d\u0926\u0940"),
            (new TicketChange.Noted(Via.Mail, [File("1")]), Meena, "Held."),
            (new TicketChange.MailConfirmed(13, "meena@acme.test"), Ravi, ""),
            (new TicketChange.HandedOver(Level.L1, Level.L2) { Evidence = [new("Logs?", true, "Attached.")] }, Ravi, "Logs are attached."),
            (new TicketChange.ConsentSet(true), Ravi, ""),
            (new TicketChange.ConsentSet(false), Ravi, ""),
            (new TicketChange.Linked(other, LinkRole.Cause), Ravi, ""),
            (new TicketChange.MergedFrom(other, 3, [new("third@acme.test", "Third")], facts), Ravi, ""),
            (new TicketChange.BroughtMessage(of, Side.Customer, [File("2")]), Ravi, ""),
            (new TicketChange.BroughtNote(of with { Seq = 2 }, [File("3")]), Ravi, ""),
            (new TicketChange.SplitOff(other, [12]), Ravi, ""),
            (new TicketChange.TimeNoted(25), Ravi, ""),
            (new TicketChange.CardDropped("Look at the queue", 1, "mailq"), Ravi, "List what waits."),
            (new TicketChange.CardMarked(24, 1, Done: false), Meena, ""),
            (new TicketChange.Escalated(1, "The queue stops"), Ravi, "At 10 MB."),
            (new TicketChange.IssueKnown(1, 7, "https://github.test/7"), Actor.House, ""),
            (new TicketChange.IssueCommented(1), Actor.House, "Seen."),
            (new TicketChange.IssueStateSet(1, Open: false), Actor.House, ""),
            (new TicketChange.FixAvailable("mail-server", "1.0.1", "Patch 1"), Actor.House, "There is a fix."),
            (new TicketChange.StateSet(TicketState.Open, TicketState.Resolved), Ravi, ""),
            (new TicketChange.Rated(Rating.Good, Via.Mail), Meena, "Thank you."),
            (new TicketChange.MergedInto(other, TicketState.Resolved), Ravi, ""),
        ];
        Assert.NotEqual(other, own);
        return [.. story.Select(s => new PastEntry(at, s.Actor, s.Change, s.Body))];
    }

    private static TicketChange.Opened Opened(string subject) => new(new(5), null, "Meena", "Meena@acme.test", subject, TicketKind.Incident, Priority.P3,
        "mail-server", "1.0.0", null, Via.Mail, Side.Customer, [File("a")]);

    private static TicketFile File(string digit) => new(Blob(digit), $"{digit}.log", "text/plain", 10);

    private static BlobId Blob(string digit) => BlobId.Parse(new string(digit[0], 64));

    private static async Task<IReadOnlyList<string>> KernelTablesAsync(DbEngine engine)
    {
        await using var bare = await TestDb.StartAsync(engine);
        return await TablesAsync(bare.Db);
    }

    private static Task<IReadOnlyList<string>> TablesAsync(Db db) => db.ReadAsync(tx => tx.QueryAsync<string>(tx.Engine == DbEngine.Sqlite
        ? "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name"
        : "select cast(table_name as text) from information_schema.tables where table_schema = 'public' order by table_name"), Ct);

    /// <summary>All columns of all rows, but for the number that a search document happens to have.</summary>
    private static async Task<string[]> DumpAsync(Db db, string table)
    {
        var rows = await db.ReadAsync(tx => tx.QueryAsync<dynamic>($"select * from {table}"), Ct);
        return [.. rows.Cast<IDictionary<string, object>>().Select(row => string.Join('|', row.Where(c => (table, c.Key) is not ("search_document", "id" or "changed_at"))
            .Select(c => $"{c.Key}={c.Value}"))).Order(StringComparer.Ordinal)];
    }
}
