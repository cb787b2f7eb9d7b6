using System.Net;
using System.Text.RegularExpressions;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Customers.Tests;

public sealed partial class PromisesKeptTests
{
    [Fact]
    public async Task A_customer_reads_of_his_subscription_what_the_staff_s_report_says()
    {
        await using var market = await Market.StartAsync();
        var administrator = await market.House.SignInAsync(Role.CustomerAdministrator, market.Acme, "admin@acme.test");
        var engineer = await market.House.SignInAsync(Role.SupportL1, market.Vendor, "engineer@vendor.test");
        var tickets = new List<string>();
        for (var i = 0; i < 3; i++)
            using (var opened = await administrator.PostAsync("/tickets/new", new Dictionary<string, string> { ["subject"] = "Slow", ["kind"] = "Incident", ["priority"] = "P3", ["body"] = "Very." }))
                tickets.Add(opened.Headers.Location!.ToString());
        foreach (var ticket in tickets.Take(2))
            using (var answer = await engineer.PostAsync($"{ticket}/replies", new Dictionary<string, string> { ["body"] = "Look here.", ["seen"] = "100", ["then"] = "Resolved" }))
                Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        foreach (var reader in (TestBrowser[])[administrator, engineer])
        {
            var page = await reader.PageAsync($"/customers/{market.Acme}");
            Assert.Equal(["2 of 2 kept", "none yet", "2 of 2 kept"], Line().Matches(page).Select(m => m.Groups[1].Value));
            var report = await reader.PageAsync(Link().Match(page).Groups[1].Value.Replace("&amp;", "&"));
            Assert.Equal(2, Regex.Count(report, "100 % of 2 kept"));
        }
        // A partner reads of his customers alone; a customer's user reads no reports.
        var stranger = await market.House.SignInAsync(Role.CustomerAdministrator, market.Chennai, "admin@chennai.test");
        using var refused = await stranger.GetAsync($"/reports?organisation={market.Acme}");
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }

    [GeneratedRegex("<dd>([0-9]+ of [0-9]+ kept|none yet)</dd>")]
    private static partial Regex Line();

    [GeneratedRegex("href=\"(/reports\\?period=custom[^\"]+)\"")]
    private static partial Regex Link();
}
