using System.CommandLine;
using System.Text.Json;
using Mithi.Archive;
using Mithi.Cli;
using Mithi.Site.Apply;
using Mithi.Trust.Keys;
using Mithi.Trust.Repository;
using Xunit;

namespace Mithi.Site.Tests.Apply;

/// <summary>The commands as an operator types them; the product has neither units nor scripts, so the real systemctl is not asked.</summary>
public sealed class ApplyCommandsTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly Server _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task An_operator_goes_forward_looks_and_goes_back()
    {
        var build = _server.Pack("1.0.0", change: Plain);
        var patch = _server.Pack("1.0.0-p1", build, Plain);
        Assert.Equal((0, "sample 1.0.0 runs.\n"), await RunAsync("apply", build, "--sha256", TreeScan.Sha256(build, Ct)));
        Assert.Equal((0, "sample 1.0.0-p1 runs; before it was 1.0.0.\n"), await RunAsync("apply", patch, "--sha256", TreeScan.Sha256(patch, Ct)));
        Assert.Equal((0, "Nothing to do: sample 1.0.0-p1 runs.\n"), await RunAsync("apply", patch, "--sha256", TreeScan.Sha256(patch, Ct)));
        Assert.Equal((0, "sample 1.0.0-p1 is clean.\n"), await RunAsync("verify"));
        using (var status = JsonDocument.Parse((await RunAsync("status", "--json")).Output))
        {
            var sample = status.RootElement[0];
            Assert.Equal(("sample", "1.0.0-p1", "Committed"), (sample.GetProperty("product").GetString(), sample.GetProperty("current").GetString(), sample.GetProperty("lastStep").GetString()));
        }
        Assert.Equal((0, "sample 1.0.0 runs; before it was 1.0.0-p1.\n"), await RunAsync("rollback"));
        Assert.StartsWith("sample 1.0.0\n  installed    1.0.0, 1.0.0-p1\n", (await RunAsync("status")).Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), await RunAsync("resume"));

        File.WriteAllText(Path.Join(_server.Product.Current, "bin/serve"), "edited\n");
        Assert.Equal((1, "WrongSize     bin/serve\nsample 1.0.0 has 1 differences.\n"), await RunAsync("verify"));
    }

    [Fact]
    public async Task A_sick_version_is_told_with_its_reason()
    {
        var build = _server.Pack("1.0.0", change: Plain);
        await RunAsync("apply", build, "--sha256", TreeScan.Sha256(build, Ct));
        var sick = _server.Pack("1.0.0-p1", build, tree =>
        {
            Server.Write(tree, "mithi/product.json", """{ "health": "mithi/health", "healthSeconds": 1 }""");
            Server.Write(tree, "mithi/health", "#!/bin/sh\necho no answer on port 25\nexit 1\n", executable: true);
        });
        Assert.Equal((1, "sample 1.0.0-p1 failed: not healthy within 1 s: no answer on port 25\n1.0.0 runs again.\n"),
            await RunAsync("apply", sick, "--sha256", TreeScan.Sha256(sick, Ct)));
    }

    [Fact]
    public async Task A_lone_archive_needs_its_digest()
    {
        var build = _server.Pack("1.0.0", change: Plain);
        Assert.Equal(2, (await RunAsync("apply", build)).Code);
        Assert.Equal(2, (await RunAsync("apply", build, "--sha256", new string('0', 64))).Code);
        Assert.Equal(2, (await RunAsync("apply", _server["none"])).Code);
        Assert.Equal(2, (await RunAsync("verify")).Code);
        Assert.Equal(2, (await RunAsync("rollback")).Code);
        Assert.Equal("none", _server.Current);
    }

    [Fact]
    public async Task A_stick_leads_to_a_version_over_what_it_leans_on()
    {
        var build = _server.Pack("1.0.0", change: Plain);
        var pack = _server.Pack("1.0.0-sp1", build, Plain);
        var patch = _server.Pack("1.0.0-sp1-p1", pack, Plain);
        await StickAsync(build, pack, patch);
        Assert.Equal((0, "sample 1.0.0-sp1-p1 runs.\n"), await FromStickAsync("1.0.0-sp1-p1"));
        Assert.Equal(["1.0.0", "1.0.0-sp1", "1.0.0-sp1-p1"], _server.Product.Installed().Select(version => version.ToString()));
        Assert.Empty(_server.Verify());
        Assert.False(Directory.Exists(Path.Join(_server.Product.Folder, "fetched")));
        Assert.Equal(2, (await FromStickAsync("2.0.0")).Code);
    }

    [Fact]
    public async Task A_stick_that_was_tampered_with_changes_nothing()
    {
        var build = _server.Pack("1.0.0", change: Plain);
        await StickAsync(build);
        var archive = Directory.GetFiles(_server["stick/targets/sample/1.0.0"]).Single();
        var bytes = await File.ReadAllBytesAsync(archive, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(archive, bytes, Ct);
        Assert.Equal(1, (await FromStickAsync("1.0.0")).Code);
        Assert.Equal("none", _server.Current);
        Assert.Empty(_server.Product.Installed());
    }

    [Fact]
    public async Task A_stick_of_somebody_else_changes_nothing()
    {
        var build = _server.Pack("1.0.0", change: Plain);
        await StickAsync(build);
        File.Delete(_server["trust/root.json"]);
        Assert.Equal(2, (await FromStickAsync("1.0.0")).Code);
        await StickAsync(build);
        var theirs = await File.ReadAllBytesAsync(_server["trust/root.json"], Ct);
        await StickAsync(build);
        await File.WriteAllBytesAsync(_server["trust/root.json"], theirs, Ct);
        Assert.Equal(1, (await FromStickAsync("1.0.0")).Code);
        Assert.Equal("none", _server.Current);
    }

    private static void Plain(string tree) => Server.Write(tree, "mithi/product.json", "{}");

    private Task<(int Code, string Output)> FromStickAsync(string version)
        => RunAsync("apply", _server["stick"], "--product", "sample", "--version", version, "--trust", _server["trust"]);

    private async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        var root = new RootCommand("test");
        foreach (var command in ApplyCommands.Build()) root.Subcommands.Add(command);
        var output = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(root, [.. args, "--root", _server["opt"]], TextWriter.Null, output);
        return (code, output.ToString());
    }

    // What a node publishes, in a folder, with keys of its own each time.
    private async Task StickAsync(params string[] archives)
    {
        foreach (var folder in new[] { "stick", "trust", "releases", "online" })
        {
            if (Directory.Exists(_server[folder])) Directory.Delete(_server[folder], recursive: true);
        }
        var key = SigningKey.Generate();
        var online = OnlineKeys.LoadOrCreate(_server["online"]);
        var releases = new ReleaseFolder(_server["releases"], TimeProvider.System);
        var keys = new RoleKeys(1, [key.Public]);
        releases.StageRoot(_ => new Dictionary<string, RoleKeys>
        {
            ["root"] = keys,
            ["targets"] = keys,
            ["snapshot"] = new(1, [online.Trust.Snapshot]),
            ["timestamp"] = new(1, [online.Trust.Timestamp]),
        });
        releases.StageTargets(_ => new Dictionary<string, RoleKeys> { ["sample"] = keys });
        foreach (var archive in archives)
        {
            var name = ArchiveName.TryParse(Path.GetFileName(archive))!;
            var target = await releases.AddArchiveAsync(name.Product, name.Version.ToString(), archive, null, Ct);
            var folder = Directory.CreateDirectory(_server[$"stick/targets/{name.Product}/{name.Version}"]).FullName;
            File.Copy(archive, Path.Join(folder, $"{target.Digests.First}.{name}"));
        }
        releases.Sign([key]);
        var publication = await new RepositoryCheck(online, TimeProvider.System).AcceptAsync(null, releases.Proposal(), Ct);
        publication.WriteTo(_server["stick/metadata"]);
        Directory.CreateDirectory(_server["trust"]);
        File.Copy(_server["releases/metadata/1.root.json"], _server["trust/root.json"]);
    }
}
