using Mithi.Archive;
using Mithi.Cli;
using Mithi.Trust.Keys;
using Mithi.Trust.Repository;

namespace Mithi.Trust.Tests.Cli;

public sealed class SignCommandTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archive_is_signed_and_can_be_checked_with_stock_tools()
    {
        await FoundAsync();
        var archive = Pack("mail-server", "1.0.0", "hello");
        // As people write it: the archive right behind the keys.
        var result = await ReleaseTool.RunAsync("sign", "--repo", Repo, "--keys", _temp / "p.key", archive);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("Everything is signed.", result.Output);

        var releases = new ReleaseFolder(Repo, TimeProvider.System);
        var target = Assert.Single(releases.Targets());
        Assert.Equal("mail-server/1.0.0/mail-server-1.0.0.linux-x64.build.tar.zst", target.Path);
        Assert.Equal(TreeScan.Sha256(archive, Ct), target.Digests.Sha256);
        Assert.Contains("\"kind\":\"build\"", target.Custom);
        var key = KeyFile.LoadPublic(_temp / "p.pub").Key;
        var verified = await Proc.RunAsync("minisign", ["-V", "-P", Minisign.PublicKeyText(key), "-m", releases.PathOf(target)],
            new ProcOptions { DebianPackage = "minisign" }, Ct);
        Assert.True(verified.ExitCode == 0, verified.Error);

        // Signing again is nothing new: the same bytes, the same version.
        var before = releases.Role("mail-server")!.Bytes.ToArray();
        Assert.Equal(0, (await ReleaseTool.RunAsync("sign", "--repo", Repo, "--keys", _temp / "p.key", archive)).ExitCode);
        Assert.Equal(before, releases.Role("mail-server")!.Bytes.ToArray());

        result = await ReleaseTool.RunAsync("sign", "--repo", Repo, Pack("mail-server", "1.0.0-p1", "patched"), "--keys", _temp / "p.key");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(2, releases.Role("mail-server")!.Version);
        Assert.Equal(2, releases.Targets().Count);
    }

    [Fact]
    public async Task What_may_not_be_signed_is_refused_and_changes_nothing()
    {
        await FoundAsync();
        var archive = Pack("mail-server", "1.0.0", "hello");
        Assert.Equal(0, (await ReleaseTool.RunAsync("sign", "--repo", Repo, "--keys", _temp / "p.key", archive)).ExitCode);
        var before = await File.ReadAllBytesAsync(_temp / "releases/metadata/mail-server.json", Ct);

        await RefusedAsync("never changes", Pack("mail-server", "1.0.0", "other bytes"), "p");
        await RefusedAsync("Nobody may sign other yet", Pack("other", "1.0.0", "hello"), "p");
        await RefusedAsync("None of these keys may sign", Pack("mail-server", "1.0.1", "hello"), "t");
        var renamed = _temp / "mail-server-6.6.6.linux-x64.build.tar.zst";
        File.Copy(archive, renamed);
        await RefusedAsync("says inside", renamed, "p");
        await RefusedAsync("is not an archive's name", _temp / "p.tar.zst", "p");
        Assert.Equal(before, await File.ReadAllBytesAsync(_temp / "releases/metadata/mail-server.json", Ct));
    }

    private string Repo => _temp / "releases";

    private async Task RefusedAsync(string reason, string archive, string key)
    {
        if (!File.Exists(archive)) await File.WriteAllTextAsync(archive, "", Ct);
        var result = await ReleaseTool.RunAsync("sign", "--repo", Repo, "--keys", _temp / (key + ".key"), archive);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(reason, result.Error);
    }

    private async Task FoundAsync()
    {
        foreach (var name in new[] { "r1", "r2", "t", "p" })
            Assert.Equal(0, (await ReleaseTool.RunAsync("keys", "new", "--plain", "--name", name, "--out", _temp / (name + ".key"))).ExitCode);
        await File.WriteAllBytesAsync(_temp / "node.json", OnlineKeys.LoadOrCreate(_temp / "node-keys").Trust.ToBytes(), Ct);
        var result = await ReleaseTool.RunAsync("keys", "init", "--repo", Repo, "--root", _temp / "r1.pub", _temp / "r2.pub",
            "--targets", _temp / "t.pub", "--node", _temp / "node.json", "--product", "mail-server=" + _temp / "p.pub",
            "--keys", _temp / "r1.key", _temp / "r2.key", _temp / "t.key");
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private string Pack(string product, string version, string content)
    {
        var tree = Directory.CreateDirectory(_temp / $"tree-{Guid.NewGuid():n}").FullName;
        File.WriteAllText(Path.Join(tree, "file"), content);
        return ArchiveWriter.WriteFile(new Manifest
        {
            Product = product,
            Version = ReleaseVersion.Parse(version),
            Platform = "linux-x64",
            Kind = ArchiveKind.Build,
            Stamp = 1_750_000_000,
            Entries = TreeScan.Read(tree, ct: Ct),
        }, tree, tree + "-packed", null, Ct).Path;
    }

    public void Dispose() => _temp.Dispose();
}
