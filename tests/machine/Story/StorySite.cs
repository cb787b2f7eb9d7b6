using System.Text.RegularExpressions;
using Mithi.Testing;

namespace Mithi.Machine.Tests.Story;

/// <summary>The customer's site at the node, as the engineer sees and commands it.</summary>
internal sealed partial class StorySite
{
    private readonly TestBrowser _engineer;
    private readonly string _page;

    private StorySite(TestBrowser engineer, string page) => (_engineer, _page) = (engineer, page);

    /// <summary>Plans the site on its sheet.</summary>
    public static async Task<StorySite> PlanAsync(StoryPeople people)
        => new(people.Vikram, await StoryPeople.SendAsync(people.Vikram, $"/sites/new?organisation={people.Bank}", new Dictionary<string, string>
        {
            ["name"] = "Head office", ["host"] = "mail", ["domain"] = "sahyadri.example", ["product"] = StoryReleases.Product, ["version"] = "1.0.0",
            ["os-image"] = StoryReleases.Os, ["os-version"] = "1.0.0", ["mailboxes"] = "meera, Meera Joshi, first-password-1",
            ["phone"] = "+91 20 5550 1234",
        }));

    /// <summary>Downloads the site's medium by the link on its page; the node stamps it while it streams.</summary>
    public async Task DownloadMediumAsync(string path, CancellationToken ct)
    {
        var link = MediumLink().Match(await _engineer.PageAsync(_page));
        if (!link.Success) throw new InvalidOperationException("The site's page offers no medium.");
        await using var iso = File.Create(path);
        await using var stream = await _engineer.Http.GetStreamAsync(link.Groups[1].Value, ct);
        await stream.CopyToAsync(iso, ct);
    }

    /// <summary>Types the code that was read out, once the page asks for it.</summary>
    public async Task PairAsync(string code, TimeSpan within, CancellationToken ct)
    {
        await ShowsAsync(AsksForCode(), within, ct);
        await StoryPeople.SendAsync(_engineer, _page, new Dictionary<string, string> { ["code"] = code });
    }

    /// <summary>Reads the plan and approves just this one.</summary>
    public async Task ApproveAsync(TimeSpan within, CancellationToken ct)
    {
        var plan = await ShowsAsync(AsksForApproval(), within, ct);
        if (!plan.Contains(Machine.DiskSerial, StringComparison.Ordinal)) throw new InvalidOperationException($"The plan names another disk:\n{plan}");
        await StoryPeople.SendAsync(_engineer, _page, new Dictionary<string, string>(), $"{_page}/approve");
    }

    public Task IsGreenAsync(TimeSpan within, CancellationToken ct) => ShowsAsync(Green(), within, ct);

    /// <summary>Applies a version and waits until the site reports that it runs and is healthy.</summary>
    public Task ApplyAsync(string version, TimeSpan within, CancellationToken ct)
        => OrderAsync(new($"<option value=\"{Regex.Escape(version)}\""), new() { ["order"] = "apply", ["version"] = version }, version, within, ct);

    /// <summary>Returns to the version before, and waits in the same way.</summary>
    public Task RollBackAsync(string to, TimeSpan within, CancellationToken ct)
        => OrderAsync(new($"Roll back to {Regex.Escape(to)}<"), new() { ["order"] = "roll-back" }, to, within, ct);

    private async Task OrderAsync(Regex offer, Dictionary<string, string> order, string runs, TimeSpan within, CancellationToken ct)
    {
        await ShowsAsync(offer, within, ct);
        await StoryPeople.SendAsync(_engineer, _page, order, $"{_page}/orders");
        await ShowsAsync(new Regex($"<strong>{StoryReleases.Product} {Regex.Escape(runs)}</strong> <span class=\"badge good\">"), within, ct);
    }

    private Task<string> ShowsAsync(Regex expected, TimeSpan within, CancellationToken ct)
        => _engineer.FollowAsync(_page, $"{_page}/live", expected, within, ct);

    [GeneratedRegex("href=\"(/sites/[0-9]+/medium/install\\.iso)\"")]
    private static partial Regex MediumLink();

    [GeneratedRegex("action=\"/sites/[0-9]+/pair\"")]
    private static partial Regex AsksForCode();

    [GeneratedRegex("name=\"digest\" value=\"[0-9a-f]{64}\"")]
    private static partial Regex AsksForApproval();

    [GeneratedRegex(">Green<")]
    private static partial Regex Green();
}
