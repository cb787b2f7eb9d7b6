using System.Net;
using System.Text.Json.Nodes;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Batches;

/// <summary>Several tickets changed in one go, and that taken back.</summary>
public sealed class BatchTests
{
    // What a log and its times are, and nothing else.
    private static readonly string[] OfTheLog = ["entries", "older", "updatedAt"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_ticket_is_changed_by_its_own_rules_and_what_became_of_it_is_shown()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var (first, second, third) = (await desk.OpenAsync(desk.AcmeUser, "First"), await desk.OpenAsync(desk.AcmeUser, "Second"), await desk.OpenAsync(desk.AcmeUser, "Third"));
        using (await desk.ReplyAsync(desk.Engineer, first, "Done.")) { }
        using (await desk.ReplyAsync(desk.Engineer, second, "Done.", then: "Resolved")) { }
        var page = await ChangeAsync(desk.Engineer, [first, second, third, new(99)], ("set-state", "Resolved"));
        var shown = await desk.Engineer.PageAsync(page);
        Assert.Contains("1 of 4 tickets were changed.", shown, StringComparison.Ordinal);
        foreach (var words in (string[])["done", "was so already", "Nobody has answered the customer yet.", "not there"]) Assert.Contains(words, shown, StringComparison.Ordinal);
        Assert.Equal((TicketState.Resolved, TicketState.New), ((await desk.TicketAsync(first)).State, (await desk.TicketAsync(third)).State));
    }

