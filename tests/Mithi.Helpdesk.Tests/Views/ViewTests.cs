using System.Net;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Views;

public sealed class ViewTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("state:waiting mail", "mail", "")]
    [InlineData("level:2 priority:1 kind:incident", "", "")]
    [InlineData("LEVEL:l2 \"level:2\"", "\"level:2\"", "")]
    [InlineData("colour:red mail", "colour:red mail", "colour:red")]
    [InlineData("state:purple", "state:purple", "state:purple")]
    [InlineData("http://example.org/state:open", "http://example.org/state:open", "http://example.org/state:open")]
    [InlineData("customer:\"Acme Mills\" queue", "queue", "")]
    public void Operators_are_taken_out_and_the_rest_is_words(string typed, string words, string unknown)
    {
        var query = TicketQuery.Parse(typed, isStaff: true);
        Assert.Equal((words, unknown), (query.Words, string.Join(' ', query.Unknown)));
    }

    [Fact]
    public void Levels_and_assignees_are_words_to_a_customer()
        => Assert.Equal("level:2 assignee:asha", TicketQuery.Parse("level:2 assignee:asha priority:1", isStaff: false).Words);

    [Fact]
    public async Task The_list_is_narrowed_by_operators_for_whoever_may_know()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var first = await desk.OpenAsync(desk.AcmeUser, "Alpha", priority: "P1");
        var second = await desk.OpenAsync(desk.Stranger, "Beta");
        using (await desk.HandOverAsync(desk.Engineer, first, "L2", "x")) { }
        using (await desk.ReplyAsync(desk.Engineer, second, "Done.", then: "Resolved")) { }
        foreach (var (typed, alpha, beta) in new[]
        {
            ("priority:1", true, false), ("level:2", true, false), ("customer:acme", true, false), ("customer:other", false, false), ("customer:other state:resolved", false, true),
            ("state:resolved", false, true), ("assignee:nobody", true, false), ("assignee:me", false, false), ("kind:incident alpha", true, false), ("kind:question", false, false),
        })
        {
            var shown = await desk.Engineer.PageAsync($"/api/tickets?q={Uri.EscapeDataString(typed)}");
            Assert.True((alpha, beta) == (shown.Contains("Alpha", StringComparison.Ordinal), shown.Contains("Beta", StringComparison.Ordinal)), $"{typed}: {shown}");
        }
        // What a customer may not know he can't find out by asking for it.
        Assert.DoesNotContain("Alpha", await desk.AcmeUser.PageAsync("/api/tickets?q=level%3A2"), StringComparison.Ordinal);
        Assert.Contains("Alpha", await desk.AcmeUser.PageAsync("/api/tickets?level=L3"), StringComparison.Ordinal);
        Assert.DoesNotContain("Beta", await desk.AcmeUser.PageAsync("/api/tickets?q=state%3Aresolved"), StringComparison.Ordinal);
        Assert.Contains("Taken for words, because nobody knows it as an operator: colour:red", await desk.Engineer.PageAsync("/tickets?q=colour%3Ared"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_is_kept_with_its_count_for_its_owner_alone_unless_it_is_shared()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var colleague = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        using var administrator = await desk.House.SignInAsync(Role.Administrator, desk.Vendor, "root@vendor.test");
        await desk.OpenAsync(desk.AcmeUser, "Alpha", priority: "P1");
        await desk.OpenAsync(desk.AcmeUser, "Beta");
        using (var kept = await desk.Engineer.SubmitAsync("/tickets?q=priority%3A1", new Dictionary<string, string> { ["view-name"] = "Xylophone" }, "/helpdesk/views"))
            Assert.Equal("/tickets?show=open&q=priority%3A1", kept.Headers.Location!.ToString());
        Assert.Matches("""href="/tickets\?show=open&amp;q=priority%3A1" aria-current="page">Xylophone <span class="count">1</span>""", await desk.Engineer.PageAsync("/tickets?q=priority%3A1"));
        Assert.Matches("""Open <span class="count">2</span>""", await desk.Engineer.PageAsync("/tickets"));
        foreach (var other in (TestBrowser[])[colleague, administrator, desk.AcmeUser, desk.Partner]) Assert.DoesNotContain("Xylophone", await other.PageAsync("/tickets"), StringComparison.Ordinal);

        using (await administrator.SubmitAsync("/tickets?priority=P2", new Dictionary<string, string> { ["view-name"] = "Ours", ["view-shared"] = "1" }, "/helpdesk/views")) { }
        Assert.Contains("Ours", await colleague.PageAsync("/tickets"), StringComparison.Ordinal);
        Assert.DoesNotContain("Ours", await desk.AcmeAdministrator.PageAsync("/tickets"), StringComparison.Ordinal);
        foreach (var id in (string[])["1", "2", "3"])
        {
            using var removed = await colleague.PostAsync($"/helpdesk/views/{id}/remove");
            Assert.Equal(HttpStatusCode.NotFound, removed.StatusCode);
        }
        using (var refused = await desk.AcmeUser.PostAsync("/helpdesk/views", new Dictionary<string, string> { ["view-name"] = "Mine" })) Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using (var nameless = await desk.Engineer.PostAsync("/helpdesk/views", new Dictionary<string, string> { ["query"] = "show=all" })) Assert.Equal(HttpStatusCode.UnprocessableEntity, nameless.StatusCode);
        using (var removed = await desk.Engineer.PostAsync("/helpdesk/views/1/remove")) Assert.Equal(HttpStatusCode.SeeOther, removed.StatusCode);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_view"));
    }
}
