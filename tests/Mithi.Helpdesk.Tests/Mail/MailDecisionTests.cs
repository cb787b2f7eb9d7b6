using System.Net;
using System.Text;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Mail;
using Mithi.Kernel.Web;
using Mithi.Testing;
using Xunit;
using static Mithi.Helpdesk.Tests.TestHelpdesk;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>What staff decides about mails, and what bounces say about addresses.</summary>
public sealed class MailDecisionTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, string> Nothing = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_that_waited_becomes_its_senders_message_with_one_click_and_only_once()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Since when?", then: "WaitingForCustomer")) { }
        await desk.TakeInAsync(From("colleague@acme.test", "Re: Mail is slow", "Since Monday, I think.", $"Message-ID: <c@acme.test>\r\nIn-Reply-To: <{Token(desk, id)}>"));
        var note = await desk.CountAsync("select seq from ticket_note");
        Assert.Contains("The sender is right", await desk.Engineer.PageAsync($"/tickets/{id}"));
        foreach (var other in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.AcmeColleague, desk.Stranger])
        {
            using var refused = await other.PostAsync($"/tickets/{id}/notes/{note}/confirm", Nothing);
            Assert.True(refused.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden, $"{refused.StatusCode}");
        }

        for (var i = 0; i < 2; i++)
        {
            using var confirmed = await desk.Engineer.PostAsync($"/tickets/{id}/notes/{note}/confirm", Nothing);
            Assert.Equal(i == 0 ? HttpStatusCode.SeeOther : HttpStatusCode.NotFound, confirmed.StatusCode);
        }
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_message m join person p on p.id = m.author_id where m.body = 'Since Monday, I think.' and m.side = 'Customer' and p.email = 'colleague@acme.test'"));
        Assert.Equal(TicketState.Open, (await desk.TicketAsync(id)).State);
        var page = await desk.AcmeUser.PageAsync($"/tickets/{id}");
        Assert.Contains("Since Monday, I think.", page);
        Assert.DoesNotContain("not verified", page);
        Assert.DoesNotContain("was confirmed", page);
        Assert.DoesNotContain("The sender is right", await desk.Engineer.PageAsync($"/tickets/{id}"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_id where message_id = 'c@acme.test'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_event e join person p on p.id = e.actor_id where e.kind = 'mail-confirmed' and p.email = 'engineer@vendor.test'"));
        var before = await desk.TicketAsync(id);
        await desk.House.Db.WriteAsync(tx => desk.House.Get<TicketLog>().RebuildAsync(tx, id), Ct);
        Assert.Equal(before, await desk.TicketAsync(id));
    }

    [Fact]
    public async Task A_note_of_staff_is_nothing_to_confirm()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.SetAsync("helpdesk.auth-server", "mx");
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.NoteAsync(desk.Engineer, id, "They forgot the disk.")) { }
        await desk.TakeInAsync(From("engineer@vendor.test", "Re: Mail is slow", "Again.", $"In-Reply-To: <{Token(desk, id)}>\r\nAuthentication-Results: mx; dmarc=pass"));
        Assert.DoesNotContain("The sender is right", await desk.Engineer.PageAsync($"/tickets/{id}"));
        foreach (var seq in (long[])[1, 2, 3, 99])
        {
            using var refused = await desk.Engineer.PostAsync($"/tickets/{id}/notes/{seq}/confirm", Nothing);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_message"));
    }

    [Theory]
    [InlineData("5.1.1", "550 5.1.1 User unknown", AddressFault.HardBounce, "nobody has this address")]
    [InlineData("4.2.2", "452 4.2.2 Mailbox full", AddressFault.SoftBounce, "came back 1 times")]
    [InlineData("5.2.2", "552 5.2.2 Over quota", AddressFault.SoftBounce, "came back 1 times")]
    public async Task A_bounce_of_our_mail_marks_the_address_until_staff_clears_it(string status, string said, AddressFault fault, string shown)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        var state = (await desk.TicketAsync(id)).State;
        await desk.TakeInAsync(Bounce("user@acme.test", Token(desk, id), status, said));
        Assert.Equal(fault, (await desk.House.Get<AddressStates>().OfAsync("user@acme.test", Ct))!.State);
        Assert.Equal(state, (await desk.TicketAsync(id)).State);
        Assert.Contains(shown, await desk.Engineer.PageAsync($"/tickets/{id}"));
        Assert.DoesNotContain(shown, await desk.AcmeUser.PageAsync($"/tickets/{id}"));

        // Whoever has no address gets nothing from machines, but what a person writes is tried.
        var mails = await desk.CountAsync("select count(*) from outgoing_mail");
        var second = await desk.OpenAsync(desk.AcmeUser, "Another");
        Assert.Equal(fault == AddressFault.HardBounce ? mails : mails + 1, await desk.CountAsync("select count(*) from outgoing_mail"));
        using (await desk.ReplyAsync(desk.Engineer, second, "Since when?")) { }
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%Since when?%'"));

        using (var refused = await desk.AcmeAdministrator.PostAsync($"/tickets/{id}/address", Nothing))
            Assert.True(refused.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden);
        Assert.NotNull(await desk.House.Get<AddressStates>().OfAsync("user@acme.test", Ct));
        using (var cleared = await desk.Engineer.PostAsync($"/tickets/{id}/address", Nothing)) Assert.Equal(HttpStatusCode.SeeOther, cleared.StatusCode);
        Assert.Null(await desk.House.Get<AddressStates>().OfAsync("user@acme.test", Ct));
    }

    [Fact]
    public async Task A_bounce_that_somebody_made_up_marks_nobody()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        await desk.TakeInAsync(Bounce("user@acme.test", "guessed@vendor.test", "5.1.1", "User unknown"));
        await desk.TakeInAsync(Bounce("admin@other.test", Token(desk, id), "5.1.1", "User unknown"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from address_state"));
    }

    [Fact]
    public async Task A_graver_fault_stays_and_soft_ones_are_counted()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var now = TimeProvider.System.GetCurrentInstant();
        foreach (var fault in (AddressFault[])[AddressFault.SoftBounce, AddressFault.SoftBounce, AddressFault.Complaint, AddressFault.HardBounce, AddressFault.SoftBounce])
            await desk.House.Db.WriteAsync(tx => AddressStates.MarkAsync(tx, "A@x.test", fault, "said", now), Ct);
        var state = await desk.House.Get<AddressStates>().OfAsync("a@X.test", Ct);
        Assert.Equal((AddressFault.Complaint, 3), (state!.State, state.SoftBounces));
    }

    [Fact]
    public async Task Bounces_of_the_corpus_tell_whether_the_address_is_wrong_for_good()
    {
        var folder = Corpora.Path("mail", "bounce", "sisimai");
        var expected = File.ReadLines(Path.Join(folder, "expected.tsv")).Skip(1).Select(l => l.Split('\t')).Where(c => c[4] is not ("vacation" or "delivered"))
            .GroupBy(c => c[0]).ToDictionary(g => g.Key, g => (Hard: g.Any(c => c[5] == "1"), Complaint: g.Any(c => c[4] == "feedback")));
        var wrong = new List<string>();
        foreach (var (file, (hard, complaint)) in expected)
        {
            await using var raw = File.OpenRead(Path.Join(folder, "bsd", file));
            var failed = (await MailParser.ReadAsync(raw, Ct)).Failed;
            var right = complaint ? failed.All(f => f.Fault is AddressFault.Complaint or AddressFault.OptOut) : failed.Any(f => f.Fault == AddressFault.HardBounce) == hard;
            if (!right) wrong.Add($"{file} {(hard ? "is" : "is not")}: {string.Join("; ", failed.Select(f => $"{f.Fault} {f.Said}"))}");
        }
        output.WriteLine($"{expected.Count - wrong.Count} of {expected.Count}");
        // The collection knows of many a provider that its "user unknown" means something else. We take such words as they are.
        Assert.True(wrong.Count <= expected.Count / 5, $"{wrong.Count} of {expected.Count}: {string.Join('\n', wrong)}");
    }

    private static string Token(TestHelpdesk desk, TicketId id) => desk.House.Get<MailToken>().MessageId(id, 1, "any.test");

    private static string Bounce(string to, string messageId, string status, string said) => $"""
        Return-Path: <>
        From: MAILER-DAEMON@acme.test
        To: support@vendor.test
        Subject: Undelivered Mail Returned to Sender
        Message-ID: <{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(to + status))}@acme.test>
        Content-Type: multipart/report; report-type=delivery-status; boundary=b

        --b
        Content-Type: text/plain

        It did not work.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; acme.test

        Final-Recipient: rfc822; {to}
        Action: failed
        Status: {status}
        Diagnostic-Code: smtp; {said}

        --b
        Content-Type: text/rfc822-headers

        From: support@vendor.test
        Message-ID: <{messageId}>
        Subject: [#1] Mail is slow

        --b--
        """.ReplaceLineEndings("\r\n");
}
