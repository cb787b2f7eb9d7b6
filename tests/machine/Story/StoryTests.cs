using System.Net;
using System.Text.RegularExpressions;
using Mithi.Testing;
using Xunit;

namespace Mithi.Machine.Tests.Story;

/// <summary>The whole house, once through: wiki-content/service-manual/the-story.md tells it to a person.</summary>
public sealed partial class StoryTests
{
    private const int LargeMail = 9 << 20;   // 12 MB as base64: what the service pack refuses by mistake

    // Plain emulation on two busy cores; real machines take a tenth.
    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan Installation = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan Change = TimeSpan.FromMinutes(8);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reported_fault_becomes_a_patch_on_a_machine_that_was_bare()
    {
        using var work = new TempFolder();
        await using var node = await StoryNode.OpenAsync(Ct);
        var releases = new StoryReleases(work);
        await releases.PackAsync(Ct);
        using (var engineer = node.House.Browser().WithToken(await node.PublishTokenAsync(Ct)))
            await releases.StartTrustAsync(await engineer.Http.GetByteArrayAsync("/api/releases/trust", Ct), Ct);
        await releases.PublishAsync(node.House.Url, node.Pin, await node.PublishTokenAsync(Ct), patch: false, Ct);

        // The customer reports, an engineer answers within the promise, and writes down what he learnt.
        var ticket = await node.ReportAsync("Large mails are refused", "Since the service pack, reports of 12 MB bounce.");
        await node.AnswerAsync(ticket, "We can see it too. A patch is on its way.");
        // After the receipt of the ticket.
        Assert.Contains(await node.Mail.ReceivedAsync(StoryNode.CustomerAddress, 2, Ct), m => m.TextBody?.Contains("A patch is on its way.", StringComparison.Ordinal) == true);
        await WriteDownAsync(node, ticket);

        // A bare machine, a medium with the site's stamp, eight letters read out.
        var site = await node.PlanSiteAsync("1.0.0");
        var medium = await MediumAsync(node, site, work);
        var disk = work.File("disk.qcow2");
        await Machine.CreateDiskAsync(disk, 8, Ct);
        await using var machine = await Machine.StartAsync(work.Path, disk, medium, [25, 143], Ct);
        var code = (await machine.Screen.WaitAsync("Code ([0-9A-Z-]{8,9})", Boot, Ct)).Groups[1].Value;
        await machine.PictureAsync(Ct);
        await node.ShowsAsync(site, MachineWaits(), Boot, Ct);
        await node.SiteAsync(site, "pair", ("code", code));
        var plan = await node.ShowsAsync(site, PlanForm(), Boot, Ct);
        await node.SiteAsync(site, "approve", ("plan", Field(plan, "plan")), ("digest", Field(plan, "digest")));
        await node.ShowsAsync(site, Green(), Installation, Ct);

        // Mail is delivered from outside and read by IMAP; the service pack brings the customer's fault.
        var mail = new CustomerMail(machine.Ports[25], machine.Ports[143]);
        Assert.Null(await mail.SendAsync("Good day", 1_000, Ct));
        await mail.ReadAsync("Good day", Ct);
        await OrderAsync(node, site, ("order", "apply"), "1.0.0-sp1");
        Assert.NotNull(await mail.SendAsync("Large before the patch", LargeMail, Ct));

        // The patch names the ticket: publishing it tells the customer.
        await releases.PackPatchAsync(ticket, Ct);
        await releases.PublishAsync(node.House.Url, node.Pin, await node.PublishTokenAsync(Ct), patch: true, Ct);
        var news = (await node.Mail.ReceivedAsync(StoryNode.CustomerAddress, 3, Ct))[^1];
        Assert.Contains("1.0.0-sp1-p1", news.TextBody, StringComparison.Ordinal);
        Assert.Contains("1.0.0-sp1-p1", await node.Meera.PageAsync($"/tickets/{ticket}"), StringComparison.Ordinal);

        // Applied, taken back, applied again: each time what the customer sees follows.
        await OrderAsync(node, site, ("order", "apply"), "1.0.0-sp1-p1");
        Assert.Null(await mail.SendAsync("Large with the patch", LargeMail, Ct));
        await mail.ReadAsync("Large with the patch", Ct);
        await OrderAsync(node, site, ("order", "roll-back"), "1.0.0-sp1");
        Assert.NotNull(await mail.SendAsync("Large without the patch", LargeMail, Ct));
        await OrderAsync(node, site, ("order", "apply"), "1.0.0-sp1-p1");
        Assert.Null(await mail.SendAsync("Large again", LargeMail, Ct));
        await mail.ReadAsync("Large again", Ct);
    }

    private static async Task WriteDownAsync(StoryNode node, string ticket)
    {
        using var saved = await node.Asha.PostAsync("/wiki/new/service-manual", new Dictionary<string, string>
        {
            ["path"] = "known-faults/large-mails", ["base"] = "", ["summary"] = "What we know so far",
            ["body"] = $"---\nid: large-mails\ntitle: Large mails are refused\n---\n\nSeen in #{ticket}.\n",
        });
        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        Assert.Contains("What we know so far", await node.Asha.PageAsync("/wiki/history/service-manual/known-faults/large-mails"), StringComparison.Ordinal);
    }

    /// <summary>Downloads the site's medium from the node, which stamps it while it streams.</summary>
    private static async Task<string> MediumAsync(StoryNode node, long site, TempFolder work)
    {
        var media = Directory.CreateDirectory(Path.Join(node.House.Folder.Root, "media")).FullName;
        foreach (var file in new[] { "medium.iso", "medium.json" })
            File.Copy(Path.Join(await MediumFolder.BuiltAsync(Ct), file), Path.Join(media, file));
        var path = work.File("install.iso");
        await using var iso = File.Create(path);
        await using var stream = await node.Vikram.Http.GetStreamAsync($"/sites/{site}/medium/install.iso", Ct);
        await stream.CopyToAsync(iso, Ct);
        return path;
    }

    /// <summary>Gives an order and waits until the site reports the version that must run then.</summary>
    private static async Task OrderAsync(StoryNode node, long site, (string Name, string Value) order, string runs)
    {
        await node.SiteAsync(site, "orders", order, ("version", runs));
        await node.ShowsAsync(site, new Regex($"<strong>{StoryReleases.Product} {Regex.Escape(runs)}</strong> <span class=\"badge good\">"), Change, Ct);
    }

    private static string Field(string page, string name)
        => WebUtility.HtmlDecode(Regex.Match(page, $"name=\"{name}\" value=\"([^\"]+)\"").Groups[1].Value);

    [GeneratedRegex("action=\"/sites/[0-9]+/pair\"")]
    private static partial Regex MachineWaits();

    [GeneratedRegex("name=\"digest\" value=\"[0-9a-f]{64}\"")]
    private static partial Regex PlanForm();

    [GeneratedRegex(">Green<")]
    private static partial Regex Green();
}
