using System.Net;
using System.Text.RegularExpressions;
using Mithi.Testing;
using Xunit;

namespace Mithi.Machine.Tests.Story;

/// <summary>Everybody in the story, each in a browser of his own; all of them came in through the front door.</summary>
internal sealed partial class StoryPeople : IDisposable
{
    public const string MeeraAddress = "meera@sahyadri.test";

    private const string Password = "monsoon ladder copper violin";

    private static readonly string[] Addresses =
    [
        "support@mithi.test", "asha@mithi.test", "vikram@mithi.test", "ravi@mithi.test", "farida@deccan.test", MeeraAddress, "suresh@konkan.test",
        "nitin@sahyadri.test",
    ];

    private readonly List<TestBrowser> _browsers = [];
    private readonly StoryNode _node;

    private StoryPeople(StoryNode node) => _node = node;

    /// <summary>The customer's organisation.</summary>
    public string Bank { get; private set; } = "";

    /// <summary>Administers the node.</summary>
    public TestBrowser Lata { get; private set; } = null!;

    /// <summary>First-level support.</summary>
    public TestBrowser Asha { get; private set; } = null!;

    /// <summary>Second-level support: plans sites and commands them.</summary>
    public TestBrowser Vikram { get; private set; } = null!;

    /// <summary>The release engineer.</summary>
    public TestBrowser Ravi { get; private set; } = null!;

    /// <summary>Of the partner that serves the bank.</summary>
    public TestBrowser Farida { get; private set; } = null!;

    /// <summary>Administers the bank's mail.</summary>
    public TestBrowser Meera { get; private set; } = null!;

    /// <summary>Uses the bank's mail.</summary>
    public TestBrowser Nitin { get; private set; } = null!;

    /// <summary>Of another customer, who has no subscription.</summary>
    public TestBrowser Suresh { get; private set; } = null!;

    /// <summary>Signed in nowhere.</summary>
    public TestBrowser Passer { get; private set; } = null!;

    /// <summary>From the link on the console to the last invitation.</summary>
    public static async Task<StoryPeople> MoveInAsync(StoryNode node, CancellationToken ct)
    {
        foreach (var address in Addresses) node.Mail.Mailbox(address);
        var people = new StoryPeople(node) { Passer = node.Visitor() };
        people.Lata = await people.FirstAdministratorAsync();
        await people.SetUpMailAsync();
        var partner = await people.OrganisationAsync("Deccan Systems", "Partner");
        people.Bank = await people.OrganisationAsync("Sahyadri Cooperative Bank", "Customer", partner);
        var mill = await people.OrganisationAsync("Konkan Textiles", "Customer");
        await people.AgreeAsync(people.Bank);

        people.Asha = await people.InviteAsync(people.Lata, "", "SupportL1", "Asha Rao", "asha@mithi.test", ct);
        people.Vikram = await people.InviteAsync(people.Lata, "", "SupportL2", "Vikram Shinde", "vikram@mithi.test", ct);
        people.Ravi = await people.InviteAsync(people.Lata, "", "ReleaseEngineer", "Ravi Menon", "ravi@mithi.test", ct);
        people.Farida = await people.InviteAsync(people.Lata, partner, "Partner", "Farida Sheikh", "farida@deccan.test", ct);
        people.Meera = await people.InviteAsync(people.Lata, people.Bank, "CustomerAdministrator", "Meera Joshi", MeeraAddress, ct);
        people.Suresh = await people.InviteAsync(people.Lata, mill, "CustomerAdministrator", "Suresh Naik", "suresh@konkan.test", ct);
        // A customer's administrator lets his own people in.
        people.Nitin = await people.InviteAsync(people.Meera, "", "CustomerUser", "Nitin Desai", "nitin@sahyadri.test", ct);
        return people;
    }

