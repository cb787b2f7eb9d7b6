using System.Net;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Kernel.Tests.People;

public sealed class PeopleReachTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customers_administrator_sees_and_manages_his_own_organisation_only()
    {
        await using var home = await Household.StartAsync();
        using var browser = await home.SessionAsync(await home.PersonAsync(home.Acme, Role.CustomerAdministrator, "admin@acme.test"));
        var mine = await home.PersonAsync(home.Acme, Role.CustomerUser, "user@acme.test");
        var theirs = await home.PersonAsync(home.Bharat, Role.CustomerUser, "user@bharat.test");
        var staff = await home.PersonAsync(home.Vendor, Role.SupportL1, "l1@mithi.test");

        var list = await browser.PageAsync("/people");
        Assert.Contains("user@acme.test", list);
        Assert.DoesNotContain("user@bharat.test", list);
        Assert.DoesNotContain("l1@mithi.test", list);
        Assert.DoesNotContain("user@bharat.test", await browser.PageAsync("/people?q=bharat"));
        Assert.DoesNotContain("Bharat", await browser.PageAsync($"/people?organisation={home.Bharat}"));
        Assert.DoesNotContain("Bharat", await browser.PageAsync($"/people/new?organisation={home.Bharat}"));
        foreach (var foreign in new[] { theirs, staff })
        {
            Assert.Equal(HttpStatusCode.NotFound, await GetAsync(browser, $"/people/{foreign}"));
            foreach (var act in new[] { "", "/link", "/end-sessions", "/second-step-off", "/disable", "/enable" })
                Assert.Equal(HttpStatusCode.NotFound, await PostAsync(browser, $"/people/{foreign}{act}", Form("Mallory", "m@acme.test", Role.CustomerUser)));
        }
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(browser, $"/people/{mine}/disable"));
    }

    [Fact]
    public async Task Nobody_gives_a_role_above_his_own()
    {
        await using var home = await Household.StartAsync();
        var id = await home.PersonAsync(home.Acme, Role.CustomerAdministrator, "admin@acme.test");
        using var browser = await home.SessionAsync(id);
        foreach (var role in new[] { Role.Partner, Role.SupportL1, Role.ReleaseEngineer, Role.Administrator })
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(browser, $"/people/{id}", Form("Me", "admin@acme.test", role, revision: 1)));
            Assert.Equal(HttpStatusCode.UnprocessableEntity,
                await PostAsync(browser, "/people/new", Form("Friend", "f@acme.test", role, home.Acme.ToString())));
        }
        using var partner = await home.SessionAsync(await home.PersonAsync(home.Partner, Role.Partner, "p@pune.test"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            await PostAsync(partner, "/people/new", Form("Friend", "f@acme.test", Role.Administrator, home.Partner.ToString())));
        Assert.Null(await home.House.Get<PersonStore>().ByEmailAsync("f@acme.test", Ct));
    }

    [Fact]
    public async Task A_partner_manages_its_customers_and_no_others()
    {
        await using var home = await Household.StartAsync();
        using var browser = await home.SessionAsync(await home.PersonAsync(home.Partner, Role.Partner, "p@pune.test"));
        var served = await home.PersonAsync(home.Acme, Role.CustomerUser, "user@acme.test");
        var direct = await home.PersonAsync(home.Direct, Role.CustomerUser, "user@direct.test");

        Assert.Equal(HttpStatusCode.OK, await GetAsync(browser, $"/people/{served}"));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(browser, $"/people/{direct}"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            await PostAsync(browser, "/people/new", Form("New", "new@direct.test", Role.CustomerUser, home.Direct.ToString())));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(browser, "/people/new", Form("New", "new@acme.test", Role.CustomerUser, home.Acme.ToString())));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(browser, $"/organisations/{home.Direct}"));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(browser, "/organisations/new",
            new() { ["name"] = "Chennai Ltd", ["kind"] = "Customer", ["zone"] = "Asia/Kolkata", ["partner"] = "" }));
        Assert.Equal(home.Partner, (await home.House.Get<OrganisationStore>().ByNameAsync("Chennai Ltd", Ct))!.PartnerId);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(browser, "/organisations/new",
            new() { ["name"] = "A partner", ["kind"] = "Partner", ["zone"] = "Asia/Kolkata" }));
        // It can't give a customer away, nor take one.
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(browser, $"/organisations/{home.Acme}",
            new() { ["name"] = "Acme", ["kind"] = "Customer", ["zone"] = "Asia/Kolkata", ["partner"] = "", ["revision"] = "1" }));
        Assert.Equal(home.Partner, (await home.House.Get<OrganisationStore>().GetAsync(home.Acme, Ct))!.PartnerId);
    }

    [Fact]
    public async Task Support_looks_and_changes_nothing_and_users_see_nobody()
    {
        await using var home = await Household.StartAsync();
        var user = await home.PersonAsync(home.Acme, Role.CustomerUser, "user@acme.test");
        using var support = await home.SessionAsync(await home.PersonAsync(home.Vendor, Role.SupportL1, "l1@mithi.test"));
        Assert.DoesNotContain("/disable", await support.PageAsync($"/people/{user}"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(support, $"/people/{user}/disable"));
        using var himself = await home.SessionAsync(user);
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(himself, "/people"));
    }

    [Fact]
    public async Task A_shut_out_person_and_one_whose_role_changed_are_out_at_the_next_request()
    {
        await using var home = await Household.StartAsync();
        using var admin = await home.SessionAsync(await home.PersonAsync(home.Vendor, Role.Administrator, "a@mithi.test"));
        var user = await home.PersonAsync(home.Acme, Role.CustomerAdministrator, "user@acme.test");
        using var first = await home.SessionAsync(user);
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"/people/{user}", Form("U", "user@acme.test", Role.CustomerUser, revision: 1)));
        Assert.False(await Household.IsInAsync(first));
        using var second = await home.SessionAsync(user);
        Assert.True(await Household.IsInAsync(second));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"/people/{user}/disable"));
        Assert.False(await Household.IsInAsync(second));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"/people/{user}/enable"));
        using var third = await home.SessionAsync(user);
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"/organisations/{home.Acme}/disable"));
        Assert.False(await Household.IsInAsync(third));
    }

    [Fact]
    public async Task A_revoked_session_is_out_at_the_next_request()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var ravi = await home.PersonAsync(home.Acme, Role.CustomerUser, "ravi@acme.test");
        using var lost = await home.SessionAsync(asha);
        using var mine = await home.SessionAsync(asha);
        using var his = await home.SessionAsync(ravi);
        var sessions = await home.House.Get<SessionStore>().OfAsync(asha, home.House.Now, Ct);
        var target = sessions.Min(s => s.Id.Value);

        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(his, $"/profile/sessions/{target}/end", from: "/profile"));   // not his
        Assert.True(await Household.IsInAsync(lost));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(mine, $"/profile/sessions/{target}/end", from: "/profile"));
        Assert.False(await Household.IsInAsync(lost));
        Assert.True(await Household.IsInAsync(mine));
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        await using var home = await Household.StartAsync();
        var id = await home.PersonAsync(home.Vendor, Role.Administrator, "a@mithi.test");
        using var admin = await home.SessionAsync(id);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(admin, $"/people/{id}/disable"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(admin, $"/people/{id}", Form("A", "a@mithi.test", Role.SupportL1, revision: 1)));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(admin, $"/organisations/{home.Vendor}/disable"));
    }

    [Fact]
    public async Task A_change_against_an_old_page_is_shown_again_with_what_was_typed()
    {
        await using var home = await Household.StartAsync();
        using var admin = await home.SessionAsync(await home.PersonAsync(home.Vendor, Role.Administrator, "a@mithi.test"));
        var user = await home.PersonAsync(home.Acme, Role.CustomerUser, "user@acme.test");
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(admin, $"/people/{user}", Form("First", "user@acme.test", Role.CustomerUser, revision: 1)));
        using var stale = await admin.PostAsync($"/people/{user}", Form("Second", "user@acme.test", Role.CustomerUser, revision: 1), "/people");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, stale.StatusCode);
        Assert.Contains("value=\"Second\"", await stale.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task Changing_the_password_needs_the_present_one()
    {
        await using var home = await Household.StartAsync();
        using var browser = await home.SessionAsync(await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test"));
        Dictionary<string, string> With(string current) => new() { ["current"] = current, ["password"] = "a wholly new sentence", ["again"] = "a wholly new sentence" };
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(browser, "/profile/password", With("wrong"), "/profile"));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(browser, "/profile/password", With(Household.Password), "/profile"));
        Assert.True(await Household.IsInAsync(browser));
        using var again = home.House.Browser();
        using var answer = await Household.SignInAsync(again, "asha@acme.test", "a wholly new sentence");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    private static Dictionary<string, string> Form(string name, string email, Role role, string organisation = "", int revision = 0)
        => new() { ["name"] = name, ["email"] = email, ["role"] = role.ToString(), ["organisation"] = organisation, ["revision"] = $"{revision}" };

    private static async Task<HttpStatusCode> GetAsync(TestBrowser browser, string path)
    {
        using var answer = await browser.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> PostAsync(
        TestBrowser browser, string path, Dictionary<string, string>? fields = null, string from = "/")
    {
        using var answer = await browser.PostAsync(path, fields, from);
        return answer.StatusCode;
    }
}
