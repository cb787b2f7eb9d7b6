using System.Net;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Keys;

public sealed class KeyTests
{
    [Fact]
    public async Task Who_switches_the_keys_off_has_none_and_nobody_else_loses_them()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var colleague = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        Assert.Contains("aria-keyshortcuts=\"r\"", await desk.Engineer.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
        using (var off = await desk.Engineer.SubmitAsync("/helpdesk/keys", new Dictionary<string, string> { ["on"] = "0" })) Assert.Equal(HttpStatusCode.SeeOther, off.StatusCode);
        foreach (var path in (string[])["/tickets", $"/tickets/{id}"])
        {
            var page = await desk.Engineer.PageAsync(path);
            Assert.DoesNotContain("aria-keyshortcuts", page, StringComparison.Ordinal);
            Assert.DoesNotContain("keys.js", page, StringComparison.Ordinal);
        }
        Assert.Contains("keys.js", await colleague.PageAsync("/tickets"), StringComparison.Ordinal);
        Assert.Contains("Switch the keys on", await desk.Engineer.PageAsync("/helpdesk/keys"), StringComparison.Ordinal);
        using (await desk.Engineer.SubmitAsync("/helpdesk/keys", new Dictionary<string, string> { ["on"] = "1" })) { }
        Assert.Contains("keys.js", await desk.Engineer.PageAsync("/tickets"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Customers_have_no_keys()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        foreach (var customer in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner])
        {
            Assert.DoesNotContain("keys", await customer.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
            Assert.DoesNotContain("keys", await customer.PageAsync("/tickets"), StringComparison.Ordinal);
            using var page = await customer.GetAsync("/helpdesk/keys");
            Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        }
    }
}
