using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Stamp;
using Mithi.Testing;

namespace Mithi.Fleet.Tests;

/// <summary>A real node over HTTPS with a partner, his customer, another customer, and an engineer who is signed in.</summary>
internal sealed partial class House : IAsyncDisposable
{
    private House(TestAppliance node) => Node = node;

    public TestAppliance Node { get; }
    public required OrganisationId Vendor { get; init; }
    public required OrganisationId Customer { get; init; }
    public required OrganisationId Stranger { get; init; }
    public required TestBrowser Engineer { get; init; }

    public static async Task<House> OpenAsync(FakeTimeProvider? clock = null)
    {
        var node = await TestAppliance.StartAsync(clock, https: true);
        var vendor = await node.OrganisationAsync("Vendor", "Mithi");
        return new(node)
        {
            Vendor = vendor, Customer = await node.OrganisationAsync("Customer", "Asha Textiles"),
            Stranger = await node.OrganisationAsync("Customer", "Bharat Steel"),
            Engineer = await node.SignInAsync(Role.SupportL2, vendor),
        };
    }

    public Dictionary<string, string> Sheet(string version = "1.0.0") => new()
    {
        ["organisation"] = Customer.ToString(), ["name"] = "Pune office", ["host"] = "mail", ["domain"] = "asha.example", ["disk"] = "",
        ["destroy"] = "", ["product"] = "connect-server", ["version"] = version, ["os-image"] = "mithi-os", ["os-version"] = "1.0.0",
        ["mailboxes"] = "asha, Asha Patil, first-password-1\nravi, Ravi Rao, first, password, 2", ["zone"] = "Asia/Kolkata", ["language"] = "hi",
        ["phone"] = "+91 20 5550 1234", ["revision"] = "0",
    };

    /// <summary>Plans a site; gives its number.</summary>
    public async Task<long> PlanAsync(string version = "1.0.0")
    {
        using var answer = await Engineer.PostAsync("/sites", Sheet(version), from: "/sites/new");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return long.Parse(SiteNumber().Match(answer.Headers.Location!.ToString()).Groups[1].Value);
    }

    public async Task<SiteStamp> StampAsync(long site) => SiteStamp.Parse(await Engineer.PageAsync($"/sites/{site}/medium/site.conf"));

    public async Task<HttpStatusCode> PostAsync(long site, string what, params (string Name, string Value)[] fields)
    {
        using var answer = await Engineer.PostAsync($"/sites/{site}/{what}", fields.ToDictionary(f => f.Name, f => f.Value), from: "/sites/new");
        return answer.StatusCode;
    }

    /// <summary>A planned site with its machine, whose code was entered.</summary>
    public async Task<(long Site, Device Machine)> PairAsync(string version = "1.0.0")
    {
        var site = await PlanAsync(version);
        var machine = await Device.ConnectAsync(await StampAsync(site), SigningKey.Create());
        await machine.SendAsync(Device.Facts());
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(site, "pair", ("code", machine.Session.Code!.ToString())));
        await machine.ReadAsync<Protocol.Messages.EnrolmentMessage>();
        return (site, machine);
    }

    /// <summary>Loads the site's page each time that the site changes until it holds a text.</summary>
    public async Task<string> ShowsAsync(long site, string text)
    {
        using var watch = Node.Get<Lines.SiteSignals>().Open(new(site));
        // A bound on a fault, not a wait: a change comes in milliseconds, or the page is what the failure shows.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Device.Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var page = await Engineer.PageAsync($"/sites/{site}");
            if (page.Contains(text, StringComparison.Ordinal)) return page;
            try
            {
                await watch.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"The page never showed '{text}':\n{page}");
            }
        }
    }

    public Task<IReadOnlyList<string>> AuditAsync(long site) => Node.Db.ReadAsync(tx => tx.QueryAsync<string>(
        "select action from audit where subject = @subject order by id", new { subject = $"site:{site}" }), Device.Ct);

    public async ValueTask DisposeAsync()
    {
        Engineer.Dispose();
        await Node.DisposeAsync();
    }

    [GeneratedRegex("/sites/([0-9]+)$")]
    private static partial Regex SiteNumber();
}
