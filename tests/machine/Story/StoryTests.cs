using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Mithi.Cli;
using Mithi.Testing;
using Xunit;

namespace Mithi.Machine.Tests.Story;

/// <summary>
/// The whole house, once through, from outside: the published programs, and nothing but the doors that people have.
/// wiki-content/service-manual/the-story.md tells it to a person, chapter by chapter.
/// </summary>
public sealed partial class StoryTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int LargeMail = 9 << 20;   // 12 MB as base64: what the service pack refuses by mistake

    // Plain emulation on two busy cores; real machines take a tenth.
    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan Installation = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan Change = TimeSpan.FromMinutes(8);

    private static readonly string[] LoggedActions =
    [
        "node.first-run", "setting.change", "organisation.add", "subscription.add", "customer.entitle", "person.add", "person.invite", "person.sign-in",
        "token.add", "release.publish", "site.create", "site.medium", "site.pair", "site.approve", "site.order", "site.result",
    ];

    private readonly TempFolder _work = new();
    private StoryNode _node = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await StoryNode.StartAsync(_work.File("node"), Ct);

    public async ValueTask DisposeAsync()
    {
        output.WriteLine(_node.Log);
        await _node.DisposeAsync();
        _work.Dispose();
    }

    [Fact]
    public async Task A_reported_fault_becomes_a_patch_on_a_machine_that_was_bare()
    {
        using var people = await ChapterAsync("An empty folder becomes a node with its people", () => StoryPeople.MoveInAsync(_node, Ct));
        var ticket = await ChapterAsync("A customer reports a fault, an engineer answers", () => ReportAsync(people));
        var page = new StoryPage(_node, people, ticket.Number);
        await ChapterAsync("The engineer writes it down", () => page.WriteAsync(Ct));
        var releases = await ChapterAsync("The mail server is packed, signed and published", () => PublishAsync(people));
        var site = await ChapterAsync("A site is planned", () => PlanAsync(people));
        await using var machine = await ChapterAsync("A bare machine becomes a mail server", () => InstallAsync(site));
        var mail = new CustomerMail(machine.Ports[25], machine.Ports[143]);
        await ChapterAsync("The service pack brings the fault", () => MeetFaultAsync(site, mail));
        await ChapterAsync("The patch is published", () => PublishPatchAsync(people, releases, ticket));
        await ChapterAsync("The engineer writes down what helps", () => page.EditAsync(StoryReleases.Patch, Ct));
        await ChapterAsync("The patch is applied, taken back and applied again", () => PatchAsync(site, mail));
        await ChapterAsync("The log is whole and the node stops", () => StopAsync(people));
    }

    private async Task<StoryTicket> ReportAsync(StoryPeople people)
    {
        var ticket = await StoryTicket.ReportAsync(_node, people);
        await ticket.IsSeenByTheRightPeopleAsync();
        await ticket.PromiseRunsAsync();
        await ticket.AnswerAsync(Ct);
        await ticket.PromiseIsKeptAsync();
        await ticket.HandOverAsync();
        return ticket;
    }

    private async Task<StoryReleases> PublishAsync(StoryPeople people)
    {
        var releases = new StoryReleases(_work);
        await releases.PackAsync(Ct);
        var token = await people.PublishTokenAsync();
        using (var program = _node.Visitor().WithToken(token))
            await releases.StartTrustAsync(await program.Http.GetByteArrayAsync("/api/releases/trust", Ct), Ct);
        await releases.PublishAsync(_node.Url, _node.Pin, token, patch: false, Ct);
        return releases;
    }

    // The administrator puts the medium into the data folder; from there the node stamps it for each site.
    private async Task<StorySite> PlanAsync(StoryPeople people)
    {
        var media = Directory.CreateDirectory(Path.Join(_node.Data, "media")).FullName;
        foreach (var file in new[] { "medium.iso", "medium.json" }) File.Copy(Path.Join(await MediumFolder.BuiltAsync(Ct), file), Path.Join(media, file));
        var site = await StorySite.PlanAsync(people);
        await site.DownloadMediumAsync(_work.File("install.iso"), Ct);
        return site;
    }

    private async Task<Machine> InstallAsync(StorySite site)
    {
        var disk = _work.File("disk.qcow2");
        await Machine.CreateDiskAsync(disk, 8, Ct);
        var machine = await Machine.StartAsync(_work.Path, disk, _work.File("install.iso"), [25, 143], Ct);
        try
        {
            var code = (await machine.Screen.WaitAsync("Code ([0-9A-Z-]{8,9})", Boot, Ct)).Groups[1].Value;
            await machine.PictureAsync(Ct);
            await site.PairAsync(code, Boot, Ct);
            await site.ApproveAsync(Boot, Ct);
            await site.IsGreenAsync(Installation, Ct);
            return machine;
        }
        catch
        {
            output.WriteLine(machine.Log.All);
            await machine.DisposeAsync();
            throw;
        }
    }

    private static async Task MeetFaultAsync(StorySite site, CustomerMail mail)
    {
        Assert.Null(await mail.SendAsync("Good day", 1_000, Ct));
        await mail.ReadAsync("Good day", Ct);
        await site.ApplyAsync("1.0.0-sp1", Change, Ct);
        Assert.NotNull(await mail.SendAsync("Large before the patch", LargeMail, Ct));
    }

    private async Task PublishPatchAsync(StoryPeople people, StoryReleases releases, StoryTicket ticket)
    {
        await releases.PackPatchAsync(ticket.Number, Ct);
        await releases.PublishAsync(_node.Url, _node.Pin, await people.PublishTokenAsync(), patch: true, Ct);
        await ticket.HasFixAsync(StoryReleases.Patch, Ct);
        var digest = await releases.DigestAsync(StoryReleases.PatchName, Ct);
        await StoryDownloads.ShowEveryVersionAsync(people, ticket.Number);
        await StoryDownloads.ServeTheEntitledAsync(people, digest, Ct);
        await StoryDownloads.RefuseTheOthersAsync(people, digest);
    }

    private static async Task PatchAsync(StorySite site, CustomerMail mail)
    {
        await site.ApplyAsync(StoryReleases.Patch, Change, Ct);
        Assert.Null(await mail.SendAsync("Large with the patch", LargeMail, Ct));
        await mail.ReadAsync("Large with the patch", Ct);
        await site.RollBackAsync("1.0.0-sp1", Change, Ct);
        Assert.NotNull(await mail.SendAsync("Large without the patch", LargeMail, Ct));
        await site.ApplyAsync(StoryReleases.Patch, Change, Ct);
        Assert.Null(await mail.SendAsync("Large again", LargeMail, Ct));
        await mail.ReadAsync("Large again", Ct);
    }

    // The log is as it was written, and holds what was done; the node ends well while a site is still connected.
    private async Task StopAsync(StoryPeople people)
    {
        var log = await people.Lata.PageAsync("/audit/csv");
        foreach (var action in LoggedActions) Assert.Contains($"\"{action}\"", log, StringComparison.Ordinal);
        var verdict = Intact().Match(await _node.AuditAsync());
        Assert.True(verdict.Success);
        Assert.True(int.Parse(verdict.Groups[1].Value, CultureInfo.InvariantCulture) >= log.Count(c => c == '\n') - 1);
        Assert.Equal(ExitCode.Done, await _node.StopAsync());
        Assert.DoesNotContain("fail: ", _node.Log, StringComparison.Ordinal);
    }

    private Task ChapterAsync(string title, Func<Task> tell) => ChapterAsync(title, async () =>
    {
        await tell();
        return true;
    });

    private async Task<T> ChapterAsync<T>(string title, Func<Task<T>> tell)
    {
        var clock = Stopwatch.StartNew();
        var told = await tell();
        output.WriteLine($"{clock.Elapsed.TotalSeconds,4:0} s  {title}");
        return told;
    }

    [GeneratedRegex("^Intact: Audit log, ([0-9]+) entries\\.\nIntact: Tickets, 1 tickets\\.")]
    private static partial Regex Intact();
}
