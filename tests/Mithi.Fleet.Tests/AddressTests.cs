using System.Net;
using Mithi.Kernel.People;

namespace Mithi.Fleet.Tests;

public sealed class AddressTests
{
    [Fact]
    public async Task A_name_that_sites_are_given_is_answered_to_and_no_other()
    {
        await using var house = await House.OpenAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(house, "sites.mithi.example"));
        using var administrator = await house.Node.SignInAsync(Role.Administrator, house.Vendor);
        using var saved = await administrator.SubmitAsync("/settings", new Dictionary<string, string>
        {
            ["fleet.addresses"] = "https://sites.mithi.example https://10.0.2.2:8443",
        });
        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(house, "sites.mithi.example"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(house, "10.0.2.2:8443"));
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(house, "evil.sites.mithi.example"));
    }

    private static async Task<HttpStatusCode> AskAsync(House house, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in") { Headers = { Host = host } };
        using var browser = house.Node.Browser();
        using var answer = await browser.Http.SendAsync(request, Device.Ct);
        return answer.StatusCode;
    }
}
