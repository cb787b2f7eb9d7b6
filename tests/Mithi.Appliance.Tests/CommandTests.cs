using Mithi.Cli;
using Mithi.Kernel.Data;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>The verbs that work beside a running node.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TempFolder temp = new();

    private string Data => temp.File("data");

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task Version_is_one_line() => Assert.Equal("mithi 1.0.0\n", (await PublishedNode.RunAsync("version")).Require());

    [Fact]
    public async Task A_person_is_made_shut_out_and_let_in_while_the_node_runs()
    {
        await using var node = await PublishedNode.StartAsync(Data);
        (await PublishedNode.RunAsync("migrate", "--data", temp.File("elsewhere"))).Require();
        var link = (await PersonAsync("create", "ravi@vendor.test", "--organisation", "Vendor", "--role", "Administrator", "--name", "Ravi",
            "--public-url", node.Url.ToString())).Require().Trim();
        Assert.StartsWith(node.Url.GetLeftPart(UriPartial.Authority), link, StringComparison.Ordinal);
        Assert.Equal(200, (await node.GetAsync(new Uri(link).AbsolutePath)).Status);

        Assert.Equal(ExitCode.Usage, (await PersonAsync("disable", "ravi@vendor.test")).ExitCode);   // the last administrator
        (await PersonAsync("create", "asha@vendor.test", "--organisation", "Vendor", "--role", "Administrator", "--name", "Asha")).Require();
        (await PersonAsync("disable", "ravi@vendor.test")).Require();
        Assert.Contains("ravi@vendor.test  Administrator  Vendor  Ravi  (shut out)\n", (await PersonAsync("list")).Require(), StringComparison.Ordinal);
        (await PersonAsync("enable", "ravi@vendor.test")).Require();
        Assert.Contains("/", (await PersonAsync("reset", "ravi@vendor.test", "--second-step-off")).Require(), StringComparison.Ordinal);

        var nobody = await PersonAsync("reset", "nobody@vendor.test");
        Assert.Equal(ExitCode.Usage, nobody.ExitCode);
        Assert.Contains("Nobody has the address", nobody.Error, StringComparison.Ordinal);
        Assert.StartsWith("Intact: ", (await PublishedNode.RunAsync("audit", "verify", "--data", Data)).Require(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_command_writes_is_its_users_alone()
    {
        (await PublishedNode.RunAsync("migrate", "--data", Data)).Require();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
        foreach (var path in Directory.EnumerateFileSystemEntries(Data, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & (UnixFileMode)0x3F);
    }

    [Fact]
    public async Task A_changed_entry_of_the_log_is_found()
    {
        (await PublishedNode.RunAsync("migrate", "--data", Data)).Require();
        (await PersonAsync("create", "asha@vendor.test", "--organisation", "Vendor", "--role", "Administrator", "--name", "Asha")).Require();
        await using (var db = new Db(DbOptions.Sqlite(Path.Join(Data, "mithi.db"))))
            await db.WriteAsync(tx => tx.ExecuteAsync("update audit set detail = 'somebody else' where id = 1"), CancellationToken.None);
        var verdict = await PublishedNode.RunAsync("audit", "verify", "--data", Data);
        Assert.Equal((ExitCode.Failed, "Changed: Audit log: Entry 1 is not as it was written.\nIntact: Tickets, 0 tickets.\n"), (verdict.ExitCode, verdict.Output));
    }

    [Fact]
    public async Task A_backup_made_while_the_node_runs_becomes_the_same_node_elsewhere()
    {
        var (file, other) = (temp.File("node.tar.zst"), temp.File("other"));
        await using (var node = await PublishedNode.StartAsync(Data))
        {
            (await PersonAsync("create", "asha@vendor.test", "--organisation", "Vendor", "--role", "Administrator", "--name", "Asha")).Require();
            (await PublishedNode.RunAsync("backup", "--data", Data, "--to", file)).Require();
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
        (await PublishedNode.RunAsync("restore", file, "--data", other)).Require();
        Assert.Contains("asha@vendor.test", (await PublishedNode.RunAsync("person", "list", "--data", other)).Require(), StringComparison.Ordinal);
        Assert.StartsWith("Intact: ", (await PublishedNode.RunAsync("audit", "verify", "--data", other)).Require(), StringComparison.Ordinal);
        var doctor = await PublishedNode.RunAsync("doctor", "--data", other);
        Assert.True(doctor.ExitCode == ExitCode.Done, doctor.Output + doctor.Error);
        await using var restored = await PublishedNode.StartAsync(other);
        Assert.Equal(200, (await restored.GetAsync("/sign-in")).Status);

        var onto = await PublishedNode.RunAsync("restore", file, "--data", other);
        Assert.Equal(ExitCode.Usage, onto.ExitCode);
        Assert.Contains("is not empty", onto.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_that_is_cut_off_makes_no_node()
    {
        (await PublishedNode.RunAsync("migrate", "--data", Data)).Require();
        (await PublishedNode.RunAsync("backup", "--data", Data, "--to", temp.File("whole"))).Require();
        var bytes = File.ReadAllBytes(temp.File("whole"));
        File.WriteAllBytes(temp.File("half"), bytes[..(bytes.Length / 2)]);
        var result = await PublishedNode.RunAsync("restore", temp.File("half"), "--data", temp.File("other"));
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("cut off", result.Error, StringComparison.Ordinal);
        Assert.Equal(["data", "half", "whole"], Directory.GetFileSystemEntries(temp.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_mail_from_a_pipe_is_on_the_disk_or_stays_with_its_server()
    {
        var mail = "From: a@b.test\r\nSubject: x\r\n\r\nWords.\r\n"u8.ToArray();
        Assert.Equal(75, await MailInAsync(mail));   // no node there
        (await PublishedNode.RunAsync("migrate", "--data", Data)).Require();
        Assert.Equal(65, await MailInAsync([]));
        Assert.Equal(ExitCode.Done, await MailInAsync(mail));
        Assert.Contains(Directory.GetFiles(Path.Join(Data, "spool"), "*", SearchOption.AllDirectories),
            f => File.ReadAllBytes(f).AsSpan().IndexOf(mail) >= 0);
    }

    private async Task<int> MailInAsync(byte[] mail)
        => (await Proc.RunAsync(PublishedNode.Program, ["mail-in", "--data", Data], new() { Input = mail })).ExitCode;

    private Task<ProcResult> PersonAsync(string verb, params string[] arguments)
        => PublishedNode.RunAsync(["person", verb, .. arguments, "--data", Data]);
}
