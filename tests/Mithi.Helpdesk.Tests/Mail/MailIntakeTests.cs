using System.Text;
using Microsoft.Extensions.Time.Testing;
using Mithi.Cli;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Xunit;
using static Mithi.Helpdesk.Tests.TestHelpdesk;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>What comes in through the pipe: the same way as from a mailbox, without a mail server.</summary>
public sealed class MailIntakeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signed_answer_of_a_participant_acts_and_one_of_a_stranger_waits_for_staff()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Since when?", then: "WaitingForCustomer")) { }
        var token = desk.House.Get<MailToken>().MessageId(id, 2, "any.test");

        await desk.TakeInAsync(From("stranger@evil.test", "Re: Mail is slow", "Send me the password.", $"In-Reply-To: <{token}>"));
        Assert.Equal(TicketState.WaitingForCustomer, (await desk.TicketAsync(id)).State);
        Assert.DoesNotContain("Send me the password.", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        Assert.Contains("Send me the password.", await desk.Engineer.PageAsync($"/tickets/{id}"));

        await desk.TakeInAsync(From("user@acme.test", "Re: Mail is slow", "Since Monday.", $"In-Reply-To: <{token}>"));
        Assert.Equal(TicketState.Open, (await desk.TicketAsync(id)).State);
        Assert.Contains("Since Monday.", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
    }

    [Fact]
    public async Task A_number_in_the_subject_alone_is_not_believed_unless_the_mail_server_vouches()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        await desk.TakeInAsync(From("user@acme.test", $"Re: [#{id}] Mail is slow", "Forged, perhaps."));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_note where body like '%Forged, perhaps.%'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_message"));

        await desk.SetAsync("helpdesk.auth-server", "mx.acme.test");
        const string Passed = "Authentication-Results: mx.acme.test; dkim=pass header.d=acme.test";
        // Below the server's own verdict anybody may have written another.
        await desk.TakeInAsync(From("user@acme.test", $"Re: [#{id}] Mail is slow", "Forged below.", $"Authentication-Results: mx.acme.test; dkim=fail header.d=acme.test\r\n{Passed}"));
        await desk.TakeInAsync(From("user@acme.test", $"Re: [#{id}] Mail is slow", "Forged elsewhere.", "Authentication-Results: mx.evil.test; dkim=pass header.d=acme.test"));
        await desk.TakeInAsync(From("user@acme.test", $"Re: [#{id}] Mail is slow", "Forged domain.", "Authentication-Results: mx.acme.test; dkim=pass header.d=evil.test"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_message"));
        await desk.TakeInAsync(From("user@acme.test", $"Re: [#{id}] Mail is slow", "Really me.", Passed));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_message where body = 'Really me.'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
    }

    [Fact]
    public async Task A_wrong_number_or_a_forged_token_opens_a_new_ticket()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        var token = desk.House.Get<MailToken>().MessageId(id, 1, "any.test");
        var forged = token.Replace(".1.", ".2.", StringComparison.Ordinal);
        await desk.TakeInAsync(From("user@acme.test", "[#999] about something", "One."));
        await desk.TakeInAsync(From("user@acme.test", "something else", "Two.", $"References: <{forged}>"));
        await desk.TakeInAsync(From("admin@other.test", $"[#{id}] about a number I guessed", "Three."));
        Assert.Equal(4, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_event where ticket_id = @id", new { id }));
    }

    [Fact]
    public async Task A_colleague_who_answers_a_colleague_lands_in_the_same_ticket()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.SetAsync("helpdesk.auth-server", "mx");
        const string Passed = "Authentication-Results: mx; dmarc=pass header.from=acme.test";
        await desk.TakeInAsync(From("user@acme.test", "Mail is slow", "First.", "Message-ID: <a@acme.test>"));
        await desk.TakeInAsync(From("colleague@acme.test", "AW: Mail is slow", "Here too.", $"Message-ID: <b@acme.test>\r\nIn-Reply-To: <a@acme.test>\r\n{Passed}"));
        await desk.TakeInAsync(From("user@acme.test", "RE: WG: Mail is slow", "And here.", $"References: <x@acme.test> <b@acme.test> <unknown@acme.test>\r\n{Passed}"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(3, await desk.CountAsync("select count(*) from ticket_message"));
    }

    [Fact]
    public async Task Somebody_whom_nobody_knows_gets_a_ticket_that_only_staff_sees()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.TakeInAsync(From("new@nowhere.test", "Do you sell servers?", "We need one."));
        Assert.Contains("Do you sell servers?", await desk.Engineer.PageAsync("/tickets"));
        Assert.Contains("unknown sender", await desk.Engineer.PageAsync("/tickets/1"));
        foreach (var other in (Testing.TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner, desk.Stranger])
            Assert.DoesNotContain("Do you sell servers?", await other.PageAsync("/tickets?show=all"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where recipients = 'new@nowhere.test'"));
    }

    [Fact]
    public async Task A_second_delivery_is_nothing_from_whichever_mailbox()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var raw = From("user@acme.test", "Mail is slow", "Once.", "Message-ID: <once@acme.test>");
        await desk.TakeInAsync(raw);
        await desk.TakeInAsync(raw);
        // The same mail by another way has other headers on top.
        await desk.TakeInAsync("Received: by another mailbox\r\n" + raw);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_event"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Duplicate'"));
    }

    [Fact]
    public async Task A_mailbox_that_is_read_anew_brings_nothing_twice_even_without_ids()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var raw = System.Text.Encoding.UTF8.GetBytes(From("user@acme.test", "Mail is slow", "Once."));
        foreach (var source in (MailSource[])[new("support@mail:143/INBOX", 1, "7"), new("support@mail:143/INBOX", 2, "1"), new("support@mail:993/INBOX", 2, "1")])
        {
            desk.House.Get<MailSpool>().Put(source, raw);
            await desk.House.Get<MailIntake>().DrainAsync(CancellationToken.None);
        }
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(2, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Duplicate'"));
    }

    [Fact]
    public async Task A_storm_of_mails_from_one_sender_is_answered_four_times_an_hour()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        // A robot that hides what it is, so that only the breakers are left.
        for (var i = 0; i < 10; i++) await desk.TakeInAsync(From("robot@other.test", $"Alarm {i}", $"Number {i}"));
        Assert.Equal(10, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(4, await desk.CountAsync("select count(*) from outgoing_mail"));
        clock.Advance(TimeSpan.FromMinutes(61));
        await desk.TakeInAsync(From("robot@other.test", "Alarm again", "Later"));
        Assert.Equal(5, await desk.CountAsync("select count(*) from outgoing_mail"));
        for (var i = 0; i < 40; i++) await desk.TakeInAsync(From($"sender{i}@other.test", "Same alarm", $"Number {i}"));
        Assert.Equal(5 + 30, await desk.CountAsync("select count(*) from outgoing_mail"));
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied")]
    [InlineData("Auto-Submitted: auto-generated")]
    [InlineData("X-Autoreply: yes")]
    [InlineData("Precedence: bulk")]
    [InlineData("Return-Path: <>")]
    [InlineData("List-Id: <news.acme.test>")]
    [InlineData("Content-Type: multipart/report; report-type=delivery-status; boundary=x")]
    public async Task Automatic_mail_changes_neither_state_nor_clock(string header)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Since when?", then: "WaitingForCustomer")) { }
        var before = await desk.TicketAsync(id);
        var token = desk.House.Get<MailToken>().MessageId(id, 2, "any.test");
        await desk.TakeInAsync(From("user@acme.test", "Re: Mail is slow", "I am away.", $"{header}\r\nIn-Reply-To: <{token}>"));
        await desk.TakeInAsync(From("user@acme.test", "Something new", "I am away.", header));
        var after = await desk.TicketAsync(id);
        Assert.Equal(before with { Seq = after.Seq, Hash = after.Hash }, after);
        Assert.Equal(before.Seq + 1, after.Seq);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(2, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Automatic'"));
        Assert.DoesNotContain("I am away.", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
    }

    [Fact]
    public async Task An_answer_to_a_ticket_that_was_closed_long_ago_opens_one_that_follows_it()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Done.", then: "Resolved")) { }
        var token = desk.House.Get<MailToken>().MessageId(id, 2, "any.test");
        clock.Advance(TimeSpan.FromDays(20));
        await desk.TakeInAsync(From("user@acme.test", "Re: Mail is slow", "It is back.", $"In-Reply-To: <{token}>"));
        var next = await desk.TicketAsync(new(id.Value + 1));
        Assert.Equal(id, next.FollowsId);
        Assert.True((await desk.TicketAsync(id)).IsStopped);
    }

    [Fact]
    public async Task A_mail_of_nothing_but_html_is_read_as_words_and_runs_nothing()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.TakeInAsync("""
            From: user@acme.test
            Subject: =?utf-8?B?TWFpbCBpc3Qg8J+QjA==?=
            Content-Type: text/html; charset=utf-8

            <html><head><title>t</title><style>p{}</style></head><body><p>Hello &amp; good<br>day</p><script>alert(1)</script>
            <img src="https://tracker.test/x.gif" onerror="alert(2)"><blockquote>before</blockquote></body></html>
            """);
        var page = System.Net.WebUtility.HtmlDecode(await desk.Engineer.PageAsync("/tickets/1"));
        Assert.Contains("Hello & good\nday", page);
        Assert.Contains("Mail ist 🐌", page);
        Assert.DoesNotContain("alert(", page);
        Assert.DoesNotContain("tracker.test", page);
    }

    [Fact]
    public async Task Nothing_that_comes_in_is_lost_however_broken_it_is()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var nested = new StringBuilder("From: user@acme.test\r\nSubject: deep\r\nMIME-Version: 1.0\r\n");
        for (var i = 0; i < 3_000; i++) nested.Append($"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        nested.Append("Content-Type: text/plain\r\n\r\nbottom\r\n");
        var many = new StringBuilder("From: user@acme.test\r\nSubject: many\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n");
        for (var i = 0; i < 10_000; i++) many.Append($"--b\r\nContent-Disposition: attachment; filename=f{i}\r\n\r\nx\r\n");
        string[] broken =
        [
            "\0\0\0\u0001", "no header at all", "From:\r\nSubject:\r\n\r\n", "From: <>\r\n\r\nbody", $"From: user@acme.test\r\nSubject: {new string('x', 1 << 20)}\r\n\r\nlong",
            "From: user@acme.test\r\nContent-Type: text/plain; charset=no-such-charset\r\n\r\n\u00e4\u00f6", nested.ToString(), many.ToString(),
            "From: user@acme.test\r\nSubject: =?utf-8?Q?=FF=FE_=ED=A0=80?=\r\nContent-Type: text/plain\r\n\r\n\0half",
            "From: user@acme.test, other@acme.test\r\nSubject: [#1] [#2] Re: Re: Re:\r\nReferences: <<<>>> <a b> <>\r\nIn-Reply-To: x\r\n\r\nbody",
        ];
        foreach (var raw in broken) await desk.TakeInAsync(raw);
        Assert.Equal(broken.Length, await desk.CountAsync("select count(*) from mail_arrival"));
        Assert.Empty(desk.House.Get<MailSpool>().Waiting());
        Assert.True(await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Quarantined'") is >= 2 and <= 4);
        Assert.Equal(Limits.MailFilesMax + 1, await desk.CountAsync("select max(n) from (select count(*) as n from ticket_file group by ticket_id) counted"));
        var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        Assert.Contains("Could not be read", await admin.PageAsync("/helpdesk/mail"));
        Assert.Contains("no header at all", await admin.PageAsync("/helpdesk/mail/2.eml"));
        using var outside = await desk.AcmeAdministrator.GetAsync("/helpdesk/mail/2.eml");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, outside.StatusCode);
    }

    [Fact]
    public async Task A_kill_between_the_database_and_the_spool_doubles_nothing()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var spool = desk.House.Get<MailSpool>();
        var source = new MailSource("user@host/INBOX", 7, "42");
        var raw = Encoding.UTF8.GetBytes(From("user@acme.test", "Mail is slow", "Once."));
        for (var i = 0; i < 2; i++)
        {
            spool.Put(source, raw);
            await desk.House.Get<MailIntake>().DrainAsync(Ct);
        }
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_arrival"));
        Assert.Empty(spool.Waiting());
    }

    [Fact]
    public async Task The_pipe_refuses_nothing_and_too_much()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await Assert.ThrowsAsync<UserException>(() => MailIn.PutAsync(desk.House.Folder.Spool, Stream.Null, Ct));
        await Assert.ThrowsAsync<UserException>(() => MailIn.PutAsync(desk.House.Folder.Spool, new MemoryStream(new byte[Limits.MailBytesMax + 1]), Ct));
    }
}
