using System.Net;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Customers.Tests;

/// <summary>Contacts: who serves a customer writes them, the customer reads his own, nobody else knows of them.</summary>
public sealed class ContactPagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partner_keeps_the_contacts_of_exactly_its_customers()
    {
        await using var home = await Market.StartAsync();
        using var partner = await home.House.SignInAsync(Role.Partner, home.Pune);
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(partner, $"/customers/{home.Acme}/contacts/new", Contact("098450 12345\n+91 98450 12345\r\n020 26051234")));
        var kept = Assert.Single(await home.House.Get<ContactStore>().OfAsync(home.Acme, Ct));
        Assert.Equal(["098450 12345", "020 26051234"], kept.Phones);
        Assert.Contains("Latha Rao", await partner.PageAsync($"/customers/{home.Acme}/contacts"), StringComparison.Ordinal);
        Assert.Contains("latha@acme.test", await partner.PageAsync($"/customers/{home.Acme}/contacts/{kept.Id}"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(partner, $"/customers/{home.Acme}/contacts/{kept.Id}", Contact("1 2 3")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(partner, $"/customers/{home.Acme}/contacts/{kept.Id}", Contact("", revision: "7")));

        foreach (var path in (string[])["", "/new", $"/{kept.Id}"])
        {
            using var answer = await partner.GetAsync($"/customers/{home.Chennai}/contacts{path}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        foreach (var path in (string[])["/new", $"/{kept.Id}", $"/{kept.Id}/remove"])
            Assert.Equal(HttpStatusCode.NotFound, await PostAsync(partner, $"/customers/{home.Chennai}/contacts{path}", Contact("")));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(partner, $"/customers/{home.Acme}/contacts/{kept.Id}/remove", []));
        Assert.Empty(await home.House.Get<ContactStore>().OfAsync(home.Acme, Ct));
    }

    [Fact]
    public async Task A_customers_administrator_reads_his_own_and_changes_none()
    {
        await using var home = await Market.StartAsync();
        using var engineer = await home.House.SignInAsync(Role.SupportL1, home.Vendor);
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(engineer, $"/customers/{home.Acme}/contacts/new", Contact("")));
        var kept = Assert.Single(await home.House.Get<ContactStore>().OfAsync(home.Acme, Ct));
        using var administrator = await home.House.SignInAsync(Role.CustomerAdministrator, home.Acme);
        var page = await administrator.PageAsync($"/customers/{home.Acme}/contacts");
        Assert.Contains("Latha Rao", page, StringComparison.Ordinal);
        Assert.DoesNotContain($"/contacts/{kept.Id}", page, StringComparison.Ordinal);
        foreach (var path in (string[])["/new", $"/{kept.Id}", $"/{kept.Id}/remove"])
            Assert.Equal(HttpStatusCode.NotFound, await PostAsync(administrator, $"/customers/{home.Acme}/contacts{path}", Contact("")));
        using var other = await home.House.SignInAsync(Role.CustomerAdministrator, home.Chennai);
        using (var foreign = await other.GetAsync($"/customers/{home.Acme}/contacts")) Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        using var user = await home.House.SignInAsync(Role.CustomerUser, home.Acme);
        using var refused = await user.GetAsync($"/customers/{home.Acme}/contacts");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    private static Dictionary<string, string> Contact(string phones, string revision = "1")
        => new() { ["name"] = "Latha Rao", ["title"] = "Accounts", ["phones"] = phones, ["emails"] = "latha@acme.test", ["revision"] = revision };

    private static async Task<HttpStatusCode> PostAsync(TestBrowser browser, string path, Dictionary<string, string> fields)
    {
        using var answer = await browser.PostAsync(path, fields);
        return answer.StatusCode;
    }
}
