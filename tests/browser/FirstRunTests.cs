using Mithi.Browser.Tests.Looks;
using Mithi.Kernel.People;
using Mithi.Testing;

namespace Mithi.Browser.Tests;

/// <summary>The first hour of a node: nobody and nothing is there yet.</summary>
public sealed class FirstRunTests
{
    internal const string Route = "/first-run/{secret}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_node_asks_whose_it_is()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var secret = new Uri((await house.Get<FirstRun>().LinkAsync(Chromium.UrlOf(house), Ct))!).Segments[^1];
        Assert.Empty(await new Eye(chromium, house).LookAsync(new("first-run", Reader.Nobody, Route, secret), null));
        Assert.Empty(await new Eye(chromium, house, "hi").LookAsync(new("first-run", Reader.Nobody, Route, secret), null));
    }

    [Fact]
    public async Task An_empty_house_says_on_each_page_what_comes_next()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var vendor = await house.OrganisationAsync("Vendor", "Mithi");
        var added = (PersonResult.Saved)await house.Get<PersonStore>().AddAsync(new(vendor, Role.Administrator, "Nandini Deshpande", "nandini@mithi.example"), house.Now, Ct);
        var session = (await house.Get<SessionStore>().StartAsync(added.Id, "Firefox", "203.0.113.7", house.Now, Ct)).Secret;
        var eye = new Eye(chromium, house);
        foreach (var path in new[] { "/tickets", "/customers", "/sites", "/downloads", "/helpdesk/mail", "/node/jobs" })
        {
            Assert.Empty(await eye.LookAsync(new($"empty{path.Replace('/', '-')}", Reader.Administrator, path), session));
            Assert.True(await (await eye.PageAsync(session)).Locator(".empty").CountAsync() > 0, $"{path} is empty and does not say so.");
        }
        foreach (var path in new[] { "/people", "/organisations", "/node", "/audit", "/search", "/sites/new", "/tickets/new" })
            Assert.Empty(await eye.LookAsync(new($"empty{path.Replace('/', '-')}", Reader.Administrator, path), session));
    }
}