    [Fact]
    public async Task After_it_was_taken_back_a_ticket_is_as_it_was_but_for_its_log_and_a_rebuild_agrees()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var first = await desk.OpenAsync(desk.AcmeUser, "First", priority: "P2");
        var second = await desk.OpenAsync(desk.AcmeUser, "Second");
        using (await desk.ReplyAsync(desk.Engineer, first, "Seen.", then: "WaitingForVendor")) { }
        var before = await SeenAsync(desk.Engineer, first, second);
        var seenByCustomer = await SeenAsync(desk.AcmeUser, first, second);
        var page = await ChangeAsync(desk.Engineer, [first, second],
            ("set-state", "WaitingForCustomer"), ("set-priority", "P1"), ("set-assignee", "me"));
        Assert.NotEqual(before, await SeenAsync(desk.Engineer, first, second));
        using (var undone = await desk.Engineer.SubmitAsync(page, new Dictionary<string, string>(), $"{page}/undo")) Assert.Equal(HttpStatusCode.SeeOther, undone.StatusCode);
        Assert.Equal(before, await SeenAsync(desk.Engineer, first, second));
        Assert.Equal(seenByCustomer, await SeenAsync(desk.AcmeUser, first, second));
        Assert.Contains("taken back", await desk.Engineer.PageAsync(page), StringComparison.Ordinal);
        await desk.House.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, await SeenAsync(desk.Engineer, first, second));
        Assert.True((await desk.House.Get<TicketLog>().VerifyAsync(Ct)).Intact);
        // Once is enough.
        var seq = (await desk.TicketAsync(first)).Seq;
        using (await desk.Engineer.PostAsync($"{page}/undo")) { }
        Assert.Equal(seq, (await desk.TicketAsync(first)).Seq);
    }

    [Fact]
    public async Task What_somebody_changed_since_stays_and_an_answer_is_not_taken_back()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var (first, second) = (await desk.OpenAsync(desk.AcmeUser, "First"), await desk.OpenAsync(desk.AcmeUser, "Second"));
        var page = await ChangeAsync(desk.Engineer, [first, second], ("set-priority", "P1"));
        using (await desk.ReplyAsync(desk.AcmeUser, first, "Still slow")) { }
        using (await desk.Engineer.PostAsync($"{page}/undo")) { }
        Assert.Equal((Priority.P1, Priority.P3), ((await desk.TicketAsync(first)).Priority, (await desk.TicketAsync(second)).Priority));
        Assert.Contains("changed since: stays", await desk.Engineer.PageAsync(page), StringComparison.Ordinal);

        using (await desk.Engineer.PostAsync("/helpdesk/macros/new", new Dictionary<string, string> { ["name"] = "Ask", ["reply"] = "Is it better, {{requester.name}}?", ["priority"] = "P2" })) { }
        page = await ChangeAsync(desk.Engineer, [first, second], ("macro", "1"));
        Assert.Contains("Is it better", await desk.AcmeUser.PageAsync($"/tickets/{second}"), StringComparison.Ordinal);
        Assert.DoesNotContain("Take it back", await desk.Engineer.PageAsync(page), StringComparison.Ordinal);
        using (await desk.Engineer.PostAsync($"{page}/undo")) { }
        Assert.Equal(Priority.P2, (await desk.TicketAsync(second)).Priority);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_is_done_once()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.Engineer.PostAsync("/helpdesk/macros/new", new Dictionary<string, string> { ["name"] = "Ask", ["reply"] = "Is it better?" })) { }
        var page = await ChangeAsync(desk.Engineer, [id], ("macro", "1"), ("key", "one"));
        Assert.Equal(page, await ChangeAsync(desk.Engineer, [id], ("macro", "1"), ("key", "one")));
        Assert.Equal(2, await desk.CountAsync("select count(*) from ticket_message"));
    }

    [Fact]
    public async Task Others_see_no_batch_of_mine_and_customers_change_nothing()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var colleague = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        using var administrator = await desk.House.SignInAsync(Role.Administrator, desk.Vendor, "root@vendor.test");
        var page = await ChangeAsync(desk.Engineer, [id], ("set-priority", "P1"));
        using (var foreign = await colleague.GetAsync(page)) Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        using (var foreign = await colleague.PostAsync($"{page}/undo")) Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Contains("taken back", await UndoneAsync(administrator, page), StringComparison.Ordinal);
        foreach (var customer in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner])
        {
            using var refused = await customer.PostAsync("/tickets/batches", new Dictionary<string, string> { ["ticket"] = $"{id}", ["set-priority"] = "P1", ["key"] = "k" });
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.DoesNotContain("name=\"ticket\"", await customer.PageAsync("/tickets"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("set-priority", "", "Choose at least one thing")]
    [InlineData("set-priority", "P7", "Choose one of the list.")]
    [InlineData("set-level", "L2", "Say what was found out")]
    [InlineData("macro", "77", "Choose one of the list.")]
    public async Task What_can_not_be_is_refused_and_the_choice_stays(string field, string value, string words)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var refused = await desk.Engineer.PostAsync("/tickets/batches", new Dictionary<string, string> { ["ticket"] = $"{id}", [field] = value, ["key"] = "k", ["back"] = "?show=all" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var page = await refused.Content.ReadAsStringAsync(Ct);
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.Contains("form=\"bulk\"", page, StringComparison.Ordinal);
        Assert.Equal(0, await desk.CountAsync("select count(*) from batch"));
    }

    private static async Task<string> UndoneAsync(TestBrowser by, string page)
    {
        using (await by.PostAsync($"{page}/undo")) { }
        return await by.PageAsync(page);
    }

    private static async Task<string> ChangeAsync(TestBrowser by, TicketId[] tickets, params (string Field, string Value)[] fields)
    {
        var form = new List<KeyValuePair<string, string>> { new("_forgery", await by.ForgeryAsync("/")), new("back", "?show=all") };
        if (fields.All(f => f.Field != "key")) form.Add(new("key", Guid.NewGuid().ToString("N")));
        form.AddRange(tickets.Select(t => new KeyValuePair<string, string>("ticket", $"{t}")));
        form.AddRange(fields.Select(f => new KeyValuePair<string, string>(f.Field, f.Value)));
        using var content = new FormUrlEncodedContent(form);
        using var answer = await by.Http.PostAsync("/tickets/batches", content, Ct);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }

    private static async Task<IReadOnlyList<string>> SeenAsync(TestBrowser by, params TicketId[] tickets)
    {
        var all = new List<string>();
        foreach (var id in tickets)
        {
            var ticket = JsonNode.Parse(await by.PageAsync($"/api/tickets/{id}"))!.AsObject();
            foreach (var name in OfTheLog) ticket.Remove(name);
            all.Add(ticket.ToJsonString());
        }
        return all;
    }
}
