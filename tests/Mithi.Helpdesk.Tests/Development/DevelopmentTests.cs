using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Development;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Jobs;
using Xunit;

namespace Mithi.Helpdesk.Tests.Development;

public sealed class DevelopmentTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_issue_of_our_own_list_is_made_from_a_ticket_and_seen_by_staff_alone()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (var empty = await EscalateAsync(desk, id, "Here", "")) Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.StatusCode);
        using (var github = await EscalateAsync(desk, id, "GitHub", "The queue stops.")) Assert.Contains("GitHub is not set up", await github.Content.ReadAsStringAsync(Ct));
        using (var done = await EscalateAsync(desk, id, "Here", "The queue <stops>.")) Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Contains("Queue stops", await desk.Engineer.PageAsync("/development"));
        Assert.Contains("The queue &lt;stops&gt;.", await desk.Engineer.PageAsync("/development/1"));
        using (await desk.Engineer.PostAsync("/development/1/comments", new Dictionary<string, string> { ["body"] = "xylophone" })) { }
        using (await desk.Engineer.PostAsync("/development/1/state", new Dictionary<string, string> { ["state"] = "Closed" })) { }
        var page = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("D-1 was closed", page);
        Assert.Contains("xylophone", page);
        foreach (var path in (string[])[$"/tickets/{id}", $"/tickets/{id}/entries", $"/api/tickets/{id}"])
        {
            var seen = await desk.AcmeUser.PageAsync(path);
            Assert.DoesNotContain("Queue stops", seen);
            Assert.DoesNotContain("xylophone", seen);
            Assert.DoesNotContain("issue", seen);
        }
        using var refused = await desk.AcmeAdministrator.GetAsync("/development");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Only_the_chosen_text_leaves_and_comments_and_states_go_both_ways()
    {
        var (clock, desk, github) = await StartAsync();
        await using var a = desk;
        await using var b = github;
        var id = await desk.OpenAsync(desk.AcmeUser, "Mail of Acme is slow", "our secret words");
        using (await desk.NoteAsync(desk.Engineer, id, "a secret note")) { }
        using (await EscalateAsync(desk, id, "GitHub", "The queue stops at 10 MB.")) { }
        await desk.DrainAsync();
        Assert.Single(github.All);
        Assert.StartsWith("The queue stops at 10 MB.\n\n<!-- mithi:", (string)github.All[0]["body"]!, StringComparison.Ordinal);
        foreach (var word in (string[])["Acme", "secret", "SupportL1"]) Assert.DoesNotContain(word, github.All[0].ToJsonString());
        using (await desk.Engineer.PostAsync("/development/1/comments", new Dictionary<string, string> { ["body"] = "It is the limit." })) { }
        await desk.DrainAsync();
        Assert.StartsWith("It is the limit.", (string)github.Comments.Single().Comment["body"]!, StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromMinutes(1));
        github.Comment(1, "dev", "Fixed on main.");
        github.SetState(1, "closed");
        // The first finds the news, the second asks since then, the third is told that nothing has changed.
        for (var i = 0; i < 3; i++) await PollAsync(desk);
        Assert.Contains(github.Calls, c => c.EndsWith(" 304", StringComparison.Ordinal));
        var page = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("Fixed on main.", page);
        Assert.Contains("D-1 was closed", page);
        Assert.Equal(2, await desk.CountAsync("select count(*) from development_comment"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_event where kind = 'issue-state'"));
        Assert.DoesNotContain("Fixed on main.", await desk.AcmeUser.PageAsync($"/tickets/{id}"));

        using (await desk.Engineer.PostAsync("/development/1/state", new Dictionary<string, string> { ["state"] = "Open" })) { }
        await desk.DrainAsync();
        Assert.Equal("open", (string)github.All[0]["state"]!);
    }

    [Fact]
    public async Task A_lost_answer_makes_no_second_issue_and_no_second_comment()
    {
        var (clock, desk, github) = await StartAsync();
        await using var a = desk;
        await using var b = github;
        foreach (var other in (string[])["one", "two", "three"]) github.Open(other, "somebody else's");
        var id = await desk.OpenAsync(desk.AcmeUser);
        github.Faults.Enqueue((true, FakeGitHub.CutAsync));
        using (await EscalateAsync(desk, id, "GitHub", "The queue stops.")) { }
        await desk.DrainAsync();
        Assert.Equal(4, github.All.Count);
        Assert.Equal(1, await desk.CountAsync("select count(*) from development_issue where number is null"));
        // The next try looks through all pages before it makes one; GitHub has trouble of its own meanwhile.
        github.Faults.Enqueue((false, FakeGitHub.Refuse(502, "Bad gateway")));
        await LaterAsync(desk, clock);
        await LaterAsync(desk, clock);
        Assert.Equal(4, github.All.Count);
        Assert.Equal(4, await desk.CountAsync("select number from development_issue"));

        github.Faults.Enqueue((true, FakeGitHub.CutAsync));
        using (await desk.Engineer.PostAsync("/development/1/comments", new Dictionary<string, string> { ["body"] = "Once." })) { }
        await desk.DrainAsync();
        await LaterAsync(desk, clock);
        await LaterAsync(desk, clock);
        Assert.Single(github.Comments);
        Assert.Equal(0, await desk.CountAsync("select count(*) from development_comment where remote_id is null"));
    }

    [Fact]
    public async Task A_limit_is_waited_for_as_long_as_it_says()
    {
        var (clock, desk, github) = await StartAsync();
        await using var a = desk;
        await using var b = github;
        var reset = clock.GetUtcNow().AddMinutes(20).ToUnixTimeSeconds();
        github.Faults.Enqueue((false, FakeGitHub.Refuse(403, "You have exceeded a secondary rate limit.", ("Retry-After", "90"))));
        github.Faults.Enqueue((false, FakeGitHub.Refuse(403, "API rate limit exceeded", ("X-RateLimit-Limit", "5000"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", $"{reset}"))));
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await EscalateAsync(desk, id, "GitHub", "The queue stops.")) { }
        await desk.DrainAsync();
        var calls = github.Calls.Count;
        clock.Advance(TimeSpan.FromSeconds(80));
        await desk.DrainAsync();
        Assert.Equal(calls, github.Calls.Count);
        clock.Advance(TimeSpan.FromSeconds(15));
        await desk.DrainAsync();
        Assert.Equal(calls + 1, github.Calls.Count);
        clock.Advance(TimeSpan.FromMinutes(15));
        await desk.DrainAsync();
        Assert.Equal(calls + 1, github.Calls.Count);
        clock.Advance(TimeSpan.FromMinutes(5));
        await desk.DrainAsync();
        Assert.Single(github.All);
    }

    [Fact]
    public async Task The_webhook_takes_what_is_signed_once_and_nothing_else()
    {
        var (clock, desk, github) = await StartAsync();
        await using var a = desk;
        await using var b = github;
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await EscalateAsync(desk, id, "GitHub", "The queue stops.")) { }
        await desk.DrainAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        github.SetState(1, "closed");
        JsonObject Told(string action, JsonObject? comment = null) => new()
        {
            ["action"] = action, ["issue"] = github.All[0].DeepClone(), ["comment"] = comment?.DeepClone(), ["sender"] = new JsonObject { ["login"] = "dev" },
            ["repository"] = new JsonObject { ["full_name"] = "Example/Mail-Server" },
        };
        var closed = Told("closed").ToJsonString();
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(desk, "issues", "1", closed, "hush"));
        await desk.SetAsync("development.hook-secret", "hush");
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(desk, "issues", "1", closed, "wrong"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(desk, "issues", "1", closed, null));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(desk, "issues", "1", "{", "hush"));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(desk, "issues", "1", "{\"issue\": 7}", "hush"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await SendAsync(desk, "issues", "1", new string(' ', (1 << 20) + 1), "hush"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket_event where kind = 'issue-state'"));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(desk, "ping", "0", "{\"zen\": \"Keep it.\"}", "hush"));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(desk, "issues", "1", closed, "hush"));
        var comment = Told("created", github.Comment(1, "dev", "Fixed.")).ToJsonString();
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(desk, "issue_comment", "2", comment, "hush"));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(desk, "issue_comment", "2", comment, "hush"));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(desk, "issue_comment", "3", comment, "hush"));
        // Reopened here, whether GitHub has heard of it already or not: the old delivery comes once more and closes nothing.
        clock.Advance(TimeSpan.FromMinutes(1));
        using (await desk.Engineer.PostAsync("/development/1/state", new Dictionary<string, string> { ["state"] = "Open" })) { }
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(desk, "issues", "1", closed, "hush"));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(desk, "issues", "9", closed, "hush"));
        await desk.DrainAsync();
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(desk, "issues", "10", closed, "hush"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from development_issue where state = 'Open'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from development_comment where origin = 'GitHub'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_event where kind = 'issue-comment'"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket_message where body = 'Fixed.'"));
    }

    [Fact]
    public async Task GitHub_is_not_asked_before_anything_was_given_to_it()
    {
        var (_, desk, github) = await StartAsync();
        await using var a = desk;
        await using var b = github;
        await PollAsync(desk);
        Assert.Empty(github.Calls);
    }

    private static async Task<(FakeTimeProvider Clock, TestHelpdesk Desk, FakeGitHub GitHub)> StartAsync()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        var (desk, github) = (await TestHelpdesk.StartAsync(clock), await FakeGitHub.StartAsync(clock));
        await desk.SetAsync("development.api", github.Url);
        await desk.SetAsync("development.repository", FakeGitHub.Repository);
        await desk.SetAsync("development.token", "secret");
        return (clock, desk, github);
    }

    private static async Task LaterAsync(TestHelpdesk desk, FakeTimeProvider clock)
    {
        clock.Advance(TimeSpan.FromMinutes(4));
        await desk.DrainAsync();
    }

    private static Task PollAsync(TestHelpdesk desk) => desk.House.Services.GetServices<IRecurringJob>().OfType<PollGitHubJob>().Single().RunAsync(Ct);

    private static Task<HttpResponseMessage> EscalateAsync(TestHelpdesk desk, TicketId id, string place, string text)
        => desk.Engineer.PostAsync($"/tickets/{id}/escalate", new Dictionary<string, string> { ["place"] = place, ["title"] = "Queue stops", ["text"] = text });

    private static async Task<HttpStatusCode> SendAsync(TestHelpdesk desk, string kind, string delivery, string body, string? secret)
    {
        using var program = desk.House.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/github") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-GitHub-Event", kind);
        request.Headers.Add("X-GitHub-Delivery", delivery);
        if (secret is not null)
            request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)))}");
        using var answer = await program.Http.SendAsync(request, Ct);
        return answer.StatusCode;
    }
}
