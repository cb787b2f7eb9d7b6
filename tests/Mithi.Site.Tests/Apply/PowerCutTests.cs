using Mithi.Archive;
using Mithi.Cli;
using Mithi.Site.Apply;
using Xunit;

namespace Mithi.Site.Tests.Apply;

/// <summary>What is on the disk when the power goes, at every point where that makes a difference: the old or the new version is whole, and a rerun completes.</summary>
public sealed class PowerCutTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly Server _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public Task An_update_survives_a_power_cut_at_every_point() => AtEveryPointAsync(sick: false, 18);

    [Fact]
    public Task Going_back_survives_a_power_cut_at_every_point() => AtEveryPointAsync(sick: true, 20);

    [Fact]
    public async Task A_rollback_survives_a_power_cut_at_every_point()
    {
        var build = _server.Pack("1.0.0");
        var patch = _server.Pack("1.0.0-p1", build);
        await _server.ApplyAsync(build);
        await _server.ApplyAsync(patch);
        var pictures = new Pictures(_server);
        await _server.Engine(pictures).RollbackAsync(null, Ct);
        Assert.True(pictures.Taken.Count >= 12, string.Join(", ", pictures.Taken));
        foreach (var (point, at) in pictures.All())
        {
            using var after = new Server(at);
            RequireWhole(after, point);
            await after.Engine().ResumeAsync(Ct);
            await after.Engine().RollbackAsync(V("1.0.0"), Ct);
            Assert.True(after.Current == "1.0.0", point);
            RequireClean(after, point);
        }
    }

    [Fact]
    public async Task A_first_installation_survives_a_power_cut_at_every_point()
    {
        var build = _server.Pack("1.0.0");
        var pictures = new Pictures(_server);
        await _server.Engine(pictures).ApplyAsync([build], null, Ct);
        foreach (var (point, at) in pictures.All())
        {
            using var after = new Server(at);
            Assert.True(after.Current is "none" or "1.0.0", point);
            RequireWhole(after, point);
            await after.ApplyAsync(build);
            Assert.True(after.Current == "1.0.0", point);
            RequireClean(after, point);
        }
    }

    [Fact]
    public async Task A_torn_line_of_the_journal_is_as_if_it_was_not_written()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        var whole = File.ReadAllBytes(_server.Product.JournalFile);
        var records = ApplyJournal.Read(_server.Product.JournalFile);
        var end = whole.AsSpan().IndexOf((byte)0);
        for (var length = 0; length < end; length++)
        {
            var torn = whole.ToArray();
            torn.AsSpan(length).Clear();
            File.WriteAllBytes(_server.Product.JournalFile, torn);
            var read = ApplyJournal.Read(_server.Product.JournalFile);
            Assert.Equal(records.Take(read.Count), read);
            Assert.Equal(whole.AsSpan(0, length).Count((byte)'\n'), read.Count);
        }
        File.WriteAllBytes(_server.Product.JournalFile, whole[..(end - 5)]);   // Torn, and the file's end with it.
        Assert.Equal("1.0.0", (await _server.Engine().ResumeAsync(Ct) as ApplyResult.Done)?.Version.ToString());
    }

    [Fact]
    public async Task A_full_journal_begins_anew_and_keeps_the_last_steps()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        using (var journal = ApplyJournal.Open(_server.Product.JournalFile, NoFault.Instance))
        {
            for (var i = 0; i < 450; i++) journal.Append(new(i, ApplyRecord.Apply, ApplyStep.Abandoned, V("1.0.0"), null, new string('x', 300)));
        }
        await _server.ApplyAsync(_server.Pack("1.0.0-p1", build));
        var records = ApplyJournal.Read(_server.Product.JournalFile);
        Assert.InRange(records.Count, 200, 300);
        Assert.Equal(ApplyStep.Committed, records[^1].Step);
        Assert.Equal(Site.Apply.Limits.JournalBytes, new FileInfo(_server.Product.JournalFile).Length);
    }

    // The real program, ended by the kernel: nothing of ours gets to tidy up.
    [Fact]
    public async Task A_kill_9_at_any_time_leaves_a_version_that_runs()
    {
        var build = _server.Pack("1.0.0", change: Plain);
        var patch = _server.Pack("1.0.0-p1", build, Plain);
        await SiteAsync("apply", build, "--sha256", TreeScan.Sha256(build, Ct));
        var sha256 = TreeScan.Sha256(patch, Ct);
        var killed = 0;
        for (var lines = 1; lines <= 7; lines++)
        {
            var before = ApplyJournal.Read(_server.Product.JournalFile).Count;
            await using (var site = Proc.Start(Program, ["apply", patch, "--sha256", sha256, "--root", _server["opt"]]))
            {
                while (!site.HasEnded && ApplyJournal.Read(_server.Product.JournalFile).Count < before + lines) await Task.Yield();
                if (!site.HasEnded) killed++;
                await site.KillAsync();
            }
            Assert.Contains(_server.Current, new[] { "1.0.0", "1.0.0-p1" });
            Assert.Empty(_server.Verify());
            await SiteAsync("resume");
            await SiteAsync("apply", patch, "--sha256", sha256);
            Assert.Equal("1.0.0-p1", _server.Current);
            Assert.Empty(_server.Verify());
            await SiteAsync("rollback");
            Directory.Delete(_server.Product.TreeOf(V("1.0.0-p1")), recursive: true);   // So that the next round makes it again.
        }
        Assert.True(killed >= 3, $"killed {killed} times");
    }

    private static string Program => Path.Join(AppContext.BaseDirectory, "mithi-site");

    private async Task SiteAsync(params string[] args) => await Proc.OutputAsync(Program, [.. args, "--root", _server["opt"]], null, Ct);

    // The program itself calls the real systemctl: a product without units and scripts of its own needs none.
    private static void Plain(string tree) => Server.Write(tree, "mithi/product.json", "{}");

    private async Task AtEveryPointAsync(bool sick, int pointsMin)
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        var patch = sick
            ? _server.PackSick("1.0.0-p1", build)
            : _server.Pack("1.0.0-p1", build, tree => Server.Write(tree, "etc/serve.conf", "port = 26\n"));
        var next = _server.Pack("1.0.0-p2", build);
        var pictures = new Pictures(_server);
        await _server.Engine(pictures).ApplyAsync([patch], null, Ct);
        Assert.True(pictures.Taken.Count >= pointsMin, string.Join(", ", pictures.Taken));

        foreach (var (point, at) in pictures.All())
        {
            using var after = new Server(at);
            RequireWhole(after, point);
            await after.Engine().ResumeAsync(Ct);
            RequireClean(after, point);
            Assert.False(Directory.Exists(after.Product.Staging), point);
            if (sick) Assert.True(after.Current == "1.0.0", point);
            else await after.ApplyAsync(patch);
            if (!sick) Assert.True(after.Current == "1.0.0-p1", point);
            Assert.Equal(sick ? "port = 25\n" : "port = 26\n", File.ReadAllText(Path.Join(after.Product.Config, "etc/serve.conf")));
            await after.ApplyAsync(next);
            Assert.True(after.Current == "1.0.0-p2", point);
            RequireClean(after, point);
        }
    }

    // Before anything is repaired: what `current` points to is a complete version.
    private static void RequireWhole(Server server, string point) => Assert.True(server.Verify().Count == 0, $"{point}: {string.Join(", ", server.Verify())}");

    private static void RequireClean(Server server, string point)
    {
        foreach (var version in server.Product.Installed())
            Assert.True(TreeCheck.Compare(server.Product.TreeOf(version), server.Product.ManifestOf(version)).Count == 0, $"{point}: {version}");
        Assert.True(ApplyJournal.Read(server.Product.JournalFile) is [.., { IsEnd: true }], point);
    }

    private static ReleaseVersion V(string text) => ReleaseVersion.Parse(text);

    // Copies the server at every point that the engine passes.
    private sealed class Pictures(Server server) : IFaultPoint
    {
        public List<string> Taken { get; } = [];

        public void Reached(string point)
        {
            var folder = Directory.CreateDirectory(server[$"picture-{Taken.Count}"]).FullName;
            server.CopyToAsync(folder).GetAwaiter().GetResult();
            Taken.Add(point);
        }

        public IEnumerable<(string Point, string Folder)> All() => Taken.Select((point, i) => ($"{i} {point}", server[$"picture-{i}"]));
    }
}
