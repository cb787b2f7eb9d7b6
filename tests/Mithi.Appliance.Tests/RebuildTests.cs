using System.CommandLine;
using Mithi.Appliance.Commands;
using Mithi.Cli;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>What is derived can be made again, and what it is derived from is checked first.</summary>
public sealed class RebuildTests : IDisposable
{
    private readonly TempFolder temp = new();

    private string Copy => temp.File("copy");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task Rows_and_search_come_back_from_the_logs()
    {
        await CopyOfAHouseAsync();
        var before = await CountsAsync();
        await SqlAsync("update ticket set subject = 'wrong'", "delete from ticket_message", "delete from search_document");
        Assert.Equal(ExitCode.Done, await RunAsync("rebuild", "--data", Copy));
        Assert.Equal(before, await CountsAsync());
        Assert.Equal(ExitCode.Done, await RunAsync("audit", "verify", "--data", Copy));
    }

    [Fact]
    public async Task A_changed_log_is_named_and_nothing_is_made_of_it_unless_somebody_insists()
    {
        await CopyOfAHouseAsync();
        await SqlAsync("update ticket_event set body = 'Never mind.' where ticket_id = 1 and seq = 1");
        Assert.Equal(ExitCode.Failed, await RunAsync("audit", "verify", "--data", Copy));
        Assert.Equal(ExitCode.Usage, await RunAsync("rebuild", "--data", Copy));
        Assert.Equal(ExitCode.Done, await RunAsync("rebuild", "--force", "--data", Copy));
    }

    [Fact]
    public async Task A_running_node_is_left_alone()
    {
        await using var house = await TestAppliance.StartAsync();
        Assert.Equal(ExitCode.Usage, await RunAsync("rebuild", "--data", house.Folder.Root));
        Assert.Equal(ExitCode.Done, await RunAsync("audit", "verify", "--data", house.Folder.Root));
    }

    [Fact]
    public async Task A_restored_node_has_its_installation_medium_too()
    {
        await CopyOfAHouseAsync();
        Assert.Equal("an image", await File.ReadAllTextAsync(Path.Join(Copy, "media", "medium.iso"), Ct));
    }

    /// <summary>A node with two tickets, backed up while it runs and restored.</summary>
    private async Task CopyOfAHouseAsync()
    {
        await using var house = await TestAppliance.StartAsync();
        Directory.CreateDirectory(house.Folder.Media);
        await File.WriteAllTextAsync(Path.Join(house.Folder.Media, "medium.iso"), "an image", Ct);
        using var customer = await house.SignInAsync(Role.CustomerUser, await house.OrganisationAsync("Customer", "Acme"));
        foreach (var subject in new[] { "Mail is slow", "Mail is gone" })
        {
            using var opened = await customer.PostAsync("/tickets/new", new Dictionary<string, string>
            {
                ["subject"] = subject, ["kind"] = "Incident", ["priority"] = "P3", ["product"] = "", ["version"] = "", ["body"] = "Since Monday.",
            });
            Assert.Equal(303, (int)opened.StatusCode);
        }
        Assert.Equal(ExitCode.Done, await RunAsync("backup", "--data", house.Folder.Root, "--to", temp.File("node.tar.zst")));
        Assert.Equal(ExitCode.Done, await RunAsync("restore", temp.File("node.tar.zst"), "--data", Copy));
    }

    private async Task<string> CountsAsync()
    {
        await using var db = new Db(DbOptions.Sqlite(Path.Join(Copy, "mithi.db")));
        var rows = await db.ReadAsync(tx => tx.QueryAsync<string>("""
            select kind || ' ' || count(*) from search_document group by kind
            union all select subject from ticket union all select 'messages ' || count(*) from ticket_message order by 1
            """), Ct);
        return string.Join('\n', rows);
    }

    private async Task SqlAsync(params string[] statements)
    {
        await using var db = new Db(DbOptions.Sqlite(Path.Join(Copy, "mithi.db")));
        await db.WriteAsync(async tx =>
        {
            foreach (var sql in statements) await tx.ExecuteAsync(sql);
        }, Ct);
    }

    private static Task<int> RunAsync(params string[] args) => CommandLine.RunAsync(
        new RootCommand { RebuildCommand.Build(), AuditCommand.Build(), BackupCommand.Build(), RestoreCommand.Build() }, args);
}
