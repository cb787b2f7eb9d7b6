using System.Net;
using System.Net.Sockets;
using Mithi.Cli;
using Mithi.Kernel.Data;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>A node that cannot start says why in one sentence and what to do in the next, with exit code 2, and changes nothing.</summary>
public sealed class RefusedStartTests : IDisposable
{
    private readonly TempFolder temp = new();

    private string Data => temp.File("data");

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        await RefusedAsync(["serve", "--data", Data, "--listen", address], address, "--listen");
    }

    [Fact]
    public async Task Two_nodes_never_work_in_one_folder()
    {
        await using var first = await PublishedNode.StartAsync(Data);
        await RefusedAsync(["serve", "--data", Data, "--listen", "http://127.0.0.1:0"], "Another mithi works", "Stop it first");
        Assert.Equal(200, (await first.GetAsync("/sign-in")).Status);
    }

    [Fact]
    public async Task A_read_only_folder_is_named()
    {
        await using var disk = await SmallDisk.MountAsync("size=64m");
        var data = Path.Join(disk.Path, "data");
        Assert.Equal(ExitCode.Done, (await PublishedNode.RunAsync("migrate", "--data", data)).ExitCode);
        await disk.RemountAsync("ro");
        await RefusedAsync(["serve", "--data", data], "Read-only file system", "read-only disk");
    }

    [Fact]
    public async Task A_folder_of_another_user_is_named()
    {
        await Proc.OutputAsync("chmod", ["755", temp.Path]);
        var result = await Proc.RunAsync("setpriv",
            ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all", PublishedNode.Program, "migrate", "--data", Data]);
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("cannot be written", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        await ChangeAsync("insert into schema_hash (name, sha256) values ('Mithi.Kernel/9999_future.sql', 'x')");
        await RefusedAsync(["serve", "--data", Data], "newer than this program", "newer mithi");
        await RefusedAsync(["person", "list", "--data", Data], "newer than this program", "newer mithi");
    }

    [Fact]
    public async Task A_step_that_changed_after_it_ran_is_named()
    {
        await ChangeAsync("update schema_hash set sha256 = 'x' where name = (select min(name) from schema_hash)");
        await RefusedAsync(["serve", "--data", Data], "has changed since it was run", "restore a backup");
    }

    [Fact]
    public async Task A_damaged_database_is_named()
    {
        Assert.Equal(ExitCode.Done, (await PublishedNode.RunAsync("migrate", "--data", Data)).ExitCode);
        File.WriteAllText(Path.Join(Data, "mithi.db"), new string('x', 8_192));
        await RefusedAsync(["serve", "--data", Data], "database is damaged", "mithi restore");
    }

    [Fact]
    public async Task A_PostgreSQL_that_does_not_answer_is_named()
    {
        // A port that somebody has and nobody listens on.
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)nobody.LocalEndPoint!).Port;
        await RefusedAsync(["serve", "--data", Data, "--postgres", $"Host=127.0.0.1;Port={port};Username=mithi;Database=mithi"],
            "PostgreSQL cannot be reached: Connection refused", "--postgres");
    }

    [Fact]
    public async Task A_command_for_a_node_that_is_not_there_makes_none()
    {
        await RefusedAsync(["audit", "verify", "--data", Data], "There is no node", "--data");
        Assert.False(Directory.Exists(Data));
    }

    [Theory]
    [InlineData("serve", "--listen", "ftp://127.0.0.1")]
    [InlineData("serve", "--listen", "nonsense")]
    [InlineData("serve", "--listen", "http://support.example.org:8480")]
    [InlineData("serve", "--bogus", "1")]
    [InlineData("person", "create", "--role", "King")]
    public async Task A_wrong_argument_is_explained(params string[] arguments)
        => Assert.Equal(ExitCode.Usage, (await PublishedNode.RunAsync([.. arguments, "--data", Data])).ExitCode);

    private async Task ChangeAsync(string sql)
    {
        Assert.Equal(ExitCode.Done, (await PublishedNode.RunAsync("migrate", "--data", Data)).ExitCode);
        await using var db = new Db(DbOptions.Sqlite(Path.Join(Data, "mithi.db")));
        await db.WriteAsync(tx => tx.ExecuteAsync(sql), CancellationToken.None);
    }

    private static async Task RefusedAsync(string[] arguments, string message, string hint)
    {
        var result = await PublishedNode.RunAsync(arguments);
        Assert.True(result.ExitCode == ExitCode.Usage, $"{result.ExitCode}: {result.Error}{result.Output}");
        Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);   // no stack for who reads two lines
        var lines = result.Error.TrimEnd().Split('\n');
        Assert.True(lines.Length == 2, result.Error);
        Assert.Contains(message, lines[0], StringComparison.Ordinal);
        Assert.Contains(hint, lines[1], StringComparison.Ordinal);
    }
}
