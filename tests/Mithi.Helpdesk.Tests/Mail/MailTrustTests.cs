using System.Net;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Xunit;
using static Mithi.Helpdesk.Tests.TestHelpdesk;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>Anybody can write any sender into a mail: for whom it may speak.</summary>
public sealed class MailTrustTests
{
    private const string Passed = "Authentication-Results: mx; dmarc=pass";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Staff_that_answers_by_mail_writes_a_note()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.SetAsync("helpdesk.auth-server", "mx");
        var id = await desk.OpenAsync(desk.AcmeUser);
        await desk.TakeInAsync(From("engineer@vendor.test", "Re: Mail is slow", "They forgot the disk again.", $"In-Reply-To: <{Token(desk, id)}>\r\n{Passed}"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_note n join person p on p.id = n.author_id where p.email = 'engineer@vendor.test'"));
        Assert.DoesNotContain("forgot the disk", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%forgot the disk%'"));
    }

    [Theory]
    [InlineData("engineer@vendor.test")]
    [InlineData("colleague@acme.test")]
    [InlineData("admin@acme.test")]
    [InlineData("partner@partner.test")]
    public async Task Who_holds_a_mail_of_ours_can_not_write_in_anothers_name(string forged)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Since when?", then: "WaitingForCustomer")) { }
        await desk.TakeInAsync(From(forged, "Re: Mail is slow", "Give him what he asks for.", $"In-Reply-To: <{Token(desk, id)}>"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Held'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_note where author_id is null and author_name like '%(not verified)'"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket_event where kind = 'noted' and actor_id is not null"));
        Assert.Equal(TicketState.WaitingForCustomer, (await desk.TicketAsync(id)).State);
        Assert.DoesNotContain("Give him", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
    }

    [Fact]
    public async Task An_address_that_a_customer_merely_names_brings_him_nobodys_mail()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using (var added = await desk.AcmeAdministrator.PostAsync("/people/new", new Dictionary<string, string>
        {
            ["organisation"] = $"{desk.Acme}", ["role"] = "CustomerUser", ["name"] = "The victim", ["email"] = "x@victim.test", ["language"] = "", ["zone"] = "",
        })) Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        await desk.TakeInAsync(From("x@victim.test", "Our numbers", "For your eyes.", $"Message-ID: <one@victim.test>"));
        var id = new TicketId(1);
        var ticket = await desk.TicketAsync(id);
        Assert.Equal((null, null, "x@victim.test"), (ticket.OrganisationId, ticket.RequesterId, ticket.RequesterEmail));
        foreach (var other in (Testing.TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner, desk.Stranger])
        {
            using var answer = await other.GetAsync($"/tickets/{id}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.DoesNotContain("Our numbers", await other.PageAsync("/tickets?show=all"));
        }

        // Nor does it take part where the customer's own people do.
        await desk.SetAsync("helpdesk.auth-server", "mx");
        var theirs = await desk.OpenAsync(desk.AcmeUser, "Theirs");
        await desk.TakeInAsync(From("x@victim.test", "Re: Theirs", "Not theirs.", $"In-Reply-To: <{Token(desk, theirs)}>\r\n{Passed}"));
        Assert.DoesNotContain("Not theirs.", await desk.AcmeUser.PageAsync($"/tickets/{theirs}"));

        // Once he has shown that it is his, his mail is his organisation's.
        await ConfirmAsync(desk, "x@victim.test");
        await desk.TakeInAsync(From("x@victim.test", "Now really", "Hello.", "Message-ID: <two@victim.test>"));
        Assert.Contains("Now really", await desk.AcmeAdministrator.PageAsync("/tickets"));
    }

    [Fact]
    public async Task A_person_whom_the_nodes_administrator_adds_is_known_at_once_and_a_changed_address_is_not()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        using (await admin.PostAsync("/people/new", new Dictionary<string, string>
        {
            ["organisation"] = $"{desk.Acme}", ["role"] = "CustomerUser", ["name"] = "New", ["email"] = "new@acme.test", ["language"] = "", ["zone"] = "",
        })) { }
        await desk.TakeInAsync(From("new@acme.test", "First", "Hello."));
        Assert.Equal(desk.Acme, (await desk.TicketAsync(new(1))).OrganisationId);

        var person = await desk.House.Db.ReadAsync(tx => PersonStore.ByEmailAsync(tx, "colleague@acme.test"), Ct);
        using (var changed = await desk.AcmeAdministrator.PostAsync($"/people/{person!.Id}", new Dictionary<string, string>
        {
            ["organisation"] = $"{desk.Acme}", ["role"] = "CustomerUser", ["name"] = "C", ["email"] = "y@victim.test", ["language"] = "", ["zone"] = "", ["revision"] = $"{person.Revision}",
        })) Assert.Equal(HttpStatusCode.SeeOther, changed.StatusCode);
        await desk.TakeInAsync(From("y@victim.test", "Second", "Hello."));
        Assert.Null((await desk.TicketAsync(new(2))).OrganisationId);
    }

    [Theory]
    [InlineData("update person set disabled = 1 where email = 'user@acme.test'")]
    [InlineData("update organisation set disabled = 1 where name = 'Acme'")]
    public async Task Who_is_shut_out_hears_nothing_more_and_his_mails_are_a_strangers(string shutOut)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.SetAsync("helpdesk.auth-server", "mx");
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Before.", then: "WaitingForCustomer")) { }
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%Before.%'"));
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync(shutOut), Ct);

        using (var answer = await desk.ReplyAsync(desk.Engineer, id, "Afterwards.", then: "WaitingForCustomer")) Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%Afterwards.%'"));
        await desk.TakeInAsync(From("user@acme.test", "Re: Mail is slow", "I am still here.", $"In-Reply-To: <{Token(desk, id)}>\r\n{Passed}"));
        Assert.Equal(TicketState.WaitingForCustomer, (await desk.TicketAsync(id)).State);
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_arrival where outcome = 'Held'"));
        await desk.TakeInAsync(From("user@acme.test", "Something new", "Hello.", Passed));
        var opened = await desk.TicketAsync(new(id.Value + 1));
        Assert.Equal((null, null), (opened.OrganisationId, opened.RequesterId));
    }

    private static string Token(TestHelpdesk desk, TicketId id) => desk.House.Get<MailToken>().MessageId(id, 1, "any.test");

    private static Task ConfirmAsync(TestHelpdesk desk, string email) => desk.House.Db.WriteAsync(
        tx => tx.ExecuteAsync("update person set confirmed_at = created_at where email = @email", new { email }), Ct);
}