    /// <summary>Fills in a form and expects that it takes its reader on; answers where to.</summary>
    public static async Task<string> SendAsync(TestBrowser who, string page, IReadOnlyDictionary<string, string> typed, string? action = null)
    {
        using var answer = await who.SubmitAsync(page, typed, action);
        Assert.True(answer.StatusCode == HttpStatusCode.SeeOther, $"{page}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer.Headers.Location!.ToString();
    }

    /// <summary>A token of Ravi's, made on his profile, that may publish and nothing else.</summary>
    public async Task<string> PublishTokenAsync()
    {
        using var answer = await Ravi.SubmitAsync("/profile", new Dictionary<string, string>
        {
            ["token-name"] = "mithi-release on my machine", ["days"] = "7", ["permission"] = "ReleasePublish", ["token-proof"] = Password,
        });
        return Token().Match(await answer.Content.ReadAsStringAsync()) is { Success: true } token
            ? token.Groups[1].Value : throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
    }

    public void Dispose()
    {
        foreach (var browser in _browsers) browser.Dispose();
        Passer.Dispose();
    }

    private async Task<TestBrowser> FirstAdministratorAsync()
    {
        var link = await _node.FirstRunLinkAsync();
        using (var first = _node.Visitor())
        {
            await SendAsync(first, link, new Dictionary<string, string>
            {
                ["organisation"] = "Mithi", ["zone"] = "Asia/Kolkata", ["name"] = "Lata Kulkarni", ["email"] = "lata@mithi.test",
                ["password"] = Password, ["again"] = Password,
            });
        }
        using (var again = await Passer.GetAsync(link)) Assert.Equal(410, (int)again.StatusCode);
        return await SignInAsync("lata@mithi.test");
    }

    private async Task SetUpMailAsync()
    {
        var (mail, box) = (_node.Mail, _node.Mail.Mailbox("support"));
        await SettingsAsync(new()
        {
            ["mail.host"] = mail.Host, ["mail.port"] = $"{mail.SmtpPort}", ["mail.security"] = "none", ["mail.from"] = box.Address,
        });
        await SettingsAsync(new()
        {
            ["helpdesk.address"] = box.Address, ["helpdesk.imap-host"] = mail.Host, ["helpdesk.imap-port"] = $"{mail.ImapPort}",
            ["helpdesk.imap-security"] = "none", ["helpdesk.imap-user"] = box.Address, ["helpdesk.imap-password"] = box.Password,
        });
        await SettingsAsync(new() { ["fleet.addresses"] = _node.UrlForSites });
    }

    private async Task SettingsAsync(Dictionary<string, string> typed) => Assert.Equal("/settings?saved=1", await SendAsync(Lata, "/settings", typed));

    /// <summary>Answers its number.</summary>
    private async Task<string> OrganisationAsync(string name, string kind, string partner = "")
    {
        var typed = new Dictionary<string, string> { ["name"] = name, ["kind"] = kind };
        if (partner.Length > 0) typed["partner"] = partner;
        var page = await SendAsync(Lata, "/organisations/new", typed);
        return OrganisationNumber().Match(page).Groups[1].Value;
    }

    private async Task AgreeAsync(string customer)
    {
        await SendAsync(Lata, $"/customers/{customer}/subscriptions/new", new Dictionary<string, string>
        {
            ["plan"] = "Business", ["calendar"] = "12x6", ["until"] = "2199-12-31",
        });
        await SendAsync(Lata, $"/customers/{customer}", new Dictionary<string, string> { ["product"] = StoryReleases.Product, ["until"] = "2199-12-31" });
    }

    /// <summary>Somebody is added, gets a mail, opens its link, chooses a password and comes back with it.</summary>
    private async Task<TestBrowser> InviteAsync(TestBrowser by, string organisation, string role, string name, string address, CancellationToken ct)
    {
        using var added = await by.SubmitAsync(organisation.Length == 0 ? "/people/new" : $"/people/new?organisation={organisation}",
            new Dictionary<string, string> { ["name"] = name, ["email"] = address, ["role"] = role });
        Assert.Contains("the invitation is on its way by mail", await added.Content.ReadAsStringAsync(ct), StringComparison.Ordinal);
        var letter = await _node.MailAsync(address, m => Invitation().IsMatch(m.TextBody ?? ""), ct);
        using (var first = _node.Visitor())
            await SendAsync(first, Invitation().Match(letter.TextBody!).Value, new Dictionary<string, string> { ["password"] = Password, ["again"] = Password });
        return await SignInAsync(address);
    }

    private async Task<TestBrowser> SignInAsync(string address)
    {
        var browser = _node.Visitor();
        _browsers.Add(browser);
        await SendAsync(browser, "/sign-in", new Dictionary<string, string> { ["email"] = address, ["password"] = Password });
        return browser;
    }

    [GeneratedRegex(@"https://\S+/invitation/\S+")]
    private static partial Regex Invitation();

    [GeneratedRegex("/organisations/([0-9]+)")]
    private static partial Regex OrganisationNumber();

    [GeneratedRegex("<code id=\"token\">(mithi_[^<]+)</code>")]
    private static partial Regex Token();
}
