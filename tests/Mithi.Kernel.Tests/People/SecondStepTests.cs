using System.Net;
using System.Text.RegularExpressions;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

public sealed class SecondStepTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // RFC 6238, appendix B, the last six of its eight digits; the key is "12345678901234567890".
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_RFC(long seconds, string code)
        => Assert.Equal(code, Totp.CodeAt(Totp.Encode("12345678901234567890"u8), Instant.FromUnixTimeSeconds(seconds)));

    [Fact]
    public async Task The_password_alone_does_not_let_in_and_the_code_is_good_once()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var key = await home.TotpAsync(asha);
        using var browser = home.House.Browser();
        var step = await FirstStepAsync(home, browser);
        Assert.False(await Household.IsInAsync(browser));

        var code = Totp.CodeAt(key, home.House.Now);
        using var answer = await CodeAsync(browser, step, code);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.True(await Household.IsInAsync(browser));

        using var thief = home.House.Browser();
        var again = await FirstStepAsync(home, thief);
        using var replayed = await CodeAsync(thief, again, code);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, replayed.StatusCode);
        Assert.False(await Household.IsInAsync(thief));
    }

    [Fact]
    public async Task The_first_step_is_good_once_and_for_five_minutes()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var key = await home.TotpAsync(asha);
        using var browser = home.House.Browser();
        var used = await FirstStepAsync(home, browser);
        using (await CodeAsync(browser, used, Totp.CodeAt(key, home.House.Now))) { }
        home.Later(Duration.FromSeconds(60));
        using var thief = home.House.Browser();
        using (await CodeAsync(thief, used, Totp.CodeAt(key, home.House.Now))) { }
        Assert.False(await Household.IsInAsync(thief));

        var late = await FirstStepAsync(home, thief);
        home.Later(Duration.FromMinutes(5));
        using var answer = await CodeAsync(thief, late, Totp.CodeAt(key, home.House.Now));
        Assert.Contains("took too long", await answer.Content.ReadAsStringAsync(Ct));
        Assert.False(await Household.IsInAsync(thief));
    }

    [Fact]
    public async Task Guessing_codes_shuts_the_door_too()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var key = await home.TotpAsync(asha);
        using var browser = home.House.Browser();
        var step = await FirstStepAsync(home, browser);
        var right = Totp.CodeAt(key, home.House.Now);
        var wrong = right == "000000" ? "000001" : "000000";
        for (var i = 0; i < 5; i++) using (await CodeAsync(browser, step, wrong)) { }

        using var answer = await CodeAsync(browser, step, right);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.False(await Household.IsInAsync(browser));
    }

    [Fact]
    public async Task A_recovery_code_is_good_once()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var code = RecoveryCode.New();
        await home.TotpAsync(asha, code, RecoveryCode.New());
        using var browser = home.House.Browser();
        using (await CodeAsync(browser, await FirstStepAsync(home, browser), code.ToUpperInvariant().Replace('-', ' '))) { }
        Assert.True(await Household.IsInAsync(browser));

        using var thief = home.House.Browser();
        using (await CodeAsync(thief, await FirstStepAsync(home, thief), code)) { }
        Assert.False(await Household.IsInAsync(thief));
    }

    [Fact]
    public async Task An_authenticator_is_set_up_and_turned_off_in_the_profile()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var other = await home.SessionAsync(asha);
        using var browser = await home.SessionAsync(asha);
        using var shown = await browser.PostAsync("/profile/authenticator",
            new Dictionary<string, string> { ["proof"] = Household.Password }, "/profile");
        var html = await shown.Content.ReadAsStringAsync(Ct);
        Assert.Contains("data:image/png;base64,", html);
        var key = Regex.Match(html, "<code>([A-Z2-7 ]+)</code>").Groups[1].Value.Replace(" ", "");
        var step = Household.Hidden(html, "step");

        using var wrong = await browser.PostAsync("/profile/authenticator/confirm",
            new Dictionary<string, string> { ["step"] = step, ["code"] = "12345" }, "/profile");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        using var on = await browser.PostAsync("/profile/authenticator/confirm",
            new Dictionary<string, string> { ["step"] = step, ["code"] = Totp.CodeAt(key, home.House.Now) }, "/profile");
        Assert.Equal(10, Regex.Count(await on.Content.ReadAsStringAsync(Ct), "<li><code>"));
        Assert.True(await Household.IsInAsync(browser));
        Assert.False(await Household.IsInAsync(other));   // a changed credential ends the other sessions

        using var refused = await browser.PostAsync("/profile/authenticator/change",
            new Dictionary<string, string> { ["what"] = "off", ["proof"] = "wrong" }, "/profile");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var off = await browser.PostAsync("/profile/authenticator/change",
            new Dictionary<string, string> { ["what"] = "off", ["proof"] = Household.Password }, "/profile");
        Assert.Equal(HttpStatusCode.SeeOther, off.StatusCode);
        using var plain = home.House.Browser();
        using var answer = await Household.SignInAsync(plain, "asha@acme.test", Household.Password);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    private static async Task<string> FirstStepAsync(Household home, TestBrowser browser)
    {
        using var answer = await Household.SignInAsync(browser, "asha@acme.test", Household.Password);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Household.Hidden(await answer.Content.ReadAsStringAsync(Ct), "step");
    }

    private static Task<HttpResponseMessage> CodeAsync(TestBrowser browser, string step, string code)
        => browser.PostAsync("/sign-in/code", new Dictionary<string, string> { ["step"] = step, ["code"] = code, ["return"] = "/" },
            "/forgotten");
}
