using System.Net;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Macros;

public sealed class MacroTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_macro_does_all_of_it_by_the_tickets_own_rules()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        await AddAsync(desk.Engineer, new() { ["name"] = "Known", ["state"] = "Resolved", ["priority"] = "P4", ["assignee"] = "me", ["reply"] = "See the manual about {{product}}.", ["note"] = "Known since #{{ticket.number}}" });
        Assert.Contains("Answer the customer", await desk.Engineer.PageAsync("/helpdesk/macros"), StringComparison.Ordinal);
        using (var used = await desk.Engineer.SubmitAsync($"/tickets/{id}", new Dictionary<string, string> { ["macro"] = "1" })) Assert.Equal(HttpStatusCode.SeeOther, used.StatusCode);
        var ticket = await desk.TicketAsync(id);
        Assert.Equal((TicketState.Resolved, Priority.P4, "engineer@vendor.test"), (ticket.State, ticket.Priority, await NameAsync(desk, ticket.AssigneeId)));
        Assert.Contains("See the manual about mail-server.", await desk.AcmeUser.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
        Assert.DoesNotContain("Known since", await desk.AcmeUser.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_note where body = @body", new { body = $"Known since #{id}" }));
        Assert.True((await desk.House.Get<TicketLog>().VerifyAsync(Ct)).Intact);
    }

    [Fact]
    public async Task Of_a_macro_that_is_refused_nothing_was_done()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        var before = await desk.TicketAsync(id);
        await AddAsync(desk.Engineer, new() { ["name"] = "Done", ["priority"] = "P1", ["note"] = "That was it", ["state"] = "Resolved" });
        using (var refused = await desk.Engineer.PostAsync($"/tickets/{id}/macro", new Dictionary<string, string> { ["macro"] = "1", ["seen"] = "1" }))
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains("Nobody has answered the customer yet.", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
        Assert.Equal(before, await desk.TicketAsync(id));
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket_note"));

        // What the customer wrote meanwhile is read before an answer goes out.
        await AddAsync(desk.Engineer, new() { ["name"] = "Answer", ["reply"] = "Wait." });
        using (await desk.ReplyAsync(desk.AcmeUser, id, "It works again")) { }
        using (var stale = await desk.Engineer.PostAsync($"/tickets/{id}/macro", new Dictionary<string, string> { ["macro"] = "2", ["seen"] = "1" }))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, stale.StatusCode);
        Assert.Equal(2, await desk.CountAsync("select count(*) from ticket_message"));
    }

    [Fact]
    public async Task Other_peoples_macros_are_not_there_and_customers_have_none()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var colleague = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        using var release = await desk.House.SignInAsync(Role.ReleaseEngineer, desk.Vendor, "release@vendor.test");
        await AddAsync(desk.Engineer, new() { ["name"] = "Mine", ["priority"] = "P1" });
        Assert.DoesNotContain("Mine", await colleague.PageAsync("/helpdesk/macros"), StringComparison.Ordinal);
        using (var foreign = await colleague.PostAsync($"/tickets/{id}/macro", new Dictionary<string, string> { ["macro"] = "1" })) Assert.Equal(HttpStatusCode.UnprocessableEntity, foreign.StatusCode);
        using (var foreign = await colleague.GetAsync("/helpdesk/macros/1")) Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        foreach (var other in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner, release])
        {
            using var used = await other.PostAsync($"/tickets/{id}/macro", new Dictionary<string, string> { ["macro"] = "1" });
            Assert.Equal(HttpStatusCode.Forbidden, used.StatusCode);
        }
        Assert.Equal(Priority.P3, (await desk.TicketAsync(id)).Priority);
    }

    [Theory]
    [InlineData("state", "Merged")]
    [InlineData("state", "New")]
    [InlineData("priority", "P9")]
    [InlineData("level", "L2")]
    [InlineData("assignee", "somebody")]
    [InlineData("reply", "{{secret}}")]
    [InlineData("priority", "")]
    public async Task What_no_macro_can_do_is_refused(string field, string value)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var refused = await desk.Engineer.PostAsync("/helpdesk/macros/new", new Dictionary<string, string> { ["name"] = "Odd", [field] = value });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(0, await desk.CountAsync("select count(*) from macro"));
    }

    private static Task<string> NameAsync(TestHelpdesk desk, PersonId? person)
        => desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<string>("select email from person where id = @person", new { person }), Ct);

    private static async Task AddAsync(TestBrowser by, Dictionary<string, string> fields)
    {
        using var answer = await by.PostAsync("/helpdesk/macros/new", fields);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }
}
