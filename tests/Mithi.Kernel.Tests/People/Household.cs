using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

/// <summary>A house with a vendor, a partner, two customers of the partner's and one of the vendor's, and people with passwords.</summary>
internal sealed partial class Household : IAsyncDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public const string Password = "correct horse battery";

    private Household(TestAppliance house) => House = house;

    public TestAppliance House { get; }

    public FakeTimeProvider Clock => House.Clock!;

    public OrganisationId Vendor { get; private set; }

    public OrganisationId Partner { get; private set; }

    public OrganisationId Acme { get; private set; }

    public OrganisationId Bharat { get; private set; }

    public OrganisationId Direct { get; private set; }

    public static async Task<Household> StartAsync(bool https = false)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
        var home = new Household(await TestAppliance.StartAsync(clock, https: https));
        home.Vendor = await home.House.OrganisationAsync("Vendor", "Mithi Software");
        home.Partner = await home.House.OrganisationAsync("Partner", "Pune Systems");
        home.Acme = await home.House.OrganisationAsync("Customer", "Acme", home.Partner);
        home.Bharat = await home.House.OrganisationAsync("Customer", "Bharat Mills", home.Partner);
        home.Direct = await home.House.OrganisationAsync("Customer", "Direct Ltd");
        return home;
    }

    /// <summary>Makes a person with <see cref="Password"/>.</summary>
    public async Task<PersonId> PersonAsync(OrganisationId organisation, Role role, string email)
    {
        var added = await House.Get<PersonStore>().AddAsync(new(organisation, role, $"The {role}", email), House.Now, Ct);
        var id = ((PersonResult.Saved)added).Id;
        var hash = await House.Get<Passwords>().HashAsync(Password, Ct);
        await House.Db.WriteAsync(tx => CredentialStore.SetPasswordAsync(tx, id, hash, House.Now), Ct);
        return id;
    }

    /// <summary>Turns the second step on; answers the authenticator's key.</summary>
    public async Task<string> TotpAsync(PersonId person, params string[] recoveryCodes)
    {
        var key = Totp.NewKey();
        await House.Db.WriteAsync(tx => CredentialStore.SetTotpAsync(tx, person, key, 0, recoveryCodes), Ct);
        return key;
    }

    /// <summary>A passkey's row; no authenticator has it.</summary>
    public Task PasskeyAsync(PersonId person) => House.Db.WriteAsync(tx => tx.ExecuteAsync("""
        insert into passkey (credential_id, person_id, name, detail, created_at) values (@id, @person, 'telephone', '{}', @Now)
        """, new { id = $"credential-{person}", person, House.Now }), Ct);

    public async Task<TestBrowser> SessionAsync(PersonId person)
    {
        var session = await House.Get<SessionStore>().StartAsync(person, "test", "127.0.0.1", House.Now, Ct);
        var browser = House.Browser();
        browser.SetCookie("mithi", session.Secret);
        return browser;
    }

    public static Task<HttpResponseMessage> SignInAsync(TestBrowser browser, string email, string password, string back = "/")
        => browser.PostAsync("/sign-in", new Dictionary<string, string> { ["email"] = email, ["password"] = password, ["return"] = back }, "/sign-in");

    /// <summary>Whether the browser is signed in, as the profile tells.</summary>
    public static async Task<bool> IsInAsync(TestBrowser browser)
    {
        using var answer = await browser.GetAsync("/profile");
        return answer.StatusCode == HttpStatusCode.OK;
    }

    public static string Hidden(string html, string name)
        => WebUtility.HtmlDecode(Regex.Match(html, $"name=\"{name}\" value=\"([^\"]*)\"").Groups[1].Value);

    /// <summary>Audit actions in their order.</summary>
    public Task<IReadOnlyList<string>> AuditAsync()
        => House.Db.ReadAsync(tx => tx.QueryAsync<string>("select action from audit order by id"), Ct);

    public void Later(Duration by) => Clock.Advance(by.ToTimeSpan());

    public ValueTask DisposeAsync() => House.DisposeAsync();
}
