using System.Net;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Xunit;
using static Mithi.Helpdesk.Tests.TestHelpdesk;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>What the house answers by itself, and when it had better not.</summary>
public sealed class MailReceiptTests
{
    private const string Receipts = "select count(*) from outgoing_mail where mail like '%your mail has become%' or mail like '%Your mail has become%' or mail like '%has been opened%'";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sender_that_failed_the_checks_gets_a_ticket_and_no_receipt()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.SetAsync("helpdesk.auth-server", "mx");
        await desk.TakeInAsync(From("victim@elsewhere.test", "Buy now", "Words.", "Authentication-Results: mx; dmarc=fail"));
        await desk.TakeInAsync(From("victim@elsewhere.test", "Buy now too", "Words."));
        Assert.Equal(2, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail"));
        await desk.TakeInAsync(From("person@elsewhere.test", "A question", "Words.", "Authentication-Results: mx; dmarc=pass"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where recipients = 'person@elsewhere.test'"));
    }

    [Fact]
    public async Task An_alarm_that_counts_its_numbers_up_is_answered_thirty_times()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        for (var i = 0; i < 35; i++) await desk.TakeInAsync(From($"sender{i}@other.test", $"Disk {i} of host-{i} is full!", $"Number {i}"));
        Assert.Equal(35, await desk.CountAsync("select count(*) from ticket"));
        Assert.Equal(30, await desk.CountAsync("select count(*) from outgoing_mail"));
        await desk.TakeInAsync(From("person@other.test", "Something else", "Words."));
        Assert.Equal(31, await desk.CountAsync("select count(*) from outgoing_mail"));
    }

    [Theory]
    [InlineData("Disk 3 of host-7 is full!", "disk of is full")]
    [InlineData("Re: DISK 4 of host-8 is full", "disk of is full")]
    [InlineData("डिस्क 5 भर गई", "डिस्क भर गई")]
    [InlineData("[#12] 2026-01-06", "")]
    public void Near_equal_subjects_have_one_key(string subject, string key) => Assert.Equal(key, MailParser.SubjectKey(subject));

    [Fact]
    public async Task A_ticket_of_the_portal_is_acknowledged_once_in_the_requesters_language()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync("update person set language = 'hi' where email = 'admin@acme.test'"), Ct);
        var id = await desk.OpenAsync(desk.AcmeUser);
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail"));
        Assert.Equal(1, await desk.CountAsync($"select count(*) from outgoing_mail where recipients = 'user@acme.test' and mail like '%has been opened: #{id} Mail is slow%' and mail like '%/tickets/{id}%'"));
        // Its answer finds the ticket.
        var token = desk.House.Get<MailToken>().MessageId(id, 1, "any.test");
        await desk.TakeInAsync(From("user@acme.test", "Re: Mail is slow", "More of it.", $"In-Reply-To: <{token}>"));
        Assert.Contains("More of it.", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail"));

        using (await desk.Engineer.PostAsync("/tickets/new", new Dictionary<string, string>
        {
            ["subject"] = "By telephone", ["kind"] = "Incident", ["priority"] = "P3", ["product"] = "", ["version"] = "", ["body"] = "He called.", ["requester"] = "admin@acme.test",
        })) { }
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where recipients = 'admin@acme.test' and subject like '%By telephone'"));
        var mail = await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<string>("select mail from outgoing_mail where recipients = 'admin@acme.test'"), Ct);
        Assert.Contains("आपका टिकट खोला गया है", System.Text.Json.JsonDocument.Parse(mail).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Nobody_is_acknowledged_more_than_four_times_an_hour_or_at_an_address_that_is_not_shown_to_be_his()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        for (var i = 0; i < 6; i++) await desk.OpenAsync(desk.AcmeUser, $"Ticket {i}");
        Assert.Equal(4, await desk.CountAsync(Receipts));
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync("update person set confirmed_at = 0 where email = 'colleague@acme.test'"), Ct);
        await desk.OpenAsync(desk.AcmeColleague);
        Assert.Equal(4, await desk.CountAsync(Receipts));
    }
}
