using Mithi.Cli;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>The shipped file on a machine that has nothing else.</summary>
public sealed class PublishedFileTests
{
    [Fact]
    public void The_program_is_one_file()
        => Assert.Equal([PublishedNode.Program], Directory.GetFileSystemEntries(Path.GetDirectoryName(PublishedNode.Program)!));

    [Fact]
    public async Task It_runs_without_any_environment_and_loads_nothing_from_outside_its_data_folder()
    {
        using var temp = new TempFolder();
        var data = temp.File("data");
        await using var node = await PublishedNode.StartAsync(data, new() { CleanEnvironment = true, WorkingDirectory = temp.Path });
        Assert.Equal(200, (await node.GetAsync("/sign-in")).Status);
        var libraries = File.ReadLines($"/proc/{node.Id}/maps").Select(l => l[(l.LastIndexOf(' ') + 1)..])
            .Where(f => f.EndsWith(".so", StringComparison.Ordinal)).Distinct().ToArray();
        Assert.All(libraries.Where(l => !l.StartsWith("/usr/lib/", StringComparison.Ordinal) && !l.StartsWith("/lib/", StringComparison.Ordinal)),
            l => Assert.StartsWith(Path.Join(data, "native"), l, StringComparison.Ordinal));
        Assert.Contains(libraries, l => l.EndsWith("/libe_sqlite3.so", StringComparison.Ordinal));
        Assert.Contains(libraries, l => l.Contains("/libgit2", StringComparison.Ordinal));
        Assert.Equal(["data"], Directory.GetFileSystemEntries(temp.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Another_user_runs_it_in_a_folder_of_his_own()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp.File("data"));
        await Proc.OutputAsync("chmod", ["755", temp.Path]);
        await Proc.OutputAsync("chown", ["nobody", temp.File("data")]);
        await using var node = await PublishedNode.StartAsync(temp.File("data"), new() { CleanEnvironment = true, WorkingDirectory = "/" },
            before: ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all"]);
        Assert.Equal(200, (await node.GetAsync("/sign-in")).Status);
        // Nobody but him and the administrator sees the node's keys.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(temp.File("data/keys")));
    }

    [Fact]
    public async Task A_damaged_library_is_unpacked_again_and_those_of_other_versions_go()
    {
        using var temp = new TempFolder();
        var data = temp.File("data");
        Assert.Equal(ExitCode.Done, (await PublishedNode.RunAsync("migrate", "--data", data)).ExitCode);
        var library = Directory.GetFiles(Path.Join(data, "native"), "libe_sqlite3.so", SearchOption.AllDirectories).Single();
        File.WriteAllBytes(library, [0x7f]);
        var old = Directory.CreateDirectory(Path.Join(data, "native", "of-another-version")).FullName;

        var again = await PublishedNode.RunAsync("migrate", "--data", data);
        Assert.Equal((ExitCode.Done, "The database is up to date.\n"), (again.ExitCode, again.Output));
        Assert.False(Directory.Exists(old));
    }

    [Fact]
    public async Task A_data_folder_on_a_disk_without_programs_is_named()
    {
        await using var disk = await SmallDisk.MountAsync("size=64m,noexec");
        var result = await PublishedNode.RunAsync("migrate", "--data", Path.Join(disk.Path, "data"));
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("noexec", result.Error, StringComparison.Ordinal);
    }
}
