using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

public sealed class TokenTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_made_in_the_profile_used_and_revoked()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerAdministrator, "asha@acme.test");
        using var browser = await home.SessionAsync(asha);
        using var made = await browser.PostAsync("/profile/tokens", new Dictionary<string, string>
            { ["token-name"] = "backup", ["days"] = "30", ["permission"] = "PersonRead", ["token-proof"] = Household.Password }, "/profile");
        var text = Regex.Match(await made.Content.ReadAsStringAsync(Ct), "mithi_[0-9A-Za-z]+").Value;
        Assert.DoesNotContain(text, await browser.PageAsync("/profile"));

        using var program = home.House.Browser().WithToken(text);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program, "/people"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(program, "/people/new"));   // he may, his token may not
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(program, "/profile"));      // no token makes tokens

        var id = Regex.Match(await browser.PageAsync("/profile"), "/profile/tokens/([0-9]+)/end").Groups[1].Value;
        using (await browser.PostAsync($"/profile/tokens/{id}/end", from: "/profile")) { }
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program, "/people"));
    }

    [Fact]
    public async Task A_token_also_goes_as_the_password_of_basic_authentication()
    {
        await using var home = await Household.StartAsync();
        var token = await TokenAsync(home, Role.CustomerAdministrator, Permission.PersonRead);
        using var program = home.House.Browser();
        program.Http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"git:{token}")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program, "/people"));
    }

    [Fact]
    public async Task A_wrong_token_is_refused_everywhere_even_where_the_public_may_look()
    {
        await using var home = await Household.StartAsync();
        var good = await TokenAsync(home, Role.CustomerAdministrator, Permission.PersonRead);
        var last = good[^1] == '0' ? '1' : '0';
        string[] headers =
        [
            "Bearer", "Bearer x", $"Bearer {good[..^1]}", $"Bearer {good[..^1]}{last}", $"Bearer {TokenText.New()}", $"Bearer {good} x",
            "Basic x", "Basic ====", $"Basic {Convert.ToBase64String("no colon"u8)}", "Negotiate abc", $"Bearer {new string('A', 5_000)}",
        ];
        foreach (var header in headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.TryAddWithoutValidation("Authorization", header);
            using var browser = home.House.Browser();
            using var answer = await browser.Http.SendAsync(request, Ct);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.NotEmpty(answer.Headers.WwwAuthenticate);
            using var problem = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct));
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), problem.RootElement.GetProperty("requestId").GetString());
            Assert.Contains("This token is not valid", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_expired_token_and_one_of_a_disabled_person_or_organisation_are_refused()
    {
        await using var home = await Household.StartAsync();
        using var program = home.House.Browser().WithToken(await TokenAsync(home, Role.CustomerAdministrator, Permission.PersonRead));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program, "/people"));

        async Task SetAsync(string table, int disabled)
            => await home.House.Db.WriteAsync(tx => tx.ExecuteAsync($"update {table} set disabled = {disabled}"), Ct);
        await SetAsync("person", 1);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program, "/people"));
        await SetAsync("person", 0);
        await SetAsync("organisation", 1);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program, "/people"));
        await SetAsync("organisation", 0);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program, "/people"));
        home.Later(Duration.FromDays(30));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program, "/people"));
    }

    [Fact]
    public async Task A_token_can_be_given_no_more_than_its_person_may()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = await home.SessionAsync(asha);

        using var answer = await browser.PostAsync("/profile/tokens", new Dictionary<string, string>
            { ["token-name"] = "x", ["days"] = "30", ["permission"] = "ReleasePublish" }, "/profile");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("at most what you may do yourself", await answer.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task A_token_loses_what_its_person_loses()
    {
        await using var home = await Household.StartAsync();
        using var program = home.House.Browser().WithToken(await TokenAsync(home, Role.CustomerAdministrator));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program, "/people"));
        await home.House.Db.WriteAsync(tx => tx.ExecuteAsync("update person set role = 'CustomerUser'"), Ct);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(program, "/people"));
    }

    [Fact]
    public async Task An_organisations_token_can_do_what_is_listed_and_nothing_else()
    {
        await using var home = await Household.StartAsync();
        var token = await home.House.Get<TokenStore>().AddAsync(
            home.Acme, "site 1", [Permission.ReleaseDownload], home.House.Now + Duration.FromDays(365), home.House.Now, Ct);
        var known = (await home.House.Get<TokenStore>().KnowAsync(token.Text, home.House.Now, Ct))!.ToCurrentPerson("en");

        Assert.Null(known.Id);
        Assert.Equal(home.Acme, known.Organisation);
        Assert.Equal(Scope.Organisation, known.ScopeOf(Permission.ReleaseDownload));
        Assert.All(Enum.GetValues<Permission>().Where(p => p != Permission.ReleaseDownload), p => Assert.False(known.May(p)));
        using var program = home.House.Browser().WithToken(token.Text);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(program, "/people"));
    }

    [Fact]
    public async Task The_database_keeps_no_secret_that_signs_anybody_in()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var session = await home.House.Get<SessionStore>().StartAsync(asha, "test", "", home.House.Now, Ct);
        var token = await home.House.Get<TokenStore>().AddAsync(asha, "x", [], Duration.FromDays(7), home.House.Now, Ct);
        await home.House.Db.CopyToAsync(Path.Join(home.House.Folder.Backup, "copy.db"), Ct);

        var bytes = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Join(home.House.Folder.Backup, "copy.db"), Ct));

        Assert.DoesNotContain(session.Secret, bytes);
        Assert.DoesNotContain(token!.Text, bytes);
        Assert.DoesNotContain(Household.Password, bytes);
    }

    [Fact]
    public async Task A_token_never_manages_people_or_settings_even_one_that_was_given_it()
    {
        await using var home = await Household.StartAsync();
        var owner = await home.PersonAsync(home.Vendor, Role.Administrator, "owner@mithi.test");
        await home.TotpAsync(owner);
        foreach (var permissions in new Permission[][] { [], [Permission.PersonManage, Permission.PersonRead, Permission.SettingsManage, Permission.CustomerManage] })
        {
            var token = (await home.House.Get<TokenStore>().AddAsync(owner, "old", permissions, Duration.FromDays(30), home.House.Now, Ct))!;
            using var thief = home.House.Browser().WithToken(token.Text);
            foreach (var path in new[] { "/people/new", $"/people/{owner}/link", $"/people/{owner}/second-step-off", $"/people/{owner}/remove-keys", $"/people/{owner}", "/settings" })
            {
                using var answer = await thief.Http.PostAsync(path, new FormUrlEncodedContent(new Dictionary<string, string>()), Ct);
                Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed, $"{path}: {answer.StatusCode}");
            }
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(thief, "/settings"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(thief, "/people"));
        }
        Assert.True((await home.House.Get<CredentialStore>().GetAsync(owner, Ct))!.HasTotp);
        using var browser = await home.SessionAsync(owner);
        Assert.DoesNotContain("permission-PersonManage", await browser.PageAsync("/profile"));
    }

    [Theory]
    [InlineData("Origin", "https://evil.test")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_form_of_another_site_does_nothing_with_a_token_that_the_browser_keeps(string header, string value)
    {
        await using var home = await Household.StartAsync();
        var owner = await home.PersonAsync(home.Vendor, Role.Administrator, "owner@mithi.test");
        var token = (await home.House.Get<TokenStore>().AddAsync(owner, "x", [], Duration.FromDays(30), home.House.Now, Ct))!.Text;
        var basic = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{token}"))}";

        async Task<HttpStatusCode> SendAsync(string authorization, string name, string? with, string? given)
        {
            using var browser = home.House.Browser();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/organisations/new")
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = name, ["kind"] = "Customer", ["zone"] = "Asia/Kolkata" }),
            };
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            if (with is not null) request.Headers.TryAddWithoutValidation(with, given);
            using var answer = await browser.Http.SendAsync(request, Ct);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(basic, "One", header, value));
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync($"Bearer {token}", "Two", header, value));
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync(basic, "Three", null, null));
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync(basic, "Four", "Origin", home.House.Url.GetLeftPart(UriPartial.Authority)));
        Assert.Equal(HttpStatusCode.SeeOther, await SendAsync(basic, "Five", "Sec-Fetch-Site", "same-origin"));
    }

    [Fact]
    public async Task Only_the_paths_of_download_tools_ask_for_a_password_box()
    {
        await using var home = await Household.StartAsync();
        using var browser = home.House.Browser();
        using var releases = await browser.GetAsync("/releases/metadata/timestamp.json");
        using var api = await browser.GetAsync("/api/releases/trust");
        Assert.Equal(["Bearer", "Basic"], releases.Headers.WwwAuthenticate.Select(c => c.Scheme));
        Assert.Equal(["Bearer"], api.Headers.WwwAuthenticate.Select(c => c.Scheme));
    }

    private static async Task<string> TokenAsync(Household home, Role role, params Permission[] permissions)
    {
        var id = await home.PersonAsync(home.Acme, role, "asha@acme.test");
        return (await home.House.Get<TokenStore>().AddAsync(id, "test", permissions, Duration.FromDays(30), home.House.Now, Ct))!.Text;
    }

    private static async Task<HttpStatusCode> StatusAsync(TestBrowser browser, string path)
    {
        using var answer = await browser.GetAsync(path);
        return answer.StatusCode;
    }
}
