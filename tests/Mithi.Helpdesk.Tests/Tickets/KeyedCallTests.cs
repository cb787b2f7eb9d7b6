using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mithi.Kernel.Calls;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

/// <summary>A program that does not know whether its call arrived sends it again, and nothing is done twice.</summary>
public sealed class KeyedCallTests
{
    private const string New = """{"subject": "From a program", "body": "Words."}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_that_comes_again_is_answered_as_before_and_done_once()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var program = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        var first = await SendAsync(program, "/api/tickets", New, "a");
        var again = await SendAsync(program, "/api/tickets", New, "a");
        Assert.Equal((HttpStatusCode.Created, false), (first.Status, first.IsReplayed));
        Assert.Equal((first.Status, first.Type, first.Text, true), (again.Status, again.Type, again.Text, again.IsReplayed));
        Assert.Equal(1, await TicketsAsync(desk));
        // Without a key, or with another one, it is another call.
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(program, "/api/tickets", New, null)).Status);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(program, "/api/tickets", New, "A")).Status);
        Assert.Equal(3, await TicketsAsync(desk));
    }

    [Fact]
    public async Task A_refusal_is_given_again_too()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var program = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        foreach (var (path, body, status) in new[] { ("/api/tickets", "{}", HttpStatusCode.UnprocessableEntity), ("/api/tickets/999/replies", """{"body": "x"}""", HttpStatusCode.NotFound) })
        {
            var first = await SendAsync(program, path, body, path);
            var again = await SendAsync(program, path, body, path);
            Assert.Equal((status, status, true), (first.Status, again.Status, again.IsReplayed));
            Assert.Equal(("application/problem+json", "application/problem+json"), (first.Type, again.Type));
        }
    }

    [Fact]
    public async Task A_key_is_good_for_one_content_and_one_address()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var (one, two) = (await desk.OpenAsync(desk.AcmeUser), await desk.OpenAsync(desk.AcmeUser));
        using var program = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        const string Words = """{"body": "Words."}""";
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(program, $"/api/tickets/{one}/replies", Words, "a")).Status);
        foreach (var (path, body) in new[] { ($"/api/tickets/{two}/replies", Words), ($"/api/tickets/{one}/replies", Words + " "), ($"/api/tickets/{one}/replies?x=1", Words), ("/api/tickets", New) })
        {
            var other = await SendAsync(program, path, body, "a");
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "application/problem+json", false), (other.Status, other.Type, other.IsReplayed));
            Assert.Contains("Take a new key", other.Text);
        }
        Assert.Equal(2, await TicketsAsync(desk));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_event where kind = 'replied'"));
    }

    [Fact]
    public async Task Nobody_meets_the_keys_of_another_token()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var one = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        using var other = await TicketApiTests.TokenAsync(desk, "admin@other.test");
        var first = await SendAsync(one, "/api/tickets", New, "a");
        var second = await SendAsync(other, "/api/tickets", New, "a");
        Assert.Equal((HttpStatusCode.Created, false), (second.Status, second.IsReplayed));
        Assert.NotEqual(first.Text, second.Text);
        using var nobody = desk.House.Browser().WithToken("mithi_wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(nobody, "/api/tickets", New, "a")).Status);
    }

    [Fact]
    public async Task Who_may_not_ask_any_more_is_not_told_what_was_answered()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var program = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        await SendAsync(program, "/api/tickets", New, "a");
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync("delete from api_token"), Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(program, "/api/tickets", New, "a")).Status);
    }

    [Fact]
    public async Task Calls_that_come_at_once_are_one_call()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var program = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => SendAsync(program, "/api/tickets", New, "a")));
        Assert.Equal(1, await TicketsAsync(desk));
        Assert.All(answers, a => Assert.True(a.Status is HttpStatusCode.Created or HttpStatusCode.Conflict, a.Text));
        Assert.Single(answers, a => a.Status == HttpStatusCode.Created && !a.IsReplayed);
        Assert.All(answers.Where(a => a.Status == HttpStatusCode.Conflict), a => Assert.Contains("has not ended", a.Text));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("", 256)]
    [InlineData(" ", 0)]
    [InlineData("two words", 0)]
    [InlineData("a\tb", 0)]
    public async Task A_key_that_can_not_be_one_is_refused_before_anything_is_done(string start, int more)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var program = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        var answer = await SendAsync(program, "/api/tickets", New, start + new string('k', more));
        Assert.Equal((HttpStatusCode.BadRequest, 0L), (answer.Status, await TicketsAsync(desk)));
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(program, "/api/tickets", New, new string('k', 255))).Status);
    }

    [Fact]
    public async Task After_a_day_a_key_is_new()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-02T10:00:00Z"));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var person = await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<PersonId>("select id from person where email = 'user@acme.test'"), Ct);
        var token = await desk.House.Get<TokenStore>().AddAsync(person, "test", [], Duration.FromDays(9), desk.House.Now, Ct);
        using var program = desk.House.Browser().WithToken(token!.Text);
        await SendAsync(program, "/api/tickets", New, "a");
        clock.Advance(TimeSpan.FromHours(23));
        Assert.True((await SendAsync(program, "/api/tickets", New, "a")).IsReplayed);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.False((await SendAsync(program, "/api/tickets", New, "a")).IsReplayed);
        Assert.Equal(2, await TicketsAsync(desk));
    }

    [Fact]
    public async Task An_attempt_that_failed_is_not_kept()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var program = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        await RunAsync(desk, "create trigger broken before insert on ticket begin select raise(abort, 'broken'); end");
        Assert.Equal(HttpStatusCode.InternalServerError, (await SendAsync(program, "/api/tickets", New, "a")).Status);
        await RunAsync(desk, "drop trigger broken");
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(program, "/api/tickets", New, "a")).Status);
        Assert.Equal(1, await TicketsAsync(desk));
    }

    [Fact]
    public async Task A_call_whose_answer_was_lost_is_not_done_twice()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var program = await TicketApiTests.TokenAsync(desk, "user@acme.test");
        // As when the node is killed between the ticket and the answer: the ticket is there, the answer is not.
        await RunAsync(desk, "create trigger broken before update on kept_answer begin select raise(abort, 'broken'); end");
        Assert.Equal(HttpStatusCode.InternalServerError, (await SendAsync(program, "/api/tickets", New, "a")).Status);
        await RunAsync(desk, "drop trigger broken");
        var again = await SendAsync(program, "/api/tickets", New, "a");
        Assert.Equal((HttpStatusCode.Conflict, 1L), (again.Status, await TicketsAsync(desk)));
        Assert.Contains("when it had written", again.Text);
    }

    [Fact]
    public async Task Every_post_for_programs_takes_a_key_and_says_so()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using (await desk.House.SignInAsync(Role.Administrator, desk.Vendor, "all@vendor.test")) { }
        using var program = await TicketApiTests.TokenAsync(desk, "all@vendor.test");
        var paths = JsonDocument.Parse(await program.PageAsync("/api/openapi.json")).RootElement.GetProperty("paths");
        var posts = desk.House.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(OpenApiWriter.IsApi)
            .Where(r => r.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST")).Select(OpenApiWriter.PathOf).ToArray();
        Assert.True(posts.Length > 10);
        foreach (var path in posts)
        {
            Assert.Contains(paths.GetProperty(path).GetProperty("post").GetProperty("parameters").EnumerateArray(),
                p => (p.GetProperty("in").GetString(), p.GetProperty("name").GetString()) == ("header", KeyedCalls.Header));
            var address = path.Replace("{id}", "987654321");
            var first = await SendAsync(program, address, "{}", path);
            var again = await SendAsync(program, address, "{}", path);
            Assert.True((int)first.Status < 500 && first.Status == again.Status && again.IsReplayed, $"{path}: {first.Status} {again.Status}");
        }
        Assert.DoesNotContain(paths.GetProperty("/api/tickets").GetProperty("get").GetProperty("parameters").EnumerateArray(), p => p.GetProperty("in").GetString() == "header");
    }

    private static async Task<Answer> SendAsync(TestBrowser by, string path, string body, string? key)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (key is not null) request.Headers.TryAddWithoutValidation(KeyedCalls.Header, key);
        using var answer = await by.Http.SendAsync(request, Ct);
        return new(answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(Ct), answer.Headers.Contains(KeyedCalls.ReplayedHeader));
    }

    private static Task<long> TicketsAsync(TestHelpdesk desk) => desk.CountAsync("select count(*) from ticket");

    private static Task RunAsync(TestHelpdesk desk, string sql) => desk.House.Db.WriteAsync(tx => tx.ExecuteAsync(sql), Ct);

    private sealed record Answer(HttpStatusCode Status, string? Type, string Text, bool IsReplayed);
}
