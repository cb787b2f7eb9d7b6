using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Testing;
using MimeKit;
using Xunit;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>Through this machine's real Postfix and Dovecot.</summary>
public sealed class MailServerTests : IAsyncLifetime
{
    private MailServers servers = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        servers = await MailServers.StartAsync(Ct);
        // Dovecot sees a new mailbox by the second: all are there before the first mail, which is answered within one.
        foreach (var name in (string[])["support", "left", "right", "user@acme.test"]) servers.Mailbox(name);
    }

    public ValueTask DisposeAsync() => servers.DisposeAsync();

    [Fact]
    public async Task A_customers_mail_becomes_a_ticket_and_the_conversation_goes_on_by_mail()
    {
        await using var desk = await StartAsync("support");
        using var first = Mail("user@acme.test", "Mail is slow", "It takes minutes.\n\n-- \nA user");
        await servers.SendAsync(first, Ct);

        var receipt = Assert.Single(await servers.ReceivedAsync("user@acme.test", 1, Ct));
        var id = Assert.Single(await desk.House.Db.ReadAsync(tx => tx.QueryAsync<TicketId>("select id from ticket"), Ct));
        Assert.Equal($"[#{id}] Mail is slow", receipt.Subject);
        Assert.Equal("auto-generated", receipt.Headers["Auto-Submitted"]);
        Assert.Equal("All", receipt.Headers["X-Auto-Response-Suppress"]);
        Assert.Equal("<>", receipt.Headers["Return-Path"]);
        Assert.Equal(first.MessageId, receipt.InReplyTo);
        var ticket = await desk.TicketAsync(id);
        Assert.Equal((desk.Acme, "user@acme.test", TicketState.New), (ticket.OrganisationId, ticket.RequesterEmail, ticket.State));
        Assert.Contains("It takes minutes.", await desk.AcmeUser.PageAsync($"/tickets/{id}"));

        using (await desk.NoteAsync(desk.Engineer, id, "xylophone")) { }
        using (await desk.ReplyAsync(desk.Engineer, id, "Since when?", then: "WaitingForCustomer")) { }
        var answer = (await servers.ReceivedAsync("user@acme.test", 2, Ct))[1];
        Assert.StartsWith("Since when?", answer.TextBody);
        Assert.DoesNotContain("xylophone", answer.ToString());
        Assert.Null(answer.Headers["Auto-Submitted"]);
        Assert.Equal($"<support@{MailServers.Domain}>", answer.Headers["Return-Path"]);
        Assert.Equal([first.MessageId!, receipt.MessageId!], answer.References);
        Assert.Equal($"[#{id}] Mail is slow", answer.Subject);

        // Out of office first: it must not end the wait. Then the customer himself, as his mail program answers.
        using var away = Mail("user@acme.test", "Out of office: [#1] Mail is slow", "I am away.", answer);
        away.Headers.Add("Auto-Submitted", "auto-replied");
        await servers.SendAsync(away, Ct);
        using var back = Mail("user@acme.test", $"Re: {answer.Subject}", "Since Monday.\n\nOn Tuesday, Support wrote:\n> Since when?\n", answer);
        await servers.SendAsync(back, Ct);
        await servers.SendAsync(back, Ct);
        // One of the three may overtake another in Postfix; a last one that is answered tells that all before it came.
        await SettledAsync("support", desk, 4);

        var entries = await desk.House.Db.ReadAsync(tx => TicketLog.EventsAsync(tx, id, bodies: true), Ct);
        var written = Assert.Single(entries, e => e.Change is TicketChange.Replied { Side: Side.Customer });
        Assert.StartsWith("Since Monday.", written.Body);
        Assert.Single(entries, e => e.Change is TicketChange.AutomaticMail);
        Assert.Single(entries, e => e.Change is TicketChange.StateSet { From: TicketState.WaitingForCustomer, To: TicketState.Open } s && e.Seq == written.Seq + 1);
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Duplicate'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
        var page = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("Quoted text and signature", page);
        Assert.Contains("nothing was changed", page);
    }

    [Fact]
    public async Task Two_of_our_nodes_that_write_to_each_other_stop()
    {
        await using var left = await StartAsync("left");
        await using var right = await StartAsync("right");
        // The worst beginning: a mail in the name of the other node's own support address.
        using var spark = Mail($"right@{MailServers.Domain}", "Hello", "Is somebody there?", to: $"left@{MailServers.Domain}");
        await servers.SendAsync(spark, Ct);
        await servers.ReceivedAsync("right", 1, Ct);
        await SettledAsync("right", right, 1);
        await SettledAsync("left", left, 1);
        Assert.Equal(1, await left.CountAsync("select count(*) from outgoing_mail"));
        Assert.Equal(0, await right.CountAsync("select count(*) from outgoing_mail"));
        Assert.Equal(0, await right.CountAsync("select count(*) from ticket"));
    }

    [Fact]
    public async Task Two_of_our_nodes_that_wrote_to_each_other_are_quiet_for_a_day()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-02T04:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        await using var left = await StartAsync("left", clock);
        await using var right = await StartAsync("right", clock);
        using var spark = Mail($"right@{MailServers.Domain}", "Hello", "Is somebody there?", to: $"left@{MailServers.Domain}");
        await servers.SendAsync(spark, Ct);
        await SettledAsync("left", left, 1);
        using var other = Mail($"left@{MailServers.Domain}", "Good morning", "Anybody?", to: $"right@{MailServers.Domain}");
        await servers.SendAsync(other, Ct);
        await SettledAsync("right", right, 1);
        var (toLeft, toRight) = (0L, 0L);
        for (var hour = 0; hour <= 24; hour++)
        {
            // Whatever is due is done, and what was sent has come, before time goes on.
            do
            {
                await left.DrainAsync();
                await right.DrainAsync();
                (toLeft, toRight) = (await SentAsync(right), await SentAsync(left));
                await SettledAsync("left", left, 1 + (int)toLeft);
                await SettledAsync("right", right, 1 + (int)toRight);
            }
            while (await SentAsync(right) != toLeft || await SentAsync(left) != toRight);
            clock.Advance(TimeSpan.FromHours(1));
        }
        Assert.InRange(toLeft + toRight, 1, 4);
        Assert.Equal(0, await left.CountAsync("select count(*) from outgoing_mail where state <> 'Sent'") + await right.CountAsync("select count(*) from outgoing_mail where state <> 'Sent'"));
        Assert.Equal((1L, 1L), (await left.CountAsync("select count(*) from ticket"), await right.CountAsync("select count(*) from ticket")));
    }

    private static Task<long> SentAsync(TestHelpdesk desk) => desk.CountAsync("select count(*) from outgoing_mail where state = 'Sent'");

    [Fact]
    public async Task An_answer_that_comes_back_marks_the_address()
    {
        await using var desk = await StartAsync("support");
        // He has no mailbox: our receipt has no return address and is gone, an answer of staff comes back.
        using var first = Mail("gone@acme.test", "Mail is slow", "It takes minutes.");
        await servers.SendAsync(first, Ct);
        await SettledAsync("support", desk, 1);
        var id = Assert.Single(await desk.House.Db.ReadAsync(tx => tx.QueryAsync<TicketId>("select id from ticket"), Ct));
        Assert.DoesNotContain("nobody has this address", await desk.Engineer.PageAsync($"/tickets/{id}"));
        using (await desk.ReplyAsync(desk.Engineer, id, "Since when?", then: "WaitingForCustomer")) { }
        await SettledAsync("support", desk, 2);

        Assert.Equal(1, await desk.CountAsync("select count(*) from address_state where email_key = 'gone@acme.test' and state = 'HardBounce'"));
        Assert.Contains("nobody has this address", await desk.Engineer.PageAsync($"/tickets/{id}"));
        Assert.Equal(TicketState.WaitingForCustomer, (await desk.TicketAsync(id)).State);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
    }

    [Fact]
    public async Task A_signed_answer_acts_after_its_way_through_the_mail_servers_and_a_forged_one_does_not()
    {
        await using var desk = await StartAsync("support", replace: s => s.AddSingleton<IDkimKeys>(new SenderChecksTests.OneKey()));
        var id = await desk.OpenAsync(desk.AcmeUser);
        await SignedAsync("acme.test", "Since Monday, signed.");
        await SignedAsync("evil.test", "Forged by another domain.");
        await SignedAsync("acme.test", "Changed on its way.", change: "Changed elsewhere.");
        await SettledAsync("support", desk, 3);
        var shown = await desk.House.Db.ReadAsync(tx => TicketLog.EventsAsync(tx, id, bodies: true), Ct);
        Assert.Equal("Since Monday, signed.", Assert.Single(shown, e => e.Change is TicketChange.Replied).Body.Trim());
        Assert.Equal(2, shown.Count(e => e.Change is TicketChange.Noted));
        Assert.DoesNotContain("Forged by another", await desk.AcmeUser.PageAsync($"/tickets/{id}"));

        async Task SignedAsync(string domain, string body, string? change = null)
        {
            var raw = SenderChecksTests.Signed(domain, subject: $"Re: [#{id}] Mail is slow", body: body, to: $"support@{MailServers.Domain}");
            if (change is not null) raw = raw.Replace(body, change, StringComparison.Ordinal);
            using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(raw));
            using var mail = await MimeMessage.LoadAsync(stream, Ct);
            await servers.SendAsync(mail, Ct);
        }
    }

    [Fact]
    public async Task A_mail_to_the_plus_address_finds_its_ticket_when_every_header_is_gone()
    {
        await using var desk = await StartAsync("support", ("helpdesk.plus-address", "1"));
        using var first = Mail("user@acme.test", "Mail is slow", "It takes minutes.");
        await servers.SendAsync(first, Ct);
        var receipt = Assert.Single(await servers.ReceivedAsync("user@acme.test", 1, Ct));
        var replyTo = receipt.ReplyTo.Mailboxes.Single().Address;
        Assert.Matches(@"^support\+t1\.[0-9a-f]{32}@mithi\.test$", replyTo);
        using var answer = Mail("user@acme.test", "something else", "It is worse now.", to: replyTo);
        await servers.SendAsync(answer, Ct);
        await SettledAsync("support", desk, 2);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
        Assert.Contains("It is worse now.", await desk.Engineer.PageAsync("/tickets/1"));
    }

    [Fact]
    public async Task A_mailbox_that_can_not_be_read_says_why_and_is_read_once_it_can()
    {
        await using var desk = await StartAsync("support", ("helpdesk.imap-password", "wrong"));
        var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        await ShowsAsync(admin, "be read:", shown: true);
        using var first = Mail("user@acme.test", "Mail is slow", "It takes minutes.");
        await servers.SendAsync(first, Ct);
        await SetAsync(desk, ("helpdesk.imap-password", servers.Mailbox("support").Password));
        await servers.ReceivedAsync("user@acme.test", 1, Ct);
        await ShowsAsync(admin, "be read:", shown: false);   // taken away by the same line that brought the mail, but after it
    }

    private static async Task ShowsAsync(TestBrowser browser, string text, bool shown)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        late.CancelAfter(TimeSpan.FromMinutes(1));
        while ((await browser.PageAsync("/helpdesk/mail")).Contains(text, StringComparison.Ordinal) != shown)
        {
            Assert.False(late.IsCancellationRequested, $"\"{text}\" {(shown ? "did not come" : "stayed")}.");
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_mail_that_is_too_large_waits_in_the_mailbox_and_is_listed_and_the_next_one_is_taken_in()
    {
        using (var imap = await servers.ImapAsync("support", Ct))
        {
            using var large = Mail("user@acme.test", "Here is the core dump", new string('x', 70) + "\r\n");
            large.Body = new TextPart("plain") { Text = string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", 53_000)) };
            await imap.Inbox.AppendAsync(new MailKit.AppendRequest(large), Ct);
        }
        await using var desk = await StartAsync("support");
        using var small = Mail("user@acme.test", "Mail is slow", "It takes minutes.");
        await servers.SendAsync(small, Ct);
        await servers.ReceivedAsync("user@acme.test", 1, Ct);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
        var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var page = await admin.PageAsync("/helpdesk/mail");
        Assert.Contains("It is larger than 50 MB and waits in the mailbox.", page);
        Assert.Contains("Here is the core dump", page);
        Assert.Contains("user@acme.test", page);
    }

    /// <summary>Waits until the mailbox holds so many mails and the node has taken in each of them.</summary>
    private async Task SettledAsync(string mailbox, TestHelpdesk desk, int mails)
    {
        await servers.ReceivedAsync(mailbox, mails, Ct);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        late.CancelAfter(TimeSpan.FromMinutes(1));
        // The node's own line to the server wakes it; nobody tells us, so we look at its list.
        while (await desk.CountAsync("select count(*) from mail_arrival") < mails)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, late.Token);
    }

    private Task<TestHelpdesk> StartAsync(string mailbox, params (string, string)[] more) => StartAsync(mailbox, null, null, more);

    private async Task<TestHelpdesk> StartAsync(string mailbox, FakeTimeProvider? clock = null, Action<IServiceCollection>? replace = null, params (string, string)[] more)
    {
        var desk = await TestHelpdesk.StartAsync(clock, replace);
        var box = servers.Mailbox(mailbox);
        await SetAsync(desk, [("mail.host", servers.Host), ("mail.port", $"{servers.SmtpPort}"), ("mail.security", "none"), ("mail.from", box.Address),
            ("helpdesk.address", box.Address), ("helpdesk.imap-host", servers.Host), ("helpdesk.imap-port", $"{servers.ImapPort}"),
            ("helpdesk.imap-security", "none"), ("helpdesk.imap-user", box.Address), ("helpdesk.imap-password", box.Password), .. more]);
        return desk;
    }

    private static async Task SetAsync(TestHelpdesk desk, params (string Key, string Value)[] settings)
    {
        var values = new Dictionary<string, string>();
        foreach (var (key, value) in settings) values[key] = value;
        Assert.Empty(await desk.House.Get<SettingStore>().ChangeAsync(values,
            CurrentPerson.Nobody("en", NodaTime.DateTimeZone.Utc) with { Name = "Test" }, Ct));
        // Everybody has heard of them before the first mail is on its way.
        await desk.DrainAsync();
    }

    private static MimeMessage Mail(string from, string subject, string body, MimeMessage? answerTo = null, string to = $"support@{MailServers.Domain}")
    {
        var mail = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = body } };
        mail.From.Add(new MailboxAddress("A user", from));
        mail.To.Add(MailboxAddress.Parse(answerTo?.ReplyTo.Mailboxes.FirstOrDefault()?.Address ?? to));
        if (answerTo is not null)
        {
            mail.InReplyTo = answerTo.MessageId;
            foreach (var id in answerTo.References.Append(answerTo.MessageId!)) mail.References.Add(id);
        }
        return mail;
    }
}
