using System.Text;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;
using Xunit;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>Which ticket a mail goes to, in sixty scenes: what was there, what came, and where it must be found afterwards.</summary>
public sealed class ThreadingTests
{
    [Fact]
    public async Task An_answer_goes_out_into_the_whole_thread_and_Outlooks_too()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var index = Convert.ToBase64String([.. Enumerable.Range(0, 27).Select(i => (byte)i)]);
        await desk.TakeInAsync(TestHelpdesk.From("user@acme.test", "Mail is slow", "Since Monday.", $"Message-ID: <a@acme.test>\r\nThread-Index: {index}"));
        using (await desk.ReplyAsync(desk.Engineer, new(1), "Since when?")) { }
        var mail = await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<string>("select mail from outgoing_mail where mail like '%Since when?%'"), TestContext.Current.CancellationToken);
        Assert.Contains("a@acme.test", mail);
        Assert.Contains($"\"Thread-Index\":\"{index.Replace("+", "\\u002B")}\"", mail);
        Assert.Contains("[#1] Mail is slow", mail);
        // The receipt of the first mail is in the thread as well.
        var ids = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<string>("select message_id from mail_id where ticket_id = 1"), TestContext.Current.CancellationToken);
        Assert.Equal(3, ids.Count);
        Assert.All(ids, id => Assert.Contains(id, mail));
    }

    [Fact]
    public async Task Hints_are_for_staff_alone_and_survive_a_rebuild()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.SetAsync("helpdesk.auth-server", "mx");
        var id = await desk.OpenAsync(desk.AcmeUser);
        await desk.TakeInAsync(TestHelpdesk.From("admin@other.test", $"[#{id}] a number that I guessed", "Hello."));
        await desk.TakeInAsync(TestHelpdesk.From("user@acme.test", "The invoice of May", "Hello.", $"In-Reply-To: <{desk.House.Get<MailToken>().MessageId(id, 1, "x.test")}>\r\nAuthentication-Results: mx; dmarc=pass"));
        Assert.Contains($"Its subject names #{id}", await desk.Engineer.PageAsync($"/tickets/{id.Value + 1}"));
        Assert.DoesNotContain("Its subject names", await desk.Stranger.PageAsync($"/tickets/{id.Value + 1}"));
        Assert.Contains("The mail came under another subject", await desk.Engineer.PageAsync($"/tickets/{id}"));
        Assert.DoesNotContain("under another subject", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        // One click leads to the form that has just this mail chosen.
        var mail = await desk.CountAsync("select max(seq) from ticket_message where ticket_id = @id and via = 'Mail'", new { id });
        Assert.Contains($"href=\"/tickets/{id}/split?seq={mail}\"", await desk.Engineer.PageAsync($"/tickets/{id}"));
        Assert.Matches($"id=\"seq-{mail}\"[^>]*checked", await desk.Engineer.PageAsync($"/tickets/{id}/split?seq={mail}"));
        Assert.DoesNotContain("/split?seq=", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        var before = await desk.TicketAsync(id);
        await desk.House.Db.WriteAsync(tx => desk.House.Get<TicketLog>().RebuildAsync(tx, id), TestContext.Current.CancellationToken);
        Assert.Equal(before, await desk.TicketAsync(id));
    }

    // In each scene user@acme.test has opened ticket A by mail (its id: a, its Outlook thread: TA), and staff has answered it (its
    // id, with our signature: t); admin@other.test has opened ticket B alike. More of what was there before is in "before":
    //   cc       colleague@acme.test has answered, in copy (c)          closed   A was closed long ago, and so too late to go on
    //   merged   A was merged into a third ticket, M                    resolved A was resolved yesterday
    //   twice    M was merged into a fourth, N                          held     a stranger has answered, and waits for staff (h)
    // "x" is an id that nobody knows; +A is A's plus-address and +A! a forged one; t! is t with a changed signature.
    // Expected: A: a public answer there; note A: kept for staff there; new: a ticket of its own, with a hint to another or as its
    // successor; and split: with the offer to split it off.
    private const string Scenes = """
        name                                                  | before   | from            | verdict | subject                      | headers                    | expected
        our id in In-Reply-To                                 |          | user@acme       | pass    | Re: {S}                      | irt=t                      | A
        our id in References                                  |          | user@acme       | pass    | Re: {S}                      | ref=t                      | A
        our id among unknown ones                             |          | user@acme       | pass    | Re: {S}                      | ref=x,t,x                  | A
        our id, and nobody vouches for the sender             |          | user@acme       | none    | Re: {S}                      | irt=t                      | note A
        our id, and no subject                                |          | user@acme       | pass    |                              | irt=t                      | A
        our id, and the number of another ticket              |          | user@acme       | pass    | Re: [#{B}] {S}               | irt=t                      | A
        our id outweighs a known id of another ticket         |          | user@acme       | pass    | Re: {S}                      | ref=t,b                    | A
        the plus-address                                      |          | user@acme       | pass    | Re: {S}                      | to=+A                      | A
        the plus-address in capitals                          |          | user@acme       | pass    | Re: {S}                      | to=+A^                     | A
        the plus-address among other recipients               |          | user@acme       | pass    | Re: {S}                      | cc=+A                      | A
        the plus-address in Delivered-To                      |          | user@acme       | pass    | Re: {S}                      | delivered=+A               | A
        the plus-address and ids that nobody knows            |          | user@acme       | pass    | Re: {S}                      | to=+A ref=x irt=x          | A
        the plus-address with another subject                 |          | user@acme       | pass    | Something else               | to=+A                      | A split
        a forged plus-address                                 |          | user@acme       | pass    | A new matter {n}             | to=+A!                     | new
        a forged signature in an id of ours                   |          | user@acme       | pass    | A new matter {n}             | irt=t!                     | new
        the first mail's own id                               |          | user@acme       | pass    | Re: {S}                      | irt=a                      | A
        the first mail's own id in References                 |          | user@acme       | pass    | Re: {S}                      | ref=a                      | A
        several ids in In-Reply-To                            |          | user@acme       | pass    | Re: {S}                      | irt=x,a                    | A
        several ids in In-Reply-To, the known one first       |          | user@acme       | pass    | Re: {S}                      | irt=a,x                    | A
        References are read from the right                    |          | partner@partner | pass    | Re: {S}                      | ref=b,a                    | A
        References come before In-Reply-To                    |          | partner@partner | pass    | Re: {S}                      | ref=a irt=b                | A
        References of unknown ids, In-Reply-To of a known one |          | user@acme       | pass    | Re: {S}                      | ref=x,x irt=a              | A
        a colleague answers what the customer wrote           |          | colleague@acme  | pass    | AW: {S}                      | irt=a                      | A
        the customer answers a colleague in copy              | cc       | user@acme       | pass    | Re: AW: {S}                  | irt=c                      | A
        a colleague answers a colleague in copy               | cc       | admin@acme      | pass    | Re: AW: {S}                  | ref=c                      | A
        who serves the customer answers                       |          | partner@partner | pass    | Re: {S}                      | irt=a                      | A
        a known id, and nobody vouches for the sender         |          | user@acme       | none    | Re: {S}                      | irt=a                      | note A
        a known id, and the checks failed                     |          | user@acme       | fail    | Re: {S}                      | irt=a                      | note A
        our id, and the checks failed                         |          | user@acme       | fail    | Re: {S}                      | irt=t                      | note A
        our id in the hands of a stranger                     |          | thief@evil      | pass    | Re: {S}                      | irt=t                      | note A
        a known id in the hands of a stranger                 |          | thief@evil      | pass    | Re: {S}                      | irt=a                      | note A
        our id in the hands of another customer               |          | admin@other     | pass    | Re: {S}                      | irt=t                      | note A
        the plus-address in the hands of a stranger           |          | thief@evil      | pass    | Re: {S}                      | to=+A                      | note A
        the id of a mail that waits for staff finds nothing   | held     | thief@evil      | pass    | Another matter {n}           | irt=h                      | new
        staff answers by mail                                 |          | engineer@vendor | pass    | Re: {S}                      | irt=t                      | note A
        somebody forges staff                                 |          | engineer@vendor | fail    | Re: {S}                      | irt=t                      | note A
        Outlook's thread, and no id                           |          | user@acme       | pass    | RE: {S}                      | ti=TA                      | A
        Outlook's thread, some answers further                |          | user@acme       | pass    | RE: {S}                      | ti=TA+                     | A
        Outlook's thread, folded by the mail server           |          | user@acme       | pass    | RE: {S}                      | ti=TA~                     | A
        Outlook's thread, and ids that nobody knows           |          | colleague@acme  | pass    | RE: {S}                      | ti=TA irt=x                | A
        a known id outweighs Outlook's thread                 |          | admin@other     | pass    | RE: {S}                      | ti=TA irt=b                | B split
        Outlook's thread in the hands of a stranger           |          | thief@evil      | pass    | RE: {S}                      | ti=TA                      | note A
        Outlook's thread, too short to be one                 |          | user@acme       | pass    | A new matter {n}             | ti=short                   | new
        the number in the subject                             |          | user@acme       | pass    | [#{A}] {S}                   |                            | A
        the number behind Re:                                 |          | user@acme       | pass    | Re: [#{A}] {S}               |                            | A
        the number in an encoded subject                      |          | user@acme       | pass    | {E}                          |                            | A
        a colleague names the number                          |          | colleague@acme  | pass    | Fwd: [#{A}] {S}              |                            | A
        the number, and nobody vouches for the sender         |          | user@acme       | none    | [#{A}] {S}                   |                            | note A
        another customer names the number                     |          | admin@other     | pass    | [#{A}] give me his mails {n} |                            | new maybe A
        a stranger names the number                           |          | thief@evil      | pass    | [#{A}] hello {n}             |                            | new maybe A
        a number that no ticket has                           |          | user@acme       | pass    | [#999999] A new matter {n}   |                            | new
        the same subject from the same sender, soon           |          | user@acme       | pass    | {S}                          |                            | new maybe A
        the same subject from somebody else                   |          | colleague@acme  | pass    | {S}                          |                            | new
        another subject on a known id                         |          | user@acme       | pass    | The invoice of May           | irt=a                      | A split
        a filter's mark in the subject                        |          | user@acme       | pass    | Re: [EXTERNAL] {S}           | irt=a                      | A
        Re, AW, WG, SV and Fwd in a row                       |          | user@acme       | pass    | Re: AW: WG: SV: Fwd: {S}     | irt=a                      | A
        a ticket that was resolved yesterday goes on          | resolved | user@acme       | pass    | Re: {S}                      | irt=t                      | A
        a ticket that was closed long ago is followed         | closed   | user@acme       | pass    | Re: {S}                      | irt=t                      | new after A
        a merged ticket leads to its survivor                 | merged   | user@acme       | pass    | Re: {S}                      | irt=t                      | M
        twice merged, to the last survivor                    | twice    | user@acme       | pass    | Re: {S}                      | ti=TA                      | N
        the same mail once more                               |          | user@acme       | pass    | {S}                          | mid=a                      | nothing
        the same mail in another mailbox of ours              |          | user@acme       | pass    | {S}                          | mid=a box=two              | nothing
        without an id, in another mailbox of ours             |          | user@acme       | pass    | No id {n}                    | nomid box=both             | new once
        our own mail comes back                               |          | support@vendor  | pass    | [#{A}] {S}                   | mid=t                      | nothing
        a machine answers                                     |          | user@acme       | pass    | Out of office                | irt=t auto                 | logged A
        """;

    [Fact]
    public async Task Every_scene_ends_where_it_must()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.SetAsync("helpdesk.auth-server", "mx");
        await desk.SetAsync("helpdesk.address", "support@vendor.test");
        var wrong = new List<string>();
        var scenes = Scenes.Split('\n').Skip(1).Select(l => l.Split('|').Select(c => c.Trim()).ToArray()).ToArray();
        Assert.True(scenes.Length >= 60);
        foreach (var (cells, n) in scenes.Select((s, n) => (s, n)))
        {
            var scene = await Scene.PrepareAsync(desk, n, cells[1]);
            var found = await scene.PlayAsync(cells[2], cells[3], cells[4], cells[5]);
            if (found != cells[6]) wrong.Add($"{cells[0]}: {found} instead of {cells[6]}");
        }
        Assert.True(wrong.Count == 0, $"{scenes.Length - wrong.Count} of {scenes.Length}\n{string.Join('\n', wrong)}");
    }

    private sealed class Scene(TestHelpdesk desk, int n)
    {
        private static CancellationToken Ct => TestContext.Current.CancellationToken;

        private readonly Dictionary<string, TicketId> tickets = [];

        private string Subject => $"Mail is slow on host {Letters}";

        // Digits are what near-equal subjects differ by; letters tell the scenes apart.
        private string Letters => string.Concat($"{n}".Select(d => (char)('a' + (d - '0'))));

        public static async Task<Scene> PrepareAsync(TestHelpdesk desk, int n, string before)
        {
            var scene = new Scene(desk, n);
            await scene.OpenAsync("A", "user@acme.test", scene.Subject, "a", $"Thread-Index: {scene.Index()}\r\n");
            await scene.OpenAsync("B", "admin@other.test", $"Printer {scene.Letters}", "b", "");
            switch (before)
            {
                case "cc":
                    await scene.TakeInAsync("colleague@acme.test", "pass", $"AW: {scene.Subject}", $"Message-ID: <c{n}@acme.test>\r\nIn-Reply-To: <a{n}@acme.test>\r\n", "Here too.");
                    break;
                case "held":
                    await scene.TakeInAsync("thief@evil.test", "pass", $"Re: {scene.Subject}", $"Message-ID: <h{n}@acme.test>\r\nIn-Reply-To: <a{n}@acme.test>\r\n", "Let me in.");
                    break;
                case "closed" or "resolved":
                    await scene.SqlAsync("update ticket set state = @state, stopped_at = @at where id = @id", new
                    {
                        state = before == "closed" ? "Closed" : "Resolved", id = scene.tickets["A"],
                        at = TimeProvider.System.GetCurrentInstant() - NodaTime.Duration.FromDays(before == "closed" ? 60 : 1),
                    });
                    break;
                case "merged" or "twice":
                    await scene.OpenAsync("M", "user@acme.test", $"Survivor {scene.Letters}", "m", "");
                    await scene.MergeAsync("A", "M");
                    if (before == "merged") break;
                    await scene.OpenAsync("N", "user@acme.test", $"Last survivor {scene.Letters}", "n", "");
                    await scene.MergeAsync("M", "N");
                    break;
            }
            return scene;
        }

        public async Task<string> PlayAsync(string from, string verdict, string subject, string headers)
        {
            var (last, logged) = (await desk.CountAsync("select max(id) from ticket"), await desk.CountAsync("select count(*) from ticket_event"));
            subject = subject.Replace("{S}", Subject).Replace("{A}", $"{tickets["A"]}").Replace("{B}", $"{tickets["B"]}").Replace("{n}", Letters)
                .Replace("{E}", $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes($"Re: [#{tickets["A"]}] {Subject}"))}?=");
            var words = headers.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var text = string.Concat(words.Select(Header));
            // A second delivery is the same mail; whatever else comes has an id of its own.
            if (!words.Any(w => w.StartsWith("mid=", StringComparison.Ordinal) || w == "nomid")) text += $"Message-ID: <y{n}@mail.test>\r\n";
            var body = words.Contains("mid=a") ? "First A." : $"It is still slow. {n}";
            foreach (var box in words.Contains("box=both") ? (string[])["one", "two"] : words.Contains("box=two") ? ["two"] : [""])
                await TakeInAsync($"{from}.test", verdict, subject, text, body, box);
            return await FoundAsync(last, logged);
        }

        private async Task<string> FoundAsync(long last, long logged)
        {
            var opened = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<long>("select id from ticket where id > @last order by id", new { last }), Ct);
            if (await desk.CountAsync("select count(*) from ticket_event") == logged) return "nothing";
            if (opened.Count > 0)
            {
                var ticket = await desk.TicketAsync(new(opened[0]));
                var hint = (await EventsAsync(ticket.Id)).Select(e => e.Change).OfType<TicketChange.MailHint>().SingleOrDefault();
                return (ticket.FollowsId, hint) switch
                {
                    ({ } follows, _) => $"new after {NameOf(follows)}",
                    (_, { Other: { } other }) => $"new maybe {NameOf(other)}",
                    _ => opened.Count == 1 && await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Duplicate' and mailbox like 'two%' and message_id = '' and subject like @s", new { s = $"No id {Letters}" }) == 1 ? "new once" : opened.Count == 1 ? "new" : $"{opened.Count} new",
                };
            }
            foreach (var (name, id) in tickets)
            {
                var happened = (await EventsAsync(id)).Skip((int)seqs[name]).Select(e => e.Change).ToArray();
                if (happened.Length == 0) continue;
                var split = happened.OfType<TicketChange.MailHint>().Any(h => h.Doubt == MailDoubt.ChangesSubject) ? " split" : "";
                return happened[0] switch
                {
                    TicketChange.Replied => $"{name}{split}",
                    TicketChange.Noted => $"note {name}{split}",
                    TicketChange.AutomaticMail => $"logged {name}",
                    var other => other.Kind,
                };
            }
            return "nowhere";
        }

        private readonly Dictionary<string, long> seqs = [];

        private string NameOf(TicketId id) => tickets.FirstOrDefault(t => t.Value == id).Key ?? $"#{id}";

        private Task<IReadOnlyList<TicketEvent>> EventsAsync(TicketId id) => desk.House.Db.ReadAsync(tx => TicketLog.EventsAsync(tx, id, bodies: false), Ct);

        private async Task OpenAsync(string name, string from, string subject, string id, string headers)
        {
            await TakeInAsync(from, "pass", subject, $"Message-ID: <{id}{n}@acme.test>\r\n{headers}", $"First {name}.");
            tickets[name] = new(await desk.CountAsync("select max(id) from ticket"));
            var ticket = await desk.TicketAsync(tickets[name]);
            Assert.Equal(subject, ticket.Subject);
            await desk.House.Db.WriteAsync(tx => desk.House.Get<TicketDesk>().ReplyAsync(tx, ticket, new("Since when?", 0), new(null, "Engineer"), Side.Staff, Via.Portal, TimeProvider.System.GetCurrentInstant()), Ct);
        }

        private Task MergeAsync(string from, string into) => SqlAsync("update ticket set state = 'Merged', merged_into_id = @into where id = @from",
            new { from = tickets[from], into = tickets[into] });

        private Task SqlAsync(string sql, object values) => desk.House.Db.WriteAsync(tx => tx.ExecuteAsync(sql, values), Ct);

        private async Task TakeInAsync(string from, string verdict, string subject, string headers, string body, string box = "")
        {
            foreach (var name in tickets.Keys) seqs[name] = (await EventsAsync(tickets[name])).Count;
            var results = verdict switch { "pass" => "Authentication-Results: mx; dmarc=pass\r\n", "fail" => "Authentication-Results: mx; dmarc=fail\r\n", _ => "" };
            var to = headers.Contains("\nTo: ", StringComparison.Ordinal) || headers.StartsWith("To: ", StringComparison.Ordinal) ? "" : "To: support@vendor.test\r\n";
            var raw = Encoding.UTF8.GetBytes($"{results}From: {from}\r\n{to}{(subject.Length > 0 ? $"Subject: {subject}\r\n" : "")}{headers}\r\n{body}\r\n");
            if (box.Length > 0) desk.House.Get<MailSpool>().Put(new($"{box}@imap.test/INBOX", 1, $"{n}"), [.. Encoding.UTF8.GetBytes($"Received: by {box}\r\n"), .. raw]);
            else desk.House.Get<MailSpool>().Put(new("pipe", 0, $"{Guid.CreateVersion7():n}"), raw);
            await desk.House.Get<MailIntake>().DrainAsync(Ct);
        }

        private string Header(string word) => word.Split('=', 2) switch
        {
            ["ref", var ids] => $"References: {Ids(ids)}\r\n",
            ["irt", var ids] => $"In-Reply-To: {Ids(ids)}\r\n",
            ["mid", var id] => $"Message-ID: {Ids(id)}\r\n",
            ["to", var plus] => $"To: {Plus(plus)}\r\n",
            ["cc", var plus] => $"Cc: boss@acme.test, {Plus(plus)}\r\n",
            ["delivered", var plus] => $"Delivered-To: {Plus(plus)}\r\n",
            ["ti", var index] => $"Thread-Index: {Index(index)}\r\n",
            ["auto"] => "Auto-Submitted: auto-replied\r\n",
            _ => "",
        };

        private string Ids(string names) => string.Join(' ', names.Split(',').Select((name, i) => name switch
        {
            "x" => $"<unknown{n}.{i}@nowhere.test>",
            "t" => $"<{Token}>",
            "t!" => $"<{Token.Replace(".2.", ".3.", StringComparison.Ordinal)}>",
            _ => $"<{name}{n}@acme.test>",
        }));

        private string Token => desk.House.Get<MailToken>().MessageId(tickets["A"], 2, "vendor.test");

        private string Plus(string kind)
        {
            var address = desk.House.Get<MailToken>().PlusAddress(tickets["A"], "support@vendor.test");
            return kind switch { "+A!" => address.Replace($"+t{tickets["A"]}.", $"+t{tickets["B"]}.", StringComparison.Ordinal), "+A^" => address.ToUpperInvariant(), _ => address };
        }

        private string Index(string kind = "TA")
        {
            var bytes = new byte[22 + (kind == "TA+" ? 15 : 0)];
            bytes.AsSpan().Fill((byte)(n + 1));
            var text = Convert.ToBase64String(kind == "short" ? bytes[..20] : bytes);
            return kind == "TA~" ? $"{text[..10]}\r\n {text[10..]}" : text;
        }
    }
}
