using System.Net;
using System.Net.Http.Json;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

/// <summary>Whoever steals an open session can't make himself a way in that lasts longer than it.</summary>
public sealed class OpenSessionTests
{
    private static readonly Dictionary<string, string> Token = new()
        { ["token-name"] = "mine now", ["days"] = "365", ["all"] = "1" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_alone_adds_no_passkey_token_or_authenticator()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        await home.TotpAsync(asha);
        using var thief = await home.SessionAsync(asha);

        foreach (var proof in new[] { "", "not the password", new string('x', 5_000) })
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(thief, "/profile/tokens", new(Token) { ["token-proof"] = proof }));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(thief, "/profile/authenticator", new() { ["proof"] = proof }));
        }
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PasskeyAsync(thief, new { proof = "" }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PasskeyAsync(thief, new { }));
        Assert.Empty(await home.House.Get<TokenStore>().OfAsync(asha, Ct));
        // The guesses count like those at the door: now the right password, too, is refused for a while.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(thief, "/profile/tokens", new(Token) { ["token-proof"] = Household.Password }));
    }

    [Fact]
    public async Task The_password_adds_each_of_them()
    {
        await using var home = await Household.StartAsync();
        using var browser = await home.SessionAsync(await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(browser, "/profile/tokens", new(Token) { ["token-proof"] = Household.Password }));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(browser, "/profile/authenticator", new() { ["proof"] = Household.Password }));
        Assert.Equal(HttpStatusCode.OK, await PasskeyAsync(browser, new { proof = Household.Password }));
    }

    [Fact]
    public async Task Who_has_no_password_signs_in_freshly_instead()
    {
        await using var home = await Household.StartAsync();
        var added = await home.House.Get<PersonStore>().AddAsync(new(home.Acme, Role.CustomerUser, "Asha Rao", "asha@acme.test"), home.House.Now, Ct);
        using var browser = await home.SessionAsync(((PersonResult.Saved)added).Id);
        Assert.DoesNotContain("token-proof", await browser.PageAsync("/profile"));
        Assert.Equal(HttpStatusCode.OK, await PasskeyAsync(browser, new { }));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(browser, "/profile/tokens", new(Token)));

        home.Later(Duration.FromMinutes(11));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PasskeyAsync(browser, new { }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(browser, "/profile/tokens", new(Token)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(browser, "/profile/authenticator", []));
    }

    [Fact]
    public async Task A_manager_removes_somebodys_passkeys_and_tokens_and_ends_his_sessions()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var token = (await home.House.Get<TokenStore>().AddAsync(asha, "x", [], Duration.FromDays(30), home.House.Now, Ct))!;
        await home.PasskeyAsync(asha);
        using var thief = await home.SessionAsync(asha);
        using var manager = await home.SessionAsync(await home.PersonAsync(home.Acme, Role.CustomerAdministrator, "boss@acme.test"));
        using var stranger = await home.SessionAsync(await home.PersonAsync(home.Direct, Role.CustomerAdministrator, "boss@direct.test"));
        Assert.Contains("Remove passkeys and API tokens", await manager.PageAsync($"/people/{asha}"));

        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(stranger, $"/people/{asha}/remove-keys", []));
        Assert.True(await Household.IsInAsync(thief));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(manager, $"/people/{asha}/remove-keys", []));

        Assert.False(await Household.IsInAsync(thief));
        Assert.Null(await home.House.Get<TokenStore>().KnowAsync(token.Text, home.House.Now, Ct));
        Assert.Empty(await home.House.Get<PasskeyStore>().OfAsync(asha, Ct));
        Assert.DoesNotContain("Remove passkeys and API tokens", await manager.PageAsync($"/people/{asha}"));
    }

    private static async Task<HttpStatusCode> PostAsync(TestBrowser browser, string path, Dictionary<string, string> fields)
    {
        using var answer = await browser.PostAsync(path, fields, "/profile");
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> PasskeyAsync(TestBrowser browser, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/profile/passkeys/options") { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Forgery-Token", await browser.ForgeryAsync("/profile"));
        using var answer = await browser.Http.SendAsync(request, Ct);
        return answer.StatusCode;
    }
}
