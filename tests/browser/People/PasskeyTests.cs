using System.Text.Json;
using Microsoft.Playwright;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Browser.Tests.People;

public sealed class PasskeyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_passkey_is_added_in_the_profile_signs_in_and_is_refused_once_removed()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var (person, session) = await PersonAsync(house);
        var page = await chromium.PageAsync(house, session);
        await AuthenticatorAsync(page);

        await page.GotoAsync("/profile");
        await page.FillAsync("#passkey-name", "My telephone");
        await page.ClickAsync("#passkey-add");
        await page.WaitForURLAsync("**/profile?done=passkeys");
        await Assertions.Expect(page.GetByText("My telephone", new() { Exact = true })).ToBeVisibleAsync();

        await page.ClickAsync("text=Sign out");
        await page.GotoAsync("/sign-in?return=/profile");
        await page.ClickAsync("#passkey-sign-in");
        await page.WaitForURLAsync("**/profile");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Your profile");
        var actions = await house.Db.ReadAsync(tx => tx.QueryAsync<string>("select action from audit order by id"), Ct);
        Assert.Contains("passkey.add", actions);
        Assert.Contains("person.sign-in", actions);

        await house.Db.WriteAsync(tx => tx.ExecuteAsync("delete from passkey where person_id = @person", new { person }), Ct);
        await page.ClickAsync("text=Sign out");
        await page.GotoAsync("/sign-in");
        await page.ClickAsync("#passkey-sign-in");
        await Assertions.Expect(page.Locator("#passkey-error")).ToHaveTextAsync("That did not work. Try it again or use your password.");
        await page.GotoAsync("/profile");
        Assert.Contains("/sign-in", page.Url);
    }

    [Fact]
    public async Task A_shut_out_person_does_not_come_in_by_passkey()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var (person, session) = await PersonAsync(house);
        var page = await chromium.PageAsync(house, session);
        await AuthenticatorAsync(page);
        await page.GotoAsync("/profile");
        await page.FillAsync("#passkey-name", "My telephone");
        await page.ClickAsync("#passkey-add");
        await page.WaitForURLAsync("**/profile?done=passkeys");
        await house.Db.WriteAsync(tx => tx.ExecuteAsync("update person set disabled = 1 where id = @person", new { person }), Ct);

        await page.GotoAsync("/sign-in");
        await page.ClickAsync("#passkey-sign-in");

        await Assertions.Expect(page.Locator("#passkey-error")).Not.ToBeEmptyAsync();
    }

    [Fact]
    public async Task An_answer_to_a_challenge_is_good_once()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var (_, session) = await PersonAsync(house);
        var page = await chromium.PageAsync(house, session);
        await AuthenticatorAsync(page);
        await page.GotoAsync("/profile");
        await page.FillAsync("#passkey-name", "My telephone");
        await page.ClickAsync("#passkey-add");
        await page.WaitForURLAsync("**/profile?done=passkeys");
        await page.ClickAsync("text=Sign out");
        await page.GotoAsync("/sign-in");
        var sent = "";
        page.Request += (_, request) => { if (request.Url.EndsWith("/sign-in/passkey", StringComparison.Ordinal)) sent = request.PostData!; };
        await page.ClickAsync("#passkey-sign-in");
        await page.WaitForURLAsync("**/");

        using var thief = house.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/passkey") { Content = new StringContent(sent) };
        request.Headers.Add("X-Forgery-Token", await thief.ForgeryAsync("/sign-in"));
        using var replayed = await thief.Http.SendAsync(request, Ct);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, replayed.StatusCode);
        Assert.DoesNotContain(replayed.Headers, h => h.Key == "Set-Cookie");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"secret\":1,\"credential\":2}")]
    [InlineData("{\"secret\":\"x\",\"credential\":{}}")]
    [InlineData("{\"secret\":\"x\"")]
    public async Task A_made_up_answer_is_refused(string body)
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = house.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/passkey") { Content = new StringContent(body) };
        request.Headers.Add("X-Forgery-Token", await browser.ForgeryAsync("/sign-in"));
        using var answer = await browser.Http.SendAsync(request, Ct);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
    }

    // A key in the browser itself: it has a lock, keeps what it made, and says yes at once.
    private static async Task AuthenticatorAsync(IPage page)
    {
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await devtools.SendAsync("WebAuthn.enable");
        await devtools.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = JsonSerializer.SerializeToElement(new
            {
                protocol = "ctap2", transport = "internal", hasResidentKey = true, hasUserVerification = true, isUserVerified = true,
                automaticPresenceSimulation = true,
            }),
        });
    }

    private static async Task<(PersonId Person, string Session)> PersonAsync(TestAppliance house)
    {
        var home = await house.OrganisationAsync("Customer", "Acme");
        var added = await house.Get<PersonStore>().AddAsync(new(home, Role.CustomerUser, "Asha Rao", "asha@acme.test"), house.Now, Ct);
        var id = ((PersonResult.Saved)added).Id;
        return (id, (await house.Get<SessionStore>().StartAsync(id, "Chromium", "127.0.0.1", house.Now, Ct)).Secret);
    }
}
