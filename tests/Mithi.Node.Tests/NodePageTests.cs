using System.Net;
using Microsoft.Extensions.Hosting;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;
using Mithi.Testing;
using Xunit;

namespace Mithi.Node.Tests;

/// <summary>The pages of the node itself, on the real house.</summary>
public sealed class NodePageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_administrator_sees_the_node_examines_it_and_makes_a_backup()
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = await house.SignInAsync(Role.Administrator, await house.OrganisationAsync("Vendor", "V"));
        Assert.Contains(house.Folder.Root, await browser.PageAsync("/node"), StringComparison.Ordinal);
        using (var examined = await browser.PostAsync("/node/doctor", from: "/node"))
            Assert.Contains("The database is whole.", await examined.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using (var asked = await browser.PostAsync("/node/backup", from: "/node")) Assert.Equal(HttpStatusCode.SeeOther, asked.StatusCode);
        await house.Get<JobLoop>().DrainAsync(Ct);
        Assert.Contains("backup/mithi-", await browser.PageAsync("/node"), StringComparison.Ordinal);
        Assert.Contains("node.daily-backup", await browser.PageAsync("/node/jobs"), StringComparison.Ordinal);
        Assert.Contains("node.backup", await browser.PageAsync("/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_job_is_shown_and_tried_again_from_its_page()
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = await house.SignInAsync(Role.Administrator, await house.OrganisationAsync("Vendor", "V"));
        await house.Db.WriteAsync(tx => house.Get<JobQueue>().AddAsync(tx, "nobody", new { }), Ct);
        await house.Get<JobLoop>().DrainAsync(Ct);
        Assert.Contains("This program has nobody for", await browser.PageAsync("/node/jobs"), StringComparison.Ordinal);
        var id = (await house.Get<JobStore>().ListAsync(Ct)).Single(j => j.State == JobState.Failed).Id;
        using var dropped = await browser.PostAsync($"/node/jobs/{id}/drop", from: "/node/jobs");
        Assert.Equal(HttpStatusCode.SeeOther, dropped.StatusCode);
        Assert.DoesNotContain(await house.Get<JobStore>().ListAsync(Ct), j => j.State == JobState.Failed);
    }

    [Fact]
    public async Task A_wrong_setting_stays_typed_with_its_mistake_beside_it_and_a_secret_is_never_shown()
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = await house.SignInAsync(Role.Administrator, await house.OrganisationAsync("Vendor", "V"));
        var fields = new Dictionary<string, string>
        {
            ["group"] = "Sending mail", ["mail.host"] = "not a host!", ["mail.port"] = "587", ["mail.security"] = "starttls", ["mail.user"] = "",
            ["mail.password"] = "correct horse", ["mail.from"] = "a@b.test", ["mail.from-name"] = "Support",
        };
        using (var wrong = await browser.PostAsync("/settings", fields, "/settings"))
        {
            var html = await wrong.Content.ReadAsStringAsync(Ct);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
            Assert.Contains("not a host!", html, StringComparison.Ordinal);
            Assert.Contains("This is not the name of a host.", html, StringComparison.Ordinal);
            Assert.DoesNotContain("correct horse", html, StringComparison.Ordinal);
        }
        fields["mail.host"] = "smtp.example.org";
        using (var right = await browser.PostAsync("/settings", fields, "/settings")) Assert.Equal(HttpStatusCode.SeeOther, right.StatusCode);
        var page = await browser.PageAsync("/settings");
        Assert.Contains("smtp.example.org", page, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", page, StringComparison.Ordinal);
        Assert.Contains("One is stored.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_log_is_checked_and_downloaded_without_formulas()
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = await house.SignInAsync(Role.Administrator, await house.OrganisationAsync("Vendor", "V"));
        var log = house.Get<Kernel.Audit.AuditLog>();
        await house.Db.WriteAsync(tx => log.AddAsync(tx, "=HYPERLINK(\"x\")", "test.do", "a \"b\""), Ct);
        using var verified = await browser.PostAsync("/audit/verify", from: "/audit");
        Assert.Contains("entries are as they were written", await verified.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Contains("\"'=HYPERLINK(\"\"x\"\")\",\"test.do\",\"a \"\"b\"\"\"", await browser.PageAsync("/audit/csv?action=test.do"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_shows_the_public_what_is_public_and_escapes_it()
    {
        await using var house = await TestAppliance.StartAsync();
        await house.Db.WriteAsync(async tx =>
        {
            await house.Get<SearchIndex>().PutAsync(tx, new("x", "1", "<b>open</b>", "zebra <script>", "/wiki/x", Permission.ManualRead, null, null, "en"));
            await house.Get<SearchIndex>().PutAsync(tx, new("x", "2", "closed", "zebra", "/wiki/y", Permission.ServiceManualRead, null, null, "en"));
        }, Ct);
        using var browser = house.Browser();
        var html = await browser.PageAsync("/search?q=zebra");
        Assert.Contains("&lt;b&gt;open&lt;/b&gt;", html, StringComparison.Ordinal);
        Assert.Contains("<mark>zebra</mark>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("closed", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html.Split("<main")[1], StringComparison.Ordinal);
        Assert.Contains("1 found", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watchers_are_answered_and_numbers_are_for_this_machine_only()
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = house.Browser();
        Assert.Equal("alive\n", await browser.PageAsync("/health/live"));
        Assert.Equal("ready\n", await browser.PageAsync("/health/ready"));
        Assert.Contains("mithi_jobs{state=\"failed\"} 0", await browser.PageAsync("/metrics"), StringComparison.Ordinal);
        browser.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        using var passedOn = await browser.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.Unauthorized, passedOn.StatusCode);
        Assert.Contains("valid token", await passedOn.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        browser.Http.DefaultRequestHeaders.Accept.ParseAdd("application/openmetrics-text");   // and nothing else, as a watcher asks
        using var asked = await browser.GetAsync("/metrics");
        Assert.Contains("valid token", await asked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("Bearer", Assert.Single(asked.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task A_node_that_stops_is_not_ready_though_it_still_answers()
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = house.Browser();
        house.Get<IHostApplicationLifetime>().StopApplication();
        using var ready = await browser.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("alive\n", await browser.PageAsync("/health/live"));
    }

    [Theory]
    [InlineData("/node")]
    [InlineData("/node/jobs")]
    [InlineData("/settings")]
    [InlineData("/audit")]
    [InlineData("/audit/csv")]
    public async Task Nobody_but_an_administrator_comes_in(string path)
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = await house.SignInAsync(Role.SupportL3, await house.OrganisationAsync("Vendor", "V"));
        using var refused = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }
}
