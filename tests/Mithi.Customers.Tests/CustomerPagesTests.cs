using System.Net;
using Mithi.Customers.Customers;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Customers.Tests;

public sealed class CustomerPagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partner_sees_exactly_its_customers()
    {
        await using var home = await Market.StartAsync();
        using var partner = await home.House.SignInAsync(Role.Partner, home.Pune);

        var list = await partner.PageAsync("/customers");

        Assert.Contains("Acme", list);
        Assert.DoesNotContain("Chennai Mills", list);
        Assert.DoesNotContain("Chennai Mills", await partner.PageAsync("/customers?q=chennai"));
        Assert.Contains("SECRET-OF-ACME", await partner.PageAsync($"/customers/{home.Acme}"));
        foreach (var path in new[] { "", "/setup", "/setup/1", "/setup/history", "/subscriptions/new" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(partner, $"/customers/{home.Chennai}{path}"));
    }

    [Fact]
    public async Task A_customers_administrator_sees_himself_and_changes_nothing()
    {
        await using var home = await Market.StartAsync();
        using var browser = await home.House.SignInAsync(Role.CustomerAdministrator, home.Acme);
        using (var list = await browser.GetAsync("/customers")) Assert.Equal($"/customers/{home.Acme}", list.Headers.Location!.OriginalString);

        var page = await browser.PageAsync($"/customers/{home.Acme}");

        Assert.Contains("SECRET-OF-ACME", page);
        Assert.Contains("Gold", page);
        Assert.DoesNotContain("action=\"/customers/", page);
        foreach (var path in new[] { "", "/setup", "/setup/1", "/setup/history" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(browser, $"/customers/{home.Chennai}{path}"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(browser, $"/customers/{home.Acme}/setup", Setup("mine", 1)));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(browser, $"/customers/{home.Acme}/entitlements", Entitlement()));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(browser, $"/customers/{home.Acme}/subscriptions/new", Agreement("Platinum")));
    }

    [Fact]
    public async Task End_users_and_the_public_see_no_customer()
    {
        await using var home = await Market.StartAsync();
        using var user = await home.House.SignInAsync(Role.CustomerUser, home.Acme);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(user, $"/customers/{home.Acme}"));
        using var nobody = home.House.Browser();
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(nobody, $"/customers/{home.Acme}"));
    }

    [Fact]
    public async Task A_partner_cannot_sell_what_the_vendor_did_not()
    {
        await using var home = await Market.StartAsync();
        using var partner = await home.House.SignInAsync(Role.Partner, home.Pune);
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(partner, $"/customers/{home.Acme}/entitlements", Entitlement()));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(partner, $"/customers/{home.Pune}/entitlements", Entitlement()));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(partner, $"/customers/{home.Acme}/subscriptions/new", Agreement("Platinum")));
        Assert.Empty(await home.House.Get<EntitlementStore>().OfAsync(home.Acme, Ct));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(partner, $"/customers/{home.Acme}/setup", Setup("by the partner", 1)));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(partner, $"/customers/{home.Chennai}/setup", Setup("foreign", 1)));
    }

    [Fact]
    public async Task An_entitlement_is_given_and_ended_and_downloads_follow()
    {
        await using var home = await Market.StartAsync();
        using var admin = await home.House.SignInAsync(Role.Administrator, home.Vendor);
        var store = home.House.Get<EntitlementStore>();
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"/customers/{home.Acme}/entitlements", Entitlement()));
        var given = Assert.Single(await store.OfAsync(home.Acme, Ct));
        Assert.True(await store.IsEntitledAsync(home.Acme, "connect-server", "1.0.0-sp1", "stable", home.House.Now, Ct));

        // Not through another customer's page.
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(admin, $"/customers/{home.Chennai}/entitlements/{given.Id}/end"));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"/customers/{home.Acme}/entitlements/{given.Id}/end"));
        Assert.False(await store.IsEntitledAsync(home.Acme, "connect-server", "1.0.0-sp1", "stable", home.House.Now, Ct));
    }

    [Theory]
    [InlineData("product", "Connect Server")]
    [InlineData("product", "")]
    [InlineData("from", "latest")]
    [InlineData("below", "0.9.0")]
    [InlineData("channel", "")]
    [InlineData("until", "31.12.2027")]
    [InlineData("until", "2027-02-30")]
    [InlineData("zone", "Mars/Olympus")]
    public async Task A_mistake_is_shown_beside_its_field_and_nothing_is_given(string field, string value)
    {
        await using var home = await Market.StartAsync();
        using var admin = await home.House.SignInAsync(Role.Administrator, home.Vendor);
        var fields = Entitlement();
        fields[field] = value;

        using var answer = await admin.PostAsync($"/customers/{home.Acme}/entitlements", fields);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains($"id=\"{field}-error\"", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Empty(await home.House.Get<EntitlementStore>().OfAsync(home.Acme, Ct));
    }

    [Fact]
    public async Task A_subscription_is_made_changed_and_removed()
    {
        await using var home = await Market.StartAsync();
        using var admin = await home.House.SignInAsync(Role.Administrator, home.Vendor);
        var me = new CurrentPerson { Role = Role.Administrator, Zone = NodaTime.DateTimeZone.Utc };
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"/customers/{home.Chennai}/subscriptions/new", Agreement("Silver")));
        var made = Assert.Single((await home.House.Get<CustomerStore>().FactsAsync(home.Chennai, me, Ct))!.Subscriptions);
        Assert.Equal(new Target(Priority.P1, 60, 480), made.Targets[0]);
        Assert.Single(made.Targets);

        var path = $"/customers/{home.Chennai}/subscriptions/{made.Id}";
        var changed = Agreement("Gold");
        changed["revision"] = "1";
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, path, changed));
        using var stale = await admin.PostAsync(path, changed);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, stale.StatusCode);
        Assert.Contains("Somebody else changed this", await stale.Content.ReadAsStringAsync(Ct));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(admin, $"/customers/{home.Acme}/subscriptions/{made.Id}"));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"{path}/remove"));
        Assert.Empty((await home.House.Get<CustomerStore>().FactsAsync(home.Chennai, me, Ct))!.Subscriptions);
    }

    [Theory]
    [InlineData("P1-response", "0")]
    [InlineData("P1-response", "-5")]
    [InlineData("P1-response", "99999999999")]
    [InlineData("P1-resolution", "30")]
    [InlineData("P1-resolution", "")]
    public async Task A_promise_that_makes_no_sense_is_refused(string field, string value)
    {
        await using var home = await Market.StartAsync();
        using var admin = await home.House.SignInAsync(Role.Administrator, home.Vendor);
        var fields = Agreement("Silver");
        fields[field] = value;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(admin, $"/customers/{home.Chennai}/subscriptions/new", fields));
    }

    [Fact]
    public async Task A_token_that_may_see_customers_writes_nothing_of_them()
    {
        await using var home = await Market.StartAsync();
        var added = await home.House.Get<PersonStore>().AddAsync(new(home.Vendor, Role.SupportL2, "Asha Rao", "asha@mithi.test"), home.House.Now, Ct);
        async Task<HttpStatusCode> WriteAsync(params Permission[] permissions)
        {
            var token = (await home.House.Get<TokenStore>().AddAsync(((PersonResult.Saved)added).Id, "x", permissions, Duration.FromDays(7), home.House.Now, Ct))!;
            using var program = home.House.Browser().WithToken(token.Text);
            using var answer = await program.Http.PostAsync($"/customers/{home.Acme}/setup", new FormUrlEncodedContent(Setup("by a token", 1)), Ct);
            return answer.StatusCode;
        }
        Assert.Equal(HttpStatusCode.NotFound, await WriteAsync(Permission.CustomerRead));
        Assert.Equal(HttpStatusCode.SeeOther, await WriteAsync(Permission.CustomerRead, Permission.TicketNote));
    }

    [Fact]
    public async Task The_setup_document_keeps_each_state_and_loses_nobodys_text()
    {
        await using var home = await Market.StartAsync();
        using var engineer = await home.House.SignInAsync(Role.SupportL2, home.Vendor);
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(engineer, $"/customers/{home.Acme}/setup", Setup("# Two disks\n<b>raid</b>", 1)));
        using var late = await engineer.PostAsync($"/customers/{home.Acme}/setup", Setup("# Three disks", 1));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.StatusCode);
        Assert.Contains("# Three disks", await late.Content.ReadAsStringAsync(Ct));

        Assert.Contains("&lt;b&gt;raid", await engineer.PageAsync($"/customers/{home.Acme}"));
        Assert.Contains("SECRET-OF-ACME", await engineer.PageAsync($"/customers/{home.Acme}/setup/1"));
        Assert.Contains("# Two disks", await engineer.PageAsync($"/customers/{home.Acme}/setup/2"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(engineer, $"/customers/{home.Acme}/setup/3"));
        Assert.Contains("changed for the test", await engineer.PageAsync($"/customers/{home.Acme}/setup/history"));
    }

    [Fact]
    public async Task What_a_site_tells_is_seen_at_its_customer_and_telling_it_twice_is_as_once()
    {
        await using var home = await Market.StartAsync();
        var handler = home.House.Services.GetService(typeof(IEnumerable<IOutboxHandler>)) is IEnumerable<IOutboxHandler> all
            ? all.Single(h => h.Name == "customers.site-installed") : null;
        async Task TellAsync(OrganisationId organisation, string version) => await handler!.HandleAsync(new("site.installed",
            System.Text.Json.JsonSerializer.SerializeToElement(
                new { organisationId = organisation.Value, siteId = 7, product = "connect-server", version }), "k", 1), Ct);

        await TellAsync(home.Acme, "1.0.0");
        await TellAsync(home.Acme, "1.0.0");
        await TellAsync(home.Acme, "1.0.0-sp1");
        await Assert.ThrowsAsync<JobException>(() => TellAsync(new(4711), "1.0.0"));

        using var mine = await home.House.SignInAsync(Role.CustomerAdministrator, home.Acme);
        var page = await mine.PageAsync($"/customers/{home.Acme}");
        Assert.Contains(">1.0.0-sp1</td>", page);
        Assert.DoesNotContain(">1.0.0</td>", page);
        using var foreign = await home.House.SignInAsync(Role.CustomerAdministrator, home.Chennai);
        Assert.DoesNotContain("connect-server", await foreign.PageAsync($"/customers/{home.Chennai}"));
        using var staff = await home.House.SignInAsync(Role.SupportL1, home.Vendor);
        Assert.Contains("connect-server 1.0.0-sp1", await staff.PageAsync("/customers"));
    }

    [Fact]
    public async Task A_long_list_is_shown_in_pages_and_can_be_searched()
    {
        await using var home = await Market.StartAsync();
        for (var i = 0; i < 55; i++) await home.House.OrganisationAsync("Customer", $"Number {i:00}");
        using var staff = await home.House.SignInAsync(Role.SupportL1, home.Vendor);

        Assert.DoesNotContain("Number 54", await staff.PageAsync("/customers"));
        Assert.Contains("Number 54", await staff.PageAsync("/customers?page=2"));
        Assert.Contains("Number 54", await staff.PageAsync("/customers?q=NUMBER 54"));
        Assert.Contains("None like that", await staff.PageAsync("/customers?q=%25"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(staff, "/customers?page=-1&kind=x&q=%00"));
    }

    private static Dictionary<string, string> Setup(string body, int revision)
        => new() { ["body"] = body, ["note"] = "changed for the test", ["revision"] = $"{revision}" };

    private static Dictionary<string, string> Entitlement() => new()
    {
        ["product"] = "connect-server", ["from"] = "1.0.0", ["below"] = "", ["channel"] = "stable", ["until"] = "2099-12-31", ["zone"] = "Asia/Kolkata",
    };

    private static Dictionary<string, string> Agreement(string plan) => new()
    {
        ["plan"] = plan, ["calendar"] = "12x6", ["hotline"] = "1", ["until"] = "2099-12-31", ["zone"] = "Asia/Kolkata",
        ["P1-response"] = "60", ["P1-resolution"] = "480",
    };

    private static async Task<HttpStatusCode> StatusAsync(TestBrowser browser, string path)
    {
        using var answer = await browser.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> PostAsync(TestBrowser browser, string path, Dictionary<string, string>? fields = null)
    {
        using var answer = await browser.PostAsync(path, fields);
        return answer.StatusCode;
    }
}
