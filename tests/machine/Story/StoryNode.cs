using System.Net;
using System.Text.RegularExpressions;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Machine.Tests.Story;

/// <summary>The support node of the story with its people, over HTTPS, with this machine's real mail servers behind it.</summary>
internal sealed partial class StoryNode : IAsyncDisposable
{
    public const string CustomerAddress = "meera@sahyadri.test";

    private StoryNode(TestAppliance house, MailServers mail) => (House, Mail) = (house, mail);

    public TestAppliance House { get; }

    public MailServers Mail { get; }

    public required OrganisationId Vendor { get; init; }

    public required OrganisationId Customer { get; init; }

    public required TestBrowser Meera { get; init; }

    public required TestBrowser Asha { get; init; }

    public required TestBrowser Vikram { get; init; }

    public string Pin => House.Get<NodeIdentity>().Pin;

    public static async Task<StoryNode> OpenAsync(CancellationToken ct)
    {
        var mail = await MailServers.StartAsync(ct);
        mail.Mailbox(CustomerAddress);
        var house = await TestAppliance.StartAsync(https: true, publicUrl: new Uri($"https://{Machine.HostAddress}"));
        var vendor = await house.OrganisationAsync("Vendor", "Mithi");
        var customer = await house.OrganisationAsync("Customer", "Sahyadri Cooperative Bank");
        await house.Get<EntitlementStore>().AddAsync(customer,
            new(StoryReleases.Product, "", "", "stable", new LocalDate(2199, 12, 31), "Asia/Kolkata"), house.Now, ct);
        var box = mail.Mailbox("support");
        var mistakes = await house.Get<SettingStore>().ChangeAsync(new Dictionary<string, string>
        {
            ["mail.host"] = mail.Host, ["mail.port"] = $"{mail.SmtpPort}", ["mail.security"] = "none", ["mail.from"] = box.Address,
            ["helpdesk.address"] = box.Address, ["helpdesk.imap-host"] = mail.Host, ["helpdesk.imap-port"] = $"{mail.ImapPort}",
            ["helpdesk.imap-security"] = "none", ["helpdesk.imap-user"] = box.Address, ["helpdesk.imap-password"] = box.Password,
            ["fleet.addresses"] = $"https://{Machine.HostAddress}:{house.Url.Port}",
        }, CurrentPerson.Nobody("en", DateTimeZone.Utc) with { Name = "Test" }, ct);
        Assert.Empty(mistakes);
        return new(house, mail)
        {
            Vendor = vendor, Customer = customer,
            Meera = await house.SignInAsync(Role.CustomerAdministrator, customer, CustomerAddress),
            Asha = await house.SignInAsync(Role.SupportL1, vendor, "asha@mithi.test"),
            Vikram = await house.SignInAsync(Role.SupportL2, vendor, "vikram@mithi.test"),
        };
    }

    /// <summary>A token of the vendor that may publish and nothing else.</summary>
    public async Task<string> PublishTokenAsync(CancellationToken ct) => (await House.Get<TokenStore>().AddAsync(
        Vendor, "release engineer", [Permission.ReleasePublish], House.Now + Duration.FromDays(1), House.Now, ct)).Text;

    /// <summary>The customer reports a fault in the portal; answers the ticket's number.</summary>
    public async Task<string> ReportAsync(string subject, string body)
    {
        using var answer = await Meera.PostAsync("/tickets/new", new Dictionary<string, string>
        {
            ["subject"] = subject, ["kind"] = "Incident", ["priority"] = "P2", ["product"] = StoryReleases.Product, ["version"] = "1.0.0-sp1", ["body"] = body,
        });
        Assert.True(answer.Headers.Location is not null, await answer.Content.ReadAsStringAsync());
        return TicketNumber().Match(answer.Headers.Location!.ToString()).Groups[1].Value;
    }

    public async Task AnswerAsync(string ticket, string body)
    {
        using var answer = await Asha.PostAsync($"/tickets/{ticket}/replies", new Dictionary<string, string> { ["body"] = body, ["seen"] = "1000" });
        Assert.True((int)answer.StatusCode is 302 or 303, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Plans the customer's site; answers its number.</summary>
    public async Task<long> PlanSiteAsync(string version)
    {
        using var answer = await Vikram.PostAsync("/sites", new Dictionary<string, string>
        {
            ["organisation"] = Customer.ToString(), ["name"] = "Head office", ["host"] = "mail", ["domain"] = "sahyadri.example", ["disk"] = "",
            ["destroy"] = "", ["product"] = StoryReleases.Product, ["version"] = version, ["os-image"] = StoryReleases.Os, ["os-version"] = "1.0.0",
            ["mailboxes"] = "meera, Meera Joshi, first-password-1", ["zone"] = "Asia/Kolkata", ["language"] = "en",
            ["phone"] = "+91 20 5550 1234", ["revision"] = "0",
        }, from: "/sites/new");
        Assert.True(answer.Headers.Location is not null, await answer.Content.ReadAsStringAsync());
        return long.Parse(SiteNumber().Match(answer.Headers.Location!.ToString()).Groups[1].Value);
    }

    public async Task SiteAsync(long site, string what, params (string Name, string Value)[] fields)
    {
        using var answer = await Vikram.PostAsync($"/sites/{site}/{what}", fields.ToDictionary(f => f.Name, f => f.Value), from: "/sites/new");
        Assert.True(answer.StatusCode == HttpStatusCode.Found, $"{what}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Follows the site's live feed, as the page does, until the page holds what is expected.</summary>
    public async Task<string> ShowsAsync(long site, Regex expected, TimeSpan within, CancellationToken ct)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bound.CancelAfter(within);
        var page = "";
        try
        {
            await using var feed = await Vikram.Http.GetStreamAsync($"/sites/{site}/live", bound.Token);
            using var lines = new StreamReader(feed);
            while (true)
            {
                page = await Vikram.PageAsync($"/sites/{site}");
                if (expected.IsMatch(page)) return page;
                if (await lines.ReadLineAsync(bound.Token) is null) throw new InvalidOperationException("The feed has ended.");
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"The site's page did not show \"{expected}\" within {within}:\n{page}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        await Mail.DisposeAsync();
    }

    [GeneratedRegex("/tickets/([0-9]+)")]
    private static partial Regex TicketNumber();

    [GeneratedRegex("/sites/([0-9]+)")]
    private static partial Regex SiteNumber();
}
