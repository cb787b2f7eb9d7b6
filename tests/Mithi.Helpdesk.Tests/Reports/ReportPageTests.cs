using System.Net;
using System.Text.Json;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Reports;

public sealed class ReportPageTests
{
    [Fact]
    public async Task Staff_sees_all_a_partner_its_customers_and_an_administrator_himself()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.OpenAsync(desk.AcmeUser);
        await desk.OpenAsync(desk.Stranger);
        foreach (var (reader, opened) in new[] { (desk.Engineer, 2), (desk.Partner, 1), (desk.AcmeAdministrator, 1) })
            Assert.Equal(opened, (await JsonAsync(reader, "/api/reports/tickets")).GetProperty("total").GetProperty("opened").GetInt32());
        using var refused = await desk.AcmeUser.GetAsync("/reports");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Nobody_is_told_of_whom_he_may_not_see()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        await desk.OpenAsync(desk.Stranger);
        var other = await desk.CountAsync("select id from organisation where name = 'Other'");
        foreach (var reader in (TestBrowser[])[desk.Partner, desk.AcmeAdministrator])
        {
            foreach (var path in (string[])["/reports", "/reports/outcome.csv", "/api/reports/tickets"])
                using (var answer = await reader.GetAsync($"{path}?organisation={other}")) Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            var list = await reader.PageAsync($"/tickets?count=Backlog&by=Customer&group={other}");
            Assert.DoesNotContain("Other", list.Replace("Others", "", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("by=Level&group=L1")]
    [InlineData("by=Engineer&group=")]
    public async Task Levels_and_engineers_are_not_found_out_by_filtering(string by)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        Assert.Contains($"/tickets/{id}\"", await desk.Engineer.PageAsync($"/tickets?count=Backlog&{by}"));
        Assert.DoesNotContain($"/tickets/{id}\"", await desk.AcmeAdministrator.PageAsync($"/tickets?count=Backlog&{by}"));
        var page = await desk.AcmeAdministrator.PageAsync("/reports?" + by);
        foreach (var inside in (string[])["Engineer", "count=OnL1", "Back on a level"]) Assert.DoesNotContain(inside, page);
        Assert.Contains("Back on a level", await desk.Engineer.PageAsync("/reports"));
        using (var levels = await desk.AcmeAdministrator.GetAsync("/reports/levels.csv")) Assert.Equal(HttpStatusCode.NotFound, levels.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await JsonAsync(desk.AcmeAdministrator, "/api/reports/tickets")).GetProperty("total").GetProperty("levels").ValueKind);
        Assert.Contains($"/tickets/{id}\"", await desk.AcmeAdministrator.PageAsync("/tickets?level=L3"));
    }

    [Fact]
    public async Task A_number_opens_the_list_behind_it()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var (kept, waiting) = (await desk.OpenAsync(desk.AcmeUser), await desk.OpenAsync(desk.AcmeUser));
        using (await desk.ReplyAsync(desk.Engineer, kept, "Look here.", then: "Resolved")) { }
        var page = await desk.Engineer.PageAsync("/reports");
        var start = page.IndexOf("/tickets?show=all&amp;count=ResponseKept", StringComparison.Ordinal);
        start = start < 0 ? page.IndexOf("/tickets?count=ResponseKept", StringComparison.Ordinal) : start;
        var list = await desk.Engineer.PageAsync(page[start..page.IndexOf('"', start)].Replace("&amp;", "&"));
        Assert.Contains($"/tickets/{kept}\"", list);
        Assert.DoesNotContain($"/tickets/{waiting}\"", list);
        Assert.Contains("First response in time", list);
    }

    [Theory]
    [InlineData("period=custom&from=2026-01-31&until=2026-01-01")]
    [InlineData("period=custom&from=now&until=<script>")]
    [InlineData("period=custom&from=2000-01-01&until=2026-01-01")]
    public async Task Days_that_make_no_period_are_refused_in_words(string query)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var page = await desk.Engineer.GetAsync("/reports?" + query);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.StatusCode);
        Assert.Contains("Choose a first and a last day", await page.Content.ReadAsStringAsync(Ct));
        using var api = await desk.Engineer.GetAsync("/api/reports/tickets?" + query);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, api.StatusCode);
        using var csv = await desk.Engineer.GetAsync("/reports/backlog.csv?" + query);
        Assert.Equal(HttpStatusCode.BadRequest, csv.StatusCode);
    }

    [Theory]
    [InlineData("count=Nothing")]
    [InlineData("count=Opened")]
    [InlineData("count=Opened&from=2026-01-01&until=x")]
    [InlineData("count=Backlog&by=Customer&group=1%20or%201=1")]
    [InlineData("count=Backlog&by=Product&group=%00")]
    [InlineData("count=3")]
    public async Task A_slice_that_can_not_be_is_as_if_it_were_not_there(string query)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        Assert.Contains($"/tickets/{id}\"", await desk.Engineer.PageAsync("/tickets?" + query));
    }

    [Fact]
    public async Task A_customer_called_like_a_formula_is_a_name_in_the_csv()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var evil = await desk.House.OrganisationAsync("Customer", "=cmd|'/c calc', \"x\"");
        await desk.OpenAsync(await desk.House.SignInAsync(Role.CustomerUser, evil, "u@evil.test"));
        using var answer = await desk.Engineer.GetAsync("/reports/outcome.csv?by=Customer");
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync(Ct)).Split("\r\n");
        Assert.Equal("Customer,Opened,Resolved,Came back,\"Came back, %\",Solved well,Not solved well,\"Solved well, %\"", lines[0]);
        Assert.StartsWith("All tickets,1,0,", lines[1]);
        Assert.StartsWith("\"'=cmd|'/c calc', \"\"x\"\"\",1,0,", lines[2]);
        using var none = await desk.Engineer.GetAsync("/reports/nothing.csv");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private static async Task<JsonElement> JsonAsync(TestBrowser by, string path)
    {
        using var answer = await by.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
}
