using System.Net;
using Mithi.Helpdesk.Canned;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Canned;

public sealed class AnswerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_canned_answer_is_filled_in_and_added_to_what_is_typed_without_scripts()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser, "{{agent.name}} is slow");
        await AddAsync(desk.Engineer, "Where to look", "About #{{ticket.number}}, {{ ticket.subject }}: {{product}} {{version}} of {{organisation}}.");
        using (var inserted = await desk.Engineer.PostAsync($"/tickets/{id}/drafts/Reply/canned",
            new Dictionary<string, string> { ["body"] = "And:", ["canned"] = "1", ["then"] = "Resolved", ["seen"] = "9" }))
            Assert.Equal($"/tickets/{id}#reply", inserted.Headers.Location!.ToString());
        var page = WebUtility.HtmlDecode(await desk.Engineer.PageAsync($"/tickets/{id}"));
        // What the customer called his ticket is not filled in again.
        Assert.Contains($"And:\n\nAbout #{id}, {{{{agent.name}}}} is slow: mail-server 1.0.0 of Acme.</textarea>", page, StringComparison.Ordinal);
        Assert.Contains("<option value=\"Resolved\" selected>", page, StringComparison.Ordinal);

        desk.Engineer.Http.DefaultRequestHeaders.Add("HX-Request", "true");
        using var text = await desk.Engineer.PostAsync($"/tickets/{id}/drafts/Reply/canned", new Dictionary<string, string> { ["canned"] = "1" });
        Assert.Equal("text/plain", text.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith($"About #{id}", await text.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Own_ones_are_their_owners_and_shared_ones_are_changed_by_who_manages_the_helpdesk()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var colleague = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        using var administrator = await desk.House.SignInAsync(Role.Administrator, desk.Vendor, "root@vendor.test");
        await AddAsync(desk.Engineer, "Mine", "xylophone", shared: true);        // who may not share keeps it for himself
        await AddAsync(administrator, "Ours", "glockenspiel", shared: true);
        Assert.Equal(1, await desk.CountAsync("select count(*) from canned_answer where owner_id is null"));

        foreach (var path in (string[])["/helpdesk/answers", $"/tickets/{id}"])
        {
            var shown = await colleague.PageAsync(path);
            Assert.Contains("Ours", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("Mine", shown, StringComparison.Ordinal);
        }
        foreach (var path in (string[])["/helpdesk/answers/1", "/helpdesk/answers/2", "/helpdesk/answers/7"])
        {
            using var shown = await colleague.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, shown.StatusCode);
            using var changed = await colleague.PostAsync(path, new Dictionary<string, string> { ["name"] = "Theirs", ["body"] = "x" });
            Assert.Equal(HttpStatusCode.NotFound, changed.StatusCode);
            using var removed = await colleague.PostAsync($"{path}/remove");
            Assert.Equal(HttpStatusCode.NotFound, removed.StatusCode);
        }
        colleague.Http.DefaultRequestHeaders.Add("HX-Request", "true");
        using (var foreign = await colleague.PostAsync($"/tickets/{id}/drafts/Reply/canned", new Dictionary<string, string> { ["canned"] = "1" }))
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        foreach (var customer in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner])
        {
            using var list = await customer.GetAsync("/helpdesk/answers");
            Assert.Equal(HttpStatusCode.Forbidden, list.StatusCode);
            Assert.DoesNotContain("Canned", await customer.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
        }

        using (await administrator.SubmitAsync("/helpdesk/answers/2", new Dictionary<string, string> { ["body"] = "marimba" })) { }
        using (await desk.Engineer.PostAsync("/helpdesk/answers/1/remove")) { }
        Assert.Equal(1, await desk.CountAsync("select count(*) from canned_answer where body = 'marimba' and owner_id is null"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from canned_answer"));
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("x", "")]
    [InlineData("x", "Good day {{customer.password}}")]
    public async Task What_can_not_be_is_refused_with_what_was_typed(string name, string body)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var refused = await desk.Engineer.PostAsync("/helpdesk/answers/new", new Dictionary<string, string> { ["name"] = name, ["body"] = body });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("role=\"alert\"", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(0, await desk.CountAsync("select count(*) from canned_answer"));
    }

    [Theory, BothEngines]
    public async Task The_list_has_an_end_for_each_person(DbEngine engine)
    {
        await using var db = await TestDb.StartAsync(engine, typeof(HelpdeskModule).Assembly);
        var store = new AnswerStore(db.Db);
        CurrentPerson Engineer(long id) => CurrentPerson.Nobody("en", DateTimeZone.Utc) with { Id = new PersonId(id), Role = Role.SupportL1 };
        for (var i = 0; i < Limits.AnswersMax; i++) Assert.True(await store.AddAsync(new($"Answer {i}", "x", false), Engineer(1), Instant.FromUnixTimeSeconds(i), Ct));
        Assert.False(await store.AddAsync(new("One more", "x", false), Engineer(1), Instant.FromUnixTimeSeconds(1), Ct));
        Assert.True(await store.AddAsync(new("Another's", "x", false), Engineer(2), Instant.FromUnixTimeSeconds(1), Ct));
        Assert.Equal(Limits.AnswersMax, (await store.ListAsync(Engineer(1), Ct)).Count);
    }

    private static async Task AddAsync(TestBrowser by, string name, string body, bool shared = false)
    {
        using var answer = await by.PostAsync("/helpdesk/answers/new", new Dictionary<string, string> { ["name"] = name, ["body"] = body, ["shared"] = shared ? "1" : "" });
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }
}
