using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

public sealed class TicketApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_opens_reads_and_answers_with_a_token()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var customer = await TokenAsync(desk, "user@acme.test");
        using var engineer = await TokenAsync(desk, "engineer@vendor.test");
        using var opened = await customer.Http.PostAsJsonAsync("/api/tickets", new { subject = "From a program", kind = "Incident", priority = "P2", body = "Line one.\r\nLine two." }, Ct);
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        var id = (await opened.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetInt64();

        using var answered = await engineer.Http.PostAsJsonAsync($"/api/tickets/{id}/replies", new { body = "Seen.", then = "WaitingForCustomer" }, Ct);
        Assert.Equal(HttpStatusCode.Created, answered.StatusCode);
        using var stale = await customer.Http.PostAsJsonAsync($"/api/tickets/{id}/replies", new { body = "Hello?", seen = 1 }, Ct);
        Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);
        Assert.Contains("Seen.", await stale.Content.ReadAsStringAsync(Ct));

        var shown = JsonDocument.Parse(await customer.PageAsync($"/api/tickets/{id}")).RootElement;
        Assert.Equal("WaitingForCustomer", shown.GetProperty("state").GetString());
        Assert.Equal(["Line one.\nLine two.", "Seen."], shown.GetProperty("entries").EnumerateArray().Where(e => e.GetProperty("type").GetString() == "message").Select(e => e.GetProperty("body").GetString()!));
        Assert.Equal("Support", shown.GetProperty("entries")[1].GetProperty("author").GetString());
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("level").ValueKind);
        var list = JsonDocument.Parse(await engineer.PageAsync("/api/tickets?limit=1&show=all")).RootElement;
        Assert.Equal(id, list.GetProperty("tickets")[0].GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task A_token_can_no_more_than_it_was_given()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var reader = await TokenAsync(desk, "user@acme.test", Permission.TicketRead);
        Assert.Contains("Mail is slow", await reader.PageAsync($"/api/tickets/{id}"));
        using var write = await reader.Http.PostAsJsonAsync($"/api/tickets/{id}/replies", new { body = "x" }, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);
        using var staffWithoutNotes = await TokenAsync(desk, "engineer@vendor.test", Permission.TicketRead);
        using (await desk.NoteAsync(desk.Engineer, id, "xylophone")) { }
        Assert.DoesNotContain("xylophone", await staffWithoutNotes.PageAsync($"/api/tickets/{id}"));
        using var nobody = desk.House.Browser().WithToken("mithi_wrong");
        using var refused = await nobody.GetAsync("/api/tickets");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("null", HttpStatusCode.BadRequest)]
    [InlineData("{\"subject\": 7}", HttpStatusCode.BadRequest)]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"subject\": \"a\\nb\", \"body\": \"c\"}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"subject\": \"a\", \"body\": \"c\", \"priority\": \"P9\"}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"subject\": \"a\", \"body\": \"c\", \"priority\": \"0\"}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"subject\": \"a\", \"body\": \"c\", \"requester\": \"admin@other.test\"}", HttpStatusCode.UnprocessableEntity)]
    public async Task What_is_no_ticket_is_refused_with_the_reason(string json, HttpStatusCode status)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var customer = await TokenAsync(desk, "admin@acme.test");
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await customer.Http.PostAsync("/api/tickets", content, Ct);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket"));
    }

    [Fact]
    public async Task A_partner_opens_for_his_customers_and_for_nobody_elses()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var partner = await TokenAsync(desk, "partner@partner.test");
        using var own = await partner.Http.PostAsJsonAsync("/api/tickets", new { subject = "For Acme", body = "x", requester = "user@acme.test" }, Ct);
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
        Assert.Contains("For Acme", await desk.AcmeUser.PageAsync("/tickets"));
        using var other = await partner.Http.PostAsJsonAsync("/api/tickets", new { subject = "For Other", body = "x", requester = "admin@other.test" }, Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
    }

    internal static async Task<TestBrowser> TokenAsync(TestHelpdesk desk, string email, params Permission[] only)
    {
        var person = await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<PersonId>("select id from person where email = @email", new { email }), Ct);
        var token = await desk.House.Get<TokenStore>().AddAsync(person, "test", only, Duration.FromDays(1), desk.House.Now, Ct);
        return desk.House.Browser().WithToken(token!.Text);
    }
}
