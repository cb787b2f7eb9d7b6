using System.Net;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

public sealed partial class OneTimeLinkTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly Dictionary<string, string> First = new()
    {
        ["organisation"] = "Mithi Software", ["zone"] = "Asia/Kolkata", ["name"] = "Asha Rao", ["email"] = "asha@mithi.test",
        ["password"] = Household.Password, ["again"] = Household.Password,
    };

    [Fact]
    public async Task The_first_visit_makes_the_administrator_and_the_link_is_good_once()
    {
        await using var house = await TestAppliance.StartAsync();
        var link = await LinkAsync(house);
        using var browser = house.Browser();
        Assert.Contains("Welcome", await browser.PageAsync(link));
        Assert.Contains("Welcome", await browser.PageAsync(link));   // looking does not use it up

        using var made = await browser.PostAsync(link, First, link);
        Assert.Equal(HttpStatusCode.SeeOther, made.StatusCode);
        Assert.Contains("Administrator", await browser.PageAsync("/profile"));

        using var thief = house.Browser();
        using var shown = await thief.GetAsync(link);
        Assert.Equal(HttpStatusCode.Gone, shown.StatusCode);
        Assert.Contains("has been used already", await shown.Content.ReadAsStringAsync(Ct));
        using var replayed = await thief.PostAsync(link, First, "/sign-in");
        Assert.Equal(HttpStatusCode.Gone, replayed.StatusCode);
        Assert.Null(await house.Get<FirstRun>().LinkAsync("http://x", Ct));
    }

    [Fact]
    public async Task Of_two_that_use_the_first_link_at_once_one_becomes_administrator()
    {
        await using var house = await TestAppliance.StartAsync();
        var link = await LinkAsync(house);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using var browser = house.Browser();
            using var answer = await browser.PostAsync(link, new Dictionary<string, string>(First) { ["email"] = $"p{i}@mithi.test" }, link);
            return answer.StatusCode;
        }));

        Assert.Single(answers, HttpStatusCode.SeeOther);
        Assert.Equal(1, await house.Db.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from person"), Ct));
    }

    [Fact]
    public async Task A_newer_first_link_ends_the_older_and_a_day_ends_it_too()
    {
        await using var house = await TestAppliance.StartAsync(new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        var old = await LinkAsync(house);
        var link = await LinkAsync(house);
        using var browser = house.Browser();
        using (var answer = await browser.GetAsync(old)) Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
        Assert.Contains("Welcome", await browser.PageAsync(link));
        house.Clock!.Advance(TimeSpan.FromHours(24));
        using var late = await browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.Gone, late.StatusCode);
        Assert.Contains("has expired", await late.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task Mistakes_are_shown_beside_their_fields_and_what_was_typed_is_kept_but_passwords()
    {
        await using var house = await TestAppliance.StartAsync();
        var link = await LinkAsync(house);
        using var browser = house.Browser();

        using var answer = await browser.PostAsync(link,
            new Dictionary<string, string>(First) { ["email"] = "asha", ["password"] = "asha rao 1234567", ["again"] = "x" }, link);

        var html = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("id=\"email-error\"", html);
        Assert.Contains("id=\"password-error\"", html);
        Assert.Contains("value=\"Asha Rao\"", html);
        Assert.DoesNotContain("1234567", html);
        Assert.Contains("<option value=\"Asia/Kolkata\" selected>", html);
    }

    [Fact]
    public async Task A_forgotten_password_is_set_by_a_link_in_a_mail_and_all_sessions_end()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var open = await home.SessionAsync(asha);
        using var browser = home.House.Browser();
        var links = home.House.Get<PasswordLinks>();
        var person = (await home.House.Get<PersonStore>().GetAsync(asha, Ct))!;
        var link = new Uri(await home.House.Db.WriteAsync(tx => links.MakeAsync(tx, person, OneTimePurpose.Password), Ct)).AbsolutePath;
        var (mail, row) = await home.House.Db.ReadAsync(async tx => (await tx.QuerySingleAsync<MailId>("select id from outgoing_mail"),
            await tx.QuerySingleAsync<string>("select mail from outgoing_mail")), Ct);
        Assert.Contains(link, (await home.House.Get<MailStore>().QueuedAsync(mail, Ct))!.Mail.Text);
        Assert.DoesNotContain("/new-password/", row);   // whoever reads the table does not come in

        using var set = await browser.PostAsync(link, new Dictionary<string, string>
            { ["password"] = "another long sentence", ["again"] = "another long sentence" }, link);

        Assert.Equal(HttpStatusCode.SeeOther, set.StatusCode);
        Assert.True(await Household.IsInAsync(browser));
        Assert.False(await Household.IsInAsync(open));
        using var replayed = await browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.Gone, replayed.StatusCode);
    }

    [Fact]
    public async Task A_mailed_link_confirms_the_address_and_one_that_others_saw_does_not()
    {
        await using var home = await Household.StartAsync();
        var admin = await home.PersonAsync(home.Acme, Role.CustomerAdministrator, "admin@acme.test");
        using var browser = await home.SessionAsync(admin);
        using (await browser.PostAsync("/people/new", new Dictionary<string, string>
        {
            ["organisation"] = $"{home.Acme}", ["role"] = "CustomerUser", ["name"] = "Asha", ["email"] = "asha@elsewhere.test", ["language"] = "", ["zone"] = "",
        })) { }
        var asha = (await home.House.Get<PersonStore>().ByEmailAsync("asha@elsewhere.test", Ct))!;
        Assert.Null(await SenderAsync(home, asha.Email));

        using var shown = await browser.PostAsync($"/people/{asha.Id}/link");
        var link = new Uri(ShownLink().Match(await shown.Content.ReadAsStringAsync(Ct)).Groups[1].Value).AbsolutePath;
        await UseAsync(home, link);
        Assert.Null(await SenderAsync(home, asha.Email));

        // To the old address, and used when she has another.
        var links = home.House.Get<PasswordLinks>();
        link = new Uri(await home.House.Db.WriteAsync(tx => links.MakeAsync(tx, asha, OneTimePurpose.Password), Ct)).AbsolutePath;
        await home.House.Db.WriteAsync(tx => tx.ExecuteAsync("update person set email = 'b@elsewhere.test', email_key = 'b@elsewhere.test' where id = @Id", new { asha.Id }), Ct);
        await UseAsync(home, link);
        Assert.Null(await SenderAsync(home, "b@elsewhere.test"));

        asha = (await home.House.Get<PersonStore>().GetAsync(asha.Id, Ct))!;
        link = new Uri(await home.House.Db.WriteAsync(tx => links.MakeAsync(tx, asha, OneTimePurpose.Password), Ct)).AbsolutePath;
        await UseAsync(home, link);
        Assert.Equal(asha.Id, (await SenderAsync(home, "b@elsewhere.test"))?.Id);
    }

    [Fact]
    public async Task A_link_for_an_invaded_account_removes_what_the_thief_made()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var token = (await home.House.Get<TokenStore>().AddAsync(asha, "thief's", [], Duration.FromDays(30), home.House.Now, Ct))!;
        await home.PasskeyAsync(asha);
        using var thief = home.House.Browser().WithToken(token.Text);
        var person = (await home.House.Get<PersonStore>().GetAsync(asha, Ct))!;
        async Task<string> LinkAsync() => new Uri(await home.House.Db.WriteAsync(
            tx => home.House.Get<PasswordLinks>().MakeAsync(tx, person, OneTimePurpose.Password), Ct)).AbsolutePath;
        var fields = new Dictionary<string, string> { ["password"] = "another long sentence", ["again"] = "another long sentence" };
        using var browser = home.House.Browser();

        var link = await LinkAsync();
        using (await browser.PostAsync(link, fields, link)) { }          // only forgotten: what is there stays
        using (var kept = await thief.GetAsync("/downloads")) Assert.NotEqual(HttpStatusCode.Unauthorized, kept.StatusCode);
        link = await LinkAsync();
        Assert.Contains("Remove my passkeys (1) and API tokens (1) too", await browser.PageAsync(link));
        using var set = await browser.PostAsync(link, new Dictionary<string, string>(fields) { ["remove-keys"] = "1" }, link);

        Assert.Equal(HttpStatusCode.SeeOther, set.StatusCode);
        Assert.True(await Household.IsInAsync(browser));
        using var refused = await thief.GetAsync("/downloads");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Empty(await home.House.Get<PasskeyStore>().OfAsync(asha, Ct));
        Assert.Contains("person.remove-keys", await home.AuditAsync());
    }

    private static Task<Person?> SenderAsync(Household home, string email) => home.House.Db.ReadAsync(tx => PersonStore.SenderAsync(tx, email), Ct);

    private static async Task UseAsync(Household home, string link)
    {
        using var browser = home.House.Browser();
        using var set = await browser.PostAsync(link, new Dictionary<string, string> { ["password"] = "another long sentence", ["again"] = "another long sentence" }, link);
        Assert.Equal(HttpStatusCode.SeeOther, set.StatusCode);
    }

    [System.Text.RegularExpressions.GeneratedRegex("<code id=\"link\">([^<]+)</code>")]
    private static partial System.Text.RegularExpressions.Regex ShownLink();

    [Fact]
    public async Task A_link_does_not_get_around_the_second_step()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        await home.TotpAsync(asha);
        var person = (await home.House.Get<PersonStore>().GetAsync(asha, Ct))!;
        var link = new Uri(await home.House.Db.WriteAsync(
            tx => home.House.Get<PasswordLinks>().MakeAsync(tx, person, OneTimePurpose.Password), Ct)).AbsolutePath;
        using var browser = home.House.Browser();

        using var set = await browser.PostAsync(link, new Dictionary<string, string>
            { ["password"] = "another long sentence", ["again"] = "another long sentence" }, link);

        Assert.Equal("/sign-in?done=password", set.Headers.Location!.OriginalString);
        Assert.False(await Household.IsInAsync(browser));
    }

    [Fact]
    public async Task Asking_for_a_new_password_tells_nobody_who_has_an_account()
    {
        await using var home = await Household.StartAsync();
        await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        using var browser = home.House.Browser();
        var pages = new List<string>();
        foreach (var email in new[] { "asha@acme.test", "none@acme.test" })
        {
            using var answer = await browser.PostAsync("/forgotten", new Dictionary<string, string> { ["email"] = email }, "/forgotten");
            pages.Add((await answer.Content.ReadAsStringAsync(Ct)).Replace(email, "…"));
        }
        Assert.Equal(pages[0], pages[1]);
    }

    [Theory]
    [InlineData("/first-run/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("/invitation/x")]
    [InlineData("/new-password/..%2f..%2fetc")]
    public async Task A_made_up_link_gets_a_clear_page(string path)
    {
        await using var home = await Household.StartAsync();
        using var browser = home.House.Browser();
        using var answer = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
        Assert.Contains("is not known here", await answer.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task A_link_of_one_kind_does_not_open_another_door()
    {
        await using var home = await Household.StartAsync();
        var asha = await home.PersonAsync(home.Acme, Role.CustomerUser, "asha@acme.test");
        var secret = await home.House.Get<OneTimeStore>().AddAsync(OneTimePurpose.SecondStep, asha, "", Duration.FromMinutes(5), home.House.Now, Ct);
        using var browser = home.House.Browser();
        foreach (var door in new[] { "invitation", "new-password", "first-run" })
        {
            using var answer = await browser.GetAsync($"/{door}/{secret}");
            Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
        }
    }

    private static async Task<string> LinkAsync(TestAppliance house)
        => new Uri((await house.Get<FirstRun>().LinkAsync("http://node.test", Ct))!).AbsolutePath;
}
