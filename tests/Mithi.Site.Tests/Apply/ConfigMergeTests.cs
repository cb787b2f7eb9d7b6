using Mithi.Site.Apply;
using Xunit;

namespace Mithi.Site.Tests.Apply;

public sealed class ConfigMergeTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly Server _server = new();

    private string Local => Path.Join(_server.Product.Config, "etc/serve.conf");

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_file_that_nobody_edited_follows_the_version_and_back()
    {
        var build = await InstalledAsync();
        Assert.Equal("port = 25\n", File.ReadAllText(Local));
        await _server.ApplyAsync(Changed("1.0.0-p1", build));
        Assert.Equal("port = 26\n", File.ReadAllText(Local));
        Assert.Equal([Local], Directory.GetFiles(Path.GetDirectoryName(Local)!));
        await _server.Engine().RollbackAsync(null, Ct);
        Assert.Equal("port = 25\n", File.ReadAllText(Local));
    }

    [Fact]
    public async Task An_edit_stays_and_nothing_is_said_when_the_version_did_not_change_it()
    {
        var build = await InstalledAsync();
        File.WriteAllText(Local, "port = 2525\n");
        await _server.ApplyAsync(_server.Pack("1.0.0-p1", build));
        Assert.Equal("port = 2525\n", File.ReadAllText(Local));
        Assert.False(File.Exists(Local + ".new"));
        Assert.Empty(_server.Verify());
    }

    [Fact]
    public async Task An_edit_stays_and_the_shipped_one_is_laid_beside_it_when_both_changed()
    {
        var build = await InstalledAsync();
        File.WriteAllText(Local, "port = 2525\n");
        await _server.ApplyAsync(Changed("1.0.0-p1", build));
        Assert.Equal("port = 2525\n", File.ReadAllText(Local));
        Assert.Equal("port = 26\n", File.ReadAllText(Local + ".new"));
        Assert.Contains(_server.Said, line => line.Contains("etc/serve.conf was edited here and changed in 1.0.0-p1", StringComparison.Ordinal));

        await _server.Engine().RollbackAsync(null, Ct);
        Assert.Equal("port = 2525\n", File.ReadAllText(Local));
    }

    // It belongs into config/, but whoever does it in the tree all the same must not be cut off from updates and from the way back.
    [Fact]
    public async Task A_config_file_edited_in_the_tree_stops_no_update_and_no_way_back()
    {
        var build = await InstalledAsync();
        File.WriteAllText(Path.Join(_server.Product.Current, "etc/serve.conf"), "port = 2525 # in the wrong place\n");
        Assert.IsType<ApplyResult.Done>(await _server.ApplyAsync(_server.Pack("1.0.0-p1", build)));
        Assert.Empty(_server.Verify());
        Assert.IsType<ApplyResult.Done>(await _server.Engine().RollbackAsync(null, Ct));
    }

    [Fact]
    public async Task A_sick_version_leaves_the_config_as_it_was()
    {
        var build = await InstalledAsync();
        var sick = _server.Pack("1.0.0-p1", build, tree =>
        {
            Server.Write(tree, "etc/serve.conf", "port = 26\n");
            Server.Write(tree, "etc/added.conf", "x\n");
            Server.Write(tree, "mithi/health", "#!/bin/sh\nexit 1\n", executable: true);
        });
        Assert.IsType<ApplyResult.WentBack>(await _server.ApplyAsync(sick));
        Assert.Equal("port = 25\n", File.ReadAllText(Local));
        Assert.Equal([Local], Directory.GetFiles(Path.GetDirectoryName(Local)!));
    }

    [Fact]
    public async Task A_file_that_is_no_longer_shipped_goes_unless_it_was_edited()
    {
        var build = _server.Pack("1.0.0", change: tree => Server.Write(tree, "etc/other.conf", "y\n"));
        await _server.ApplyAsync(build);
        File.WriteAllText(Local, "mine\n");
        await _server.ApplyAsync(_server.Pack("1.0.0-p1", build, tree => File.Delete(Path.Join(tree, "etc/serve.conf"))));
        Assert.Equal("mine\n", File.ReadAllText(Local));
        Assert.False(File.Exists(Path.Join(_server.Product.Config, "etc/other.conf")));
    }

    private async Task<string> InstalledAsync()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        return build;
    }

    private string Changed(string version, string build)
        => _server.Pack(version, build, tree => Server.Write(tree, "etc/serve.conf", "port = 26\n"));
}
