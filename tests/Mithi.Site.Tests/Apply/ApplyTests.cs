using Mithi.Archive;
using Mithi.Cli;
using Mithi.Site.Apply;
using Xunit;

namespace Mithi.Site.Tests.Apply;

public sealed class ApplyTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly Server _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_build_then_a_patch_then_back_then_forward_again()
    {
        var build = _server.Pack("1.0.0");
        var patch = _server.Pack("1.0.0-p1", build);
        Assert.Equal(new ApplyResult.Done(V("1.0.0"), null), await _server.ApplyAsync(build));
        Assert.Equal("version 1.0.0\n", File.ReadAllText(Path.Join(_server.Product.Current, "bin/serve")));

        Assert.Equal(new ApplyResult.Done(V("1.0.0-p1"), V("1.0.0")), await _server.ApplyAsync(patch));
        Assert.Equal("version 1.0.0-p1\n", File.ReadAllText(Path.Join(_server.Product.Current, "bin/serve")));
        Assert.Empty(_server.Verify());
        Assert.Equal(2u, Posix.LookAt(Path.Join(_server.Product.Current, "share/common"))!.Links);

        Assert.Equal(new ApplyResult.Done(V("1.0.0"), V("1.0.0-p1")), await _server.Engine().RollbackAsync(null, Ct));
        Assert.Equal("version 1.0.0\n", File.ReadAllText(Path.Join(_server.Product.Current, "bin/serve")));
        Assert.Equal(new ApplyResult.Done(V("1.0.0-p1"), V("1.0.0")), await _server.ApplyAsync(patch));

        Assert.Equal(["1.0.0 after ", "1.0.0-p1 after 1.0.0", "1.0.0 after 1.0.0-p1", "1.0.0-p1 after 1.0.0"], _server.Installs);
        Assert.Equal(4, File.ReadAllLines(_server["units.log"]).Count(line => line == "restart -- sample.service"));
        Assert.False(Directory.Exists(_server.Product.Staging));
    }

    [Fact]
    public async Task Several_archives_are_one_switch()
    {
        var build = _server.Pack("1.0.0");
        var pack = _server.Pack("1.0.0-sp1", build);
        var patch = _server.Pack("1.0.0-sp1-p1", pack);
        Assert.Equal(new ApplyResult.Done(V("1.0.0-sp1-p1"), null), await _server.ApplyAsync(build, pack, patch));
        Assert.Equal(["1.0.0-sp1-p1 after "], _server.Installs);
        Assert.Equal(["1.0.0", "1.0.0-sp1", "1.0.0-sp1-p1"], _server.Product.Installed().Select(version => version.ToString()));
    }

    [Fact]
    public async Task A_version_that_needs_the_machine_restarted_says_so()
    {
        await _server.ApplyAsync(_server.Pack("1.0.0", manifest: manifest => manifest with { Restarts = ["machine"] }));
        Assert.Contains("sample 1.0.0 asks for a restart of the machine.", _server.Said);
    }

    [Fact]
    public async Task The_same_again_is_nothing_to_do()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        Assert.Equal(new ApplyResult.NothingToDo(V("1.0.0")), await _server.ApplyAsync(build));
        Assert.Single(_server.Installs);
    }

    [Fact]
    public async Task A_sick_version_goes_back_by_itself()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        var result = Assert.IsType<ApplyResult.WentBack>(await _server.ApplyAsync(_server.PackSick("1.0.0-p1", build)));
        Assert.Equal("not healthy within 1 s: smtp does not answer", result.Reason);
        Assert.Equal("1.0.0", _server.Current);
        Assert.Equal(["1.0.0 after ", "1.0.0-p1 after 1.0.0", "1.0.0 after 1.0.0-p1"], _server.Installs);
        Assert.Empty(_server.Verify());
        Assert.Equal("WentBack", ProductStatus.Of(_server.Product).LastStep);

        // The repaired patch is applied over the same version afterwards.
        Assert.IsType<ApplyResult.Done>(await _server.ApplyAsync(_server.Pack("1.0.0-p2", build)));
    }

    [Fact]
    public async Task A_version_becomes_healthy_in_its_own_time()
    {
        var build = _server.Pack("1.0.0", change: tree =>
            Server.Write(tree, "mithi/health", $"#!/bin/sh\necho x >> {_server["asked"]}\n[ $(wc -l < {_server["asked"]}) -ge 2 ]\n", executable: true));
        Assert.IsType<ApplyResult.Done>(await _server.ApplyAsync(build));
        Assert.Equal(2, File.ReadAllLines(_server["asked"]).Length);
    }

    [Fact]
    public async Task A_hanging_health_check_is_sick()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        var hanging = _server.Pack("1.0.0-p1", build, tree => Server.Write(tree, "mithi/health", "#!/bin/sh\nsleep 600\n", executable: true));
        Assert.Contains("did not answer", Assert.IsType<ApplyResult.WentBack>(await _server.ApplyAsync(hanging)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_install_script_goes_back_with_its_words()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        var broken = _server.Pack("1.0.0-p1", build, tree => Server.Write(tree, "mithi/install", "#!/bin/sh\necho no such user >&2\nexit 3\n", executable: true));
        Assert.EndsWith("ended with 3: no such user", Assert.IsType<ApplyResult.WentBack>(await _server.ApplyAsync(broken)).Reason, StringComparison.Ordinal);
        Assert.Equal("1.0.0", _server.Current);
    }

    [Fact]
    public async Task A_unit_that_does_not_start_goes_back()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        _server.Script("systemctl", "[ -e $0.once ] && exit 0; touch $0.once; echo sample.service failed >&2; exit 1");
        var result = Assert.IsType<ApplyResult.WentBack>(await _server.ApplyAsync(_server.Pack("1.0.0-p1", build)));
        Assert.Contains("sample.service failed", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_version_that_is_sick_leaves_none()
    {
        var sick = _server.Pack("1.0.0", change: tree => Server.Write(tree, "mithi/health", "#!/bin/sh\nexit 1\n", executable: true));
        Assert.IsType<ApplyResult.WentBack>(await _server.ApplyAsync(sick));
        Assert.Equal("none", _server.Current);
    }

    [Fact]
    public async Task A_rollback_stays_even_if_sick()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        await _server.ApplyAsync(_server.Pack("1.0.0-p1", build));
        Assert.IsType<ApplyResult.Done>(await _server.Engine().RollbackAsync(V("1.0.0"), Ct));

        await _server.Engine().RollbackAsync(V("1.0.0-p1"), Ct);
        _server.Script("systemctl", "exit 1");
        Assert.IsType<ApplyResult.Unhealthy>(await _server.Engine().RollbackAsync(null, Ct));
        Assert.Equal("1.0.0", _server.Current);
    }

    [Fact]
    public async Task A_rollback_that_is_stopped_in_the_middle_is_no_rollback_until_it_was_taken_up()
    {
        var build = _server.Pack("1.0.0", change: tree => Server.Write(tree, "mithi/install",
            $"#!/bin/sh\necho \"$MITHI_VERSION after $MITHI_PREVIOUS\" >> {_server["installs.log"]}\n[ ! -e {_server["hold"]} ] || {{ echo holding; sleep 600; }}\n",
            executable: true));
        await _server.ApplyAsync(build);
        await _server.ApplyAsync(_server.Pack("1.0.0-p1", build));
        File.WriteAllText(_server["hold"], "");
        var restarts = File.ReadAllLines(_server["units.log"]).Length;

        // Once by the call itself, once more by the start that takes it up: as often as somebody stops the agent.
        foreach (var again in (bool[])[false, true])
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var engine = new ApplyEngine(_server.Product, _server.Host with { Say = line => { if (line == "holding") stop.Cancel(); } });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => again ? engine.ResumeAsync(stop.Token) : engine.RollbackAsync(null, stop.Token));
            Assert.Equal("1.0.0", ProductStatus.Of(_server.Product).Interrupted);
        }
        File.Delete(_server["hold"]);
        Assert.Equal(new ApplyResult.Done(V("1.0.0"), V("1.0.0-p1")), await _server.Engine().ResumeAsync(Ct));
        Assert.Equal("1.0.0", _server.Current);
        Assert.Equal(restarts + 1, File.ReadAllLines(_server["units.log"]).Length);
        Assert.Equal(new ApplyResult.NothingToDo(V("1.0.0")), await _server.Engine().ResumeAsync(Ct));
    }

    [Fact]
    public async Task Only_the_last_versions_and_what_they_lean_on_are_kept()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        for (var i = 1; i <= 4; i++) await _server.ApplyAsync(_server.Pack($"1.0.0-p{i}", build));
        Assert.Equal(["1.0.0", "1.0.0-p3", "1.0.0-p4"], Directory.GetDirectories(_server.Product.Versions).Select(Path.GetFileName).Order());
        Assert.Empty(_server.Verify());
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_and_nothing_changes()
    {
        var build = _server.Pack("1.0.0");
        var patch = _server.Pack("1.0.0-p1", build);
        Assert.Equal(ArchiveFault.BaseMismatch, (await Assert.ThrowsAsync<ArchiveException>(() => _server.ApplyAsync(patch))).Fault);
        await _server.ApplyAsync(build);
        await _server.ApplyAsync(patch);

        Assert.Contains("is older", (await Assert.ThrowsAsync<UserException>(() => _server.ApplyAsync(build))).Message, StringComparison.Ordinal);
        var requires = _server.Pack("1.0.0-p3", build, manifest: m => m with { Requires = ["1.0.0-p2"] });
        Assert.Contains("requires 1.0.0-p2", (await Assert.ThrowsAsync<UserException>(() => _server.ApplyAsync(requires))).Message, StringComparison.Ordinal);
        var conflicts = _server.Pack("1.0.0-p4", build, manifest: m => m with { Conflicts = ["1.0.0-p1"] });
        Assert.Contains("can't be applied on 1.0.0-p1", (await Assert.ThrowsAsync<UserException>(() => _server.ApplyAsync(conflicts))).Message, StringComparison.Ordinal);
        var newer = _server.Pack("1.0.0-p5", build, manifest: m => m with { MinimumInstaller = "99.0.0" });
        Assert.Contains("needs mithi-site 99.0.0", (await Assert.ThrowsAsync<UserException>(() => _server.ApplyAsync(newer))).Message, StringComparison.Ordinal);
        var other = _server.Pack("1.0.0", change: tree => Server.Write(tree, "share/common", "another build of the same version"));
        var patchOfOther = _server.Pack("1.0.0-p6", other);
        Assert.Equal(ArchiveFault.BaseMismatch, (await Assert.ThrowsAsync<ArchiveException>(() => _server.ApplyAsync(patchOfOther))).Fault);

        Assert.Equal("1.0.0-p1", _server.Current);
        Assert.Equal(["1.0.0", "1.0.0-p1"], _server.Product.Installed().Select(version => version.ToString()));
        Assert.Equal(2, _server.Installs.Length);
        Assert.False(Directory.Exists(_server.Product.Staging));
    }

    [Fact]
    public async Task A_broken_archive_is_refused_and_nothing_changes()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        var patch = _server.Pack("1.0.0-p1", build);
        var bytes = File.ReadAllBytes(patch);
        for (var length = 0; length < bytes.Length; length += 131)
        {
            File.WriteAllBytes(patch, bytes[..length]);
            await Assert.ThrowsAsync<ArchiveException>(() => _server.ApplyAsync(patch));
        }
        Assert.Equal("1.0.0", _server.Current);
        Assert.Empty(_server.Verify());
        Assert.Equal(["1.0.0"], Directory.GetDirectories(_server.Product.Versions).Select(Path.GetFileName));
        File.WriteAllBytes(patch, bytes);
        Assert.IsType<ApplyResult.Done>(await _server.ApplyAsync(patch));
    }

    [Fact]
    public async Task A_base_with_a_changed_file_is_refused_and_named()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        File.WriteAllText(Path.Join(_server.Product.Current, "share/common"), new string('C', 50_000));   // Same size.
        var e = await Assert.ThrowsAsync<ArchiveException>(() => _server.ApplyAsync(_server.Pack("1.0.0-p1", build)));
        Assert.Equal((ArchiveFault.BaseMismatch, "share/common"), (e.Fault, e.EntryPath));
        Assert.Equal([new TreeDifference("share/common", TreeFault.WrongContent)], _server.Verify());
        Assert.Equal("1.0.0", _server.Current);
    }

    [Theory]
    [InlineData("""{ "units": ["../../evil.service"] }""")]
    [InlineData("""{ "units": ["--root=/x"] }""")]
    [InlineData("""{ "units": [null] }""")]
    [InlineData("""{ "install": "../../bin/sh" }""")]
    [InlineData("""{ "install": "/bin/sh" }""")]
    [InlineData("""{ "health": "share/common" }""")]
    [InlineData("""{ "healthSeconds": 100000 }""")]
    [InlineData("""{ "helth": "mithi/health" }""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_contract_that_asks_for_something_else_is_refused(string contract)
    {
        var build = _server.Pack("1.0.0", change: tree => Server.Write(tree, "mithi/product.json", contract));
        var e = await Assert.ThrowsAsync<ArchiveException>(() => _server.ApplyAsync(build));
        Assert.Equal("mithi/product.json", e.EntryPath);
        Assert.Equal("none", _server.Current);
        Assert.Empty(_server.Installs);
    }

    [Fact]
    public async Task Two_updates_at_once_are_one()
    {
        var build = _server.Pack("1.0.0");
        using (_server.Product.Lock())
            Assert.StartsWith("Another update of sample", (await Assert.ThrowsAsync<UserException>(() => _server.ApplyAsync(build))).Message, StringComparison.Ordinal);
        Assert.IsType<ApplyResult.Done>(await _server.ApplyAsync(build));
    }

    private static ReleaseVersion V(string text) => ReleaseVersion.Parse(text);
}
