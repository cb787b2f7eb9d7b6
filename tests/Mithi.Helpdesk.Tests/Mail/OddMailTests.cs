using System.Net;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Mail;
using Mithi.Testing;
using MimeKit;
using Xunit;
using static Mithi.Helpdesk.Tests.TestHelpdesk;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>Mails that we could not have written ourselves: they are tickets all the same, and stop nothing.</summary>
public sealed class OddMailTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<a<b@x>")]
    [InlineData("<\"a b\"@x>")]
    [InlineData("<a\tb@x.test>")]
    [InlineData("<<<>>>")]
    [InlineData("no brackets at all")]
    public async Task A_new_mail_with_an_odd_id_is_a_ticket_that_can_be_answered(string messageId)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.TakeInAsync(From("user@acme.test", "Mail is slow", "Since Monday.", $"Message-ID: {messageId}"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Opened'"));
        Assert.Empty(desk.House.Get<MailSpool>().Waiting());
        await AnswerAsync(desk, new(1));
    }

    [Theory]
    [InlineData("<a<b@x>")]
    [InlineData("<\"a b\"@x>")]
    [InlineData("<good@evil.test>")]
    public async Task A_mail_that_waits_for_staff_leaves_no_id_in_the_conversation(string messageId)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        var token = desk.House.Get<MailToken>().MessageId(id, 1, "any.test");
        await desk.TakeInAsync(From("stranger@evil.test", "Re: Mail is slow", "Me too.", $"Message-ID: {messageId}\r\nIn-Reply-To: <{token}>"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Held'"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from mail_id where ours = 0"));
        Assert.Empty(desk.House.Get<MailSpool>().Waiting());
        await AnswerAsync(desk, id);
    }

    [Fact]
    public async Task An_odd_id_that_an_older_program_kept_stops_no_answer()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        await PoisonAsync(desk, id);
        await AnswerAsync(desk, id);
    }

    [Fact]
    public async Task A_mail_that_can_not_be_taken_in_is_seen_in_the_list_and_waits_nowhere()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        // Stands for a fault of ours that nobody knows of yet.
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync("alter table mail_id rename to mail_id_away"), Ct);
        await desk.TakeInAsync(From("user@acme.test", "Mail is slow", "Since Monday.", "Message-ID: <a@acme.test>\r\nReferences: <b@acme.test>"));
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync("alter table mail_id_away rename to mail_id"), Ct);
        Assert.Empty(desk.House.Get<MailSpool>().Waiting());
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Quarantined' and reason <> ''"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket"));
        var admin = await desk.House.SignInAsync(Kernel.People.Role.Administrator, desk.Vendor);
        Assert.Contains("Since Monday.", await admin.PageAsync("/helpdesk/mail/1.eml"));
    }

    [Theory]
    [InlineData("a@b.test", true)]
    [InlineData("\"a\"@b.test", true)]
    [InlineData("t1.2.0123456789abcdef@[127.0.0.1]", true)]
    [InlineData("$1@x", true)]
    [InlineData("a<b@x", false)]
    [InlineData("\"a b\"@x", false)]
    [InlineData("a\tb@x", false)]
    [InlineData("a\u00a0b@x", false)]
    [InlineData("", false)]
    public void Only_ids_that_a_header_can_carry_are_ids(string text, bool isOne)
    {
        Assert.Equal(isOne, MailQueue.IsMessageId(text));
        if (!isOne) return;
        // What we take, the writer of our own mails takes too.
        using var mail = new MimeMessage { MessageId = text, InReplyTo = text };
        mail.References.Add(text);
        Assert.Equal((text, text, text), (mail.MessageId, mail.InReplyTo, mail.References[0]));
    }

    /// <summary>As earlier versions did.</summary>
    internal static Task PoisonAsync(TestHelpdesk desk, TicketId id) => desk.House.Db.WriteAsync(tx => tx.ExecuteAsync(
        "insert into mail_id (message_id, ticket_id, ours, at) values ('a<b@x', @id, 0, 1), ('\"a b\"@x', @id, 0, 1)", new { id }), Ct);

    private static async Task AnswerAsync(TestHelpdesk desk, TicketId id)
    {
        using var answer = await desk.ReplyAsync(desk.Engineer, id, "Since when?");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%Since when?%'"));
    }
}
