using System.Net;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

public sealed class SignInTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_password_opens_a_session_that_sign_out_ends()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = home.House.Browser();

        using var answer = await Household.SignInAsync(browser, "Asha@Acme.test", Household.Password, "/people?q=a");

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/people?q=a", answer.Headers.Location!.OriginalString);
        Assert.True(await Household.IsInAsync(browser));
        using var left = await browser.PostAsync("/sign-out", from: "/profile");
        Assert.Equal(HttpStatusCode.SeeOther, left.StatusCode);
        Assert.False(await Household.IsInAsync(browser));
        Assert.Equal(["person.sign-in", "person.sign-out"], await home.AuditAsync());
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_other_sites()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = home.House.Browser();

        using var answer = await Household.SignInAsync(browser, "asha@acme.test", Household.Password);

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("mithi=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=lax", cookie);
        Assert.DoesNotContain("expires", cookie);
    }

    [Fact]
    public async Task Over_HTTPS_the_cookie_is_bound_to_this_host()
    {
        await using var home = await Household.StartAsync(https: true);
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = home.House.Browser();

        using var answer = await Household.SignInAsync(browser, "asha@acme.test", Household.Password);

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("__Host-mithi=", StringComparison.Ordinal));
        Assert.Contains("secure", cookie);
        Assert.Contains("path=/", cookie);
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_person_and_a_disabled_one_get_the_same_page()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var gone = await home.PersonAsync(home.Acme, Role.CustomerUser, "gone@acme.test");
        await home.House.Db.WriteAsync(tx => tx.ExecuteAsync("update person set disabled = 1 where id = @gone", new { gone }), Ct);

        var pages = new List<string>();
        foreach (var (email, password) in new[]
            { ("asha@acme.test", "not this one"), ("nobody@acme.test", "not this one"), ("gone@acme.test", Household.Password) })
        {
            using var browser = home.House.Browser();
            using var answer = await Household.SignInAsync(browser, email, password);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            var html = await answer.Content.ReadAsStringAsync(Ct);
            Assert.DoesNotContain(password, html);
            pages.Add(html[html.IndexOf("<h1>", StringComparison.Ordinal)..html.IndexOf("<form method=\"post\" action=\"/sign-in\"", StringComparison.Ordinal)]);
            Assert.Contains($"value=\"{email}\"", html);   // what was typed is kept
        }
        Assert.Single(pages.Distinct());
    }

    [Fact]
    public async Task Five_wrong_passwords_shut_the_door_and_each_further_one_for_longer()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = home.House.Browser();
        for (var i = 0; i < 5; i++) using (await Household.SignInAsync(browser, "asha@acme.test", $"wrong {i}")) { }

        async Task<bool> LetsInAsync()
        {
            using var answer = await Household.SignInAsync(browser, "asha@acme.test", Household.Password);
            return answer.StatusCode == HttpStatusCode.SeeOther;
        }

        Assert.False(await LetsInAsync());                       // right, but shut
        home.Later(Duration.FromSeconds(61));
        using (await Household.SignInAsync(browser, "asha@acme.test", "wrong again")) { }
        home.Later(Duration.FromSeconds(61));
        Assert.False(await LetsInAsync());                       // now it is two minutes
        home.Later(Duration.FromSeconds(61));
        Assert.True(await LetsInAsync());
        Assert.Contains("person.sign-in-locked", await home.AuditAsync());
    }

    [Fact]
    public async Task Many_guesses_at_once_are_all_counted()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var credentials = home.House.Get<CredentialStore>();

        var guesses = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => credentials.GuessAsync("asha@acme.test", new("test", "127.0.0.1"), home.House.Now, Ct)));

        Assert.Equal(5, guesses.Count(g => g is not null));
    }

    [Fact]
    public async Task A_stranger_shuts_the_door_for_himself_and_not_for_the_person()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var (signIn, credentials) = (home.House.Get<SignIn>(), home.House.Get<CredentialStore>());
        Caller stranger = new("x", "203.0.113.66"), asha = new("x", "2001:db8:1:2::3");
        for (var hour = 0; hour < 30; hour++)
        {
            for (var i = 0; i < 7; i++) await credentials.GuessAsync("asha@acme.test", stranger, home.House.Now, Ct);
            home.Later(Duration.FromHours(1));
        }

        await credentials.GuessAsync("asha@acme.test", stranger, home.House.Now, Ct);
        Assert.IsType<SignInStep.Refused>(await signIn.ByPasswordAsync("asha@acme.test", Household.Password, stranger, Ct));
        Assert.IsType<SignInStep.Done>(await signIn.ByPasswordAsync("asha@acme.test", Household.Password, asha, Ct));
        Assert.IsType<SignInStep.Refused>(await signIn.ByPasswordAsync("asha@acme.test", Household.Password, stranger, Ct));
    }

    [Fact]
    public async Task Guesses_from_many_networks_are_limited_for_the_person_alone_and_forgiven_with_time()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var credentials = home.House.Get<CredentialStore>();
        var judged = 0;
        for (var i = 0; i < 200; i++)
            if (await credentials.GuessAsync("asha@acme.test", new("x", $"198.51.100.{i}"), home.House.Now, Ct) is not null) judged++;
        Assert.Equal(60, judged);

        home.Later(Duration.FromMinutes(5));
        Assert.IsType<SignInStep.Done>(await home.House.Get<SignIn>().ByPasswordAsync("asha@acme.test", Household.Password, new("x", "192.0.2.1"), Ct));
    }

    [Fact]
    public async Task Signing_out_works_from_a_page_that_is_not_there()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = await home.SessionAsync(asha);

        using var left = await browser.PostAsync("/sign-out", from: "/nowhere");

        Assert.Equal(HttpStatusCode.SeeOther, left.StatusCode);
        Assert.False(await Household.IsInAsync(browser));
    }

    [Fact]
    public async Task One_address_that_tries_many_people_is_stopped_with_a_clear_page()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = home.House.Browser();
        for (var i = 0; i < 20; i++) using (await Household.SignInAsync(browser, $"p{i}@acme.test", "Summer2026!")) { }

        using var refused = await Household.SignInAsync(browser, "asha@acme.test", Household.Password);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("300", refused.Headers.GetValues("Retry-After").Single());
        Assert.Contains("Wait five minutes", await refused.Content.ReadAsStringAsync(Ct));
        home.Later(Duration.FromMinutes(5));
        using var later = await Household.SignInAsync(browser, "asha@acme.test", Household.Password);
        Assert.Equal(HttpStatusCode.SeeOther, later.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test")]
    [InlineData("/\\evil.test")]
    [InlineData("/\t/evil.test")]
    [InlineData("/%09/evil.test\r\nSet-Cookie: a=b")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    [InlineData("/sign-out")]
    public void Nobody_is_sent_to_another_site_after_signing_in(string wish) => Assert.Equal("/", ReturnPath.Of(wish));

    [Fact]
    public async Task A_session_that_a_browser_brings_along_is_never_taken_over()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var planted = Secret.New();
        using var browser = home.House.Browser();
        browser.SetCookie("mithi", planted);

        using var answer = await Household.SignInAsync(browser, "asha@acme.test", Household.Password);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        using var attacker = home.House.Browser();
        attacker.SetCookie("mithi", planted);
        Assert.False(await Household.IsInAsync(attacker));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%00")]
    [InlineData("%27or%201=1--")]
    public async Task A_forged_cookie_is_nobody_and_is_taken_away(string forged)
    {
        await using var home = await Household.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/profile");
        request.Headers.TryAddWithoutValidation("Cookie", $"mithi={forged}");
        using var browser = home.House.Browser();

        using var answer = await browser.Http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/sign-in?return=", answer.Headers.Location!.OriginalString);
        Assert.Contains(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("mithi=;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_truncated_or_changed_cookie_is_nobody()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var session = await home.House.Get<SessionStore>().StartAsync(asha, "test", "", home.House.Now, Ct);

        foreach (var bad in new[] { session.Secret[..^1], session.Secret + "A", (session.Secret[0] == 'A' ? 'B' : 'A') + session.Secret[1..] })
        {
            using var browser = home.House.Browser();
            browser.SetCookie("mithi", bad);
            Assert.False(await Household.IsInAsync(browser));
        }
    }

    [Fact]
    public async Task A_cookie_of_another_node_is_nobody()
    {
        await using var home = await Household.StartAsync();
        await using var other = await Household.StartAsync();
        var there = await other.PersonAsync(other.Acme, Role.Administrator, "asha@acme.test");
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var session = await other.House.Get<SessionStore>().StartAsync(there, "test", "", other.House.Now, Ct);
        using var browser = home.House.Browser();
        browser.SetCookie("mithi", session.Secret);

        Assert.False(await Household.IsInAsync(browser));
    }

    [Fact]
    public async Task A_session_that_rests_for_twelve_hours_or_lives_for_thirty_days_ends()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var resting = await home.SessionAsync(asha);
        home.Later(Duration.FromHours(13));
        Assert.False(await Household.IsInAsync(resting));

        using var busy = await home.SessionAsync(asha);
        for (var hours = 0; hours < (30 * 24) - 8; hours += 8)
        {
            home.Later(Duration.FromHours(8));
            Assert.True(await Household.IsInAsync(busy));
        }
        home.Later(Duration.FromHours(8));
        Assert.False(await Household.IsInAsync(busy));
    }

    [Fact]
    public async Task A_form_that_was_shown_to_somebody_else_is_refused()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var ravi = await home.PersonAsync(home.Acme, Role.CustomerUser, "ravi@acme.test");
        using var mine = await home.SessionAsync(asha);
        using var his = await home.SessionAsync(ravi);
        var token = await mine.ForgeryAsync("/profile");
        await his.ForgeryAsync("/profile");

        using var answer = await his.PostAsync("/profile", new Dictionary<string, string> { ["name"] = "Mallory", ["_forgery"] = token });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task The_reader_gets_his_language_and_his_zone()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = await home.SessionAsync(asha);
        using (await browser.PostAsync("/profile", new Dictionary<string, string>
            { ["name"] = "Asha", ["language"] = "hi", ["zone"] = "Europe/Berlin" }, "/profile")) { }

        var html = await browser.PageAsync("/profile");

        Assert.Contains("<html lang=\"hi\">", html);
        Assert.Contains("title=\"Europe/Berlin\" lang=\"hi\">2026-11-23 10:00</time>", html);
    }

    [Theory]
    [InlineData("hi-IN,hi;q=0.9,en;q=0.8", "hi")]
    [InlineData("de, en;q=0.7", "en")]
    [InlineData("en;q=0.2, hi;q=0.9", "hi")]
    [InlineData("hi;q=0, en", "en")]
    [InlineData("", "en")]
    [InlineData(";;;q=x", "en")]
    public void The_browser_says_which_language_it_wants(string header, string language) => Assert.Equal(language, BrowserLanguage.Of(header));
}
