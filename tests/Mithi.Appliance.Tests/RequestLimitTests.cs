using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>What costs is limited by person, by token or by address; everybody else goes on as before.</summary>
public sealed class RequestLimitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_searches_without_end_is_told_to_wait_and_others_search_on()
    {
        await using var house = await TestAppliance.StartAsync();
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        using var one = await house.SignInAsync(Role.SupportL1, vendor);
        using var other = await house.SignInAsync(Role.SupportL2, vendor);
        using var refused = await UntilRefusedAsync(one, "/search?q=mail", WebLimits.SearchesPerMinuteMax);
        Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single()), 1, 60);
        Assert.Contains("There were too many requests in a short time.", await refused.Content.ReadAsStringAsync(Ct));
        await other.PageAsync("/search?q=mail");
        await one.PageAsync("/tickets");   // reading goes on
    }

    [Fact]
    public async Task A_program_is_counted_by_its_token()
    {
        await using var house = await TestAppliance.StartAsync();
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        using (await house.SignInAsync(Role.SupportL1, vendor)) { }
        using var one = await TokenAsync(house);
        using var refused = await UntilRefusedAsync(one, "/api/tickets", WebLimits.ApiCallsPerMinuteMax);
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Ct));
        Assert.Equal(429, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("requestId").GetString()!);
        using var other = await TokenAsync(house);
        await other.PageAsync("/api/tickets");
    }

    [Fact]
    public async Task Who_is_nobody_is_counted_by_the_address_that_the_proxy_names()
    {
        await using var house = await TestAppliance.StartAsync(replace: services =>
        {
            var options = (NodeOptions)services.Single(s => s.ServiceType == typeof(NodeOptions)).ImplementationInstance!;
            services.AddSingleton(options with { BehindProxy = true });
        });
        using var one = house.Browser();
        one.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        using var other = house.Browser();
        other.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.10");
        (await UntilRefusedAsync(one, "/releases/metadata/1.root.json", WebLimits.DoorPerMinuteMax)).Dispose();
        using var site = await one.GetAsync("/site");
        Assert.Equal(HttpStatusCode.TooManyRequests, site.StatusCode);
        using var elsewhere = await other.GetAsync("/releases/metadata/1.root.json");
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        using var signIn = await one.GetAsync("/sign-in");
        Assert.Equal(HttpStatusCode.OK, signIn.StatusCode);
    }

    // Some are given back while we ask, so it may take a few more than a bucket.
    private static async Task<HttpResponseMessage> UntilRefusedAsync(TestBrowser browser, string path, int bucket)
    {
        for (var asked = 1; asked <= bucket * 20; asked++)
        {
            var answer = await browser.GetAsync(path);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                answer.Dispose();
                continue;
            }
            Assert.True(asked > bucket, $"It was refused at {asked} already.");
            return answer;
        }
        throw new InvalidOperationException($"{path} is never refused.");
    }

    private static async Task<TestBrowser> TokenAsync(TestAppliance house)
    {
        var person = await house.Db.ReadAsync(tx => tx.QuerySingleAsync<PersonId>("select min(id) from person"), Ct);
        var token = await house.Get<TokenStore>().AddAsync(person, "test", [], Duration.FromDays(1), house.Now, Ct);
        return house.Browser().WithToken(token!.Text);
    }
}
