using System.Text;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Mithi.Cli.Tests;

public sealed class ProcTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_error_and_exit_code_are_told()
    {
        var result = await Proc.RunAsync("sh", ["-c", "echo out; echo err >&2; exit 3"], null, Ct);
        Assert.Equal(("out\n", "err\n", 3, false), (result.Output, result.Error, result.ExitCode, result.Truncated));
    }

    [Fact]
    public async Task An_argument_is_never_a_shell_line()
        => Assert.Equal("a b;'\"$(id)\n", await Proc.OutputAsync("printf", ["%s\n", "a b;'\"$(id)"], null, Ct));

    [Fact]
    public async Task Input_is_written_and_closed()
    {
        var input = Encoding.UTF8.GetBytes(new string('x', 300_000));
        Assert.Equal("300000", (await Proc.OutputAsync("wc", ["-c"], new() { Input = input }, Ct)).Trim());
    }

    [Fact]
    public async Task A_program_that_does_not_read_its_input_is_no_fault()
        => Assert.Equal("", await Proc.OutputAsync("true", [], new() { Input = new byte[1_000_000] }, Ct));

    [Fact]
    public async Task A_failed_program_speaks_in_its_own_words()
    {
        var e = await Assert.ThrowsAsync<ProcException>(() => Proc.OutputAsync("sh", ["-c", "echo no such disk >&2; exit 4"], null, Ct));
        Assert.Equal((ProcFault.Failed, "sh ended with 4: no such disk"), (e.Fault, e.Message));
    }

    [Fact]
    public async Task A_missing_program_names_its_package()
    {
        var e = await Assert.ThrowsAsync<UserException>(
            () => Proc.RunAsync("no-such-program", [], new() { DebianPackage = "no-such-package" }, Ct));
        Assert.Equal("Install it: apt-get install no-such-package", e.Hint);
    }

    [Fact]
    public async Task A_missing_folder_is_named()
    {
        var e = await Assert.ThrowsAsync<UserException>(() => Proc.RunAsync("true", [], new() { WorkingDirectory = "/no/such" }, Ct));
        Assert.StartsWith("/no/such is not there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_end_of_a_long_output_is_kept()
    {
        var result = await Proc.RunAsync("seq", ["1", "200000"], new() { OutputBytesMax = 1000 }, Ct);
        Assert.True(result.Truncated);
        Assert.Equal(1000, result.Output.Length);
        Assert.EndsWith("199999\n200000\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(ProcFault.OutputTooLong, Assert.Throws<ProcException>(result.Require).Fault);
    }

    [Fact]
    public async Task A_timeout_kills_the_program_and_its_children()
    {
        var (child, clock) = (new TaskCompletionSource<int>(), new FakeTimeProvider());
        var run = Proc.RunAsync("sh", ["-c", "sleep 600 & echo $!; wait"],
            new() { Timeout = TimeSpan.FromMinutes(1), Time = clock, OnLine = line => child.TrySetResult(int.Parse(line)) }, Ct);
        await child.Task;
        clock.Advance(TimeSpan.FromMinutes(1));
        var e = await Assert.ThrowsAsync<ProcException>(() => run);
        Assert.Equal(ProcFault.TimedOut, e.Fault);
        await EndsAsync(await child.Task);
    }

    [Fact]
    public async Task Cancelling_kills_the_program_and_its_children()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var child = new TaskCompletionSource<int>();
        var run = Proc.RunAsync("sh", ["-c", "sleep 600 & echo $!; wait"], new() { OnLine = line => child.TrySetResult(int.Parse(line)) }, cancel.Token);
        var id = await child.Task;
        Assert.True(IsAlive(id));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await EndsAsync(id);
    }

    [Fact]
    public async Task A_daemon_that_keeps_the_pipe_open_does_not_hold_us()
    {
        var result = await Proc.RunAsync("sh", ["-c", "sleep 30 & echo $!"], null, Ct);
        Assert.Equal(0, result.ExitCode);
        await Proc.RunAsync("kill", [result.Output.Trim()], null, Ct);
    }

    [Fact]
    public async Task A_clean_environment_has_only_what_was_given()
    {
        var options = new ProcOptions { CleanEnvironment = true, Environment = new Dictionary<string, string?> { ["A"] = "1" } };
        Assert.Equal("A=1\n", await Proc.OutputAsync("/usr/bin/env", [], options, Ct));
    }

    [Fact]
    public async Task A_program_beside_us_dies_when_disposed()
    {
        int id;
        await using (var proc = Proc.Start("sleep", ["600"]))
        {
            id = proc.Id;
            Assert.False(proc.HasEnded);
        }
        await EndsAsync(id);
    }

    // A signal is sent at once and acted on when the process is next scheduled; the bound is for one that never was sent.
    private static async Task EndsAsync(int id)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        while (IsAlive(id))
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    // A killed process may stay a zombie until its new parent asks for it: dead all the same.
    private static bool IsAlive(int id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].StartsWith(" Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;   // gone, perhaps while it was read
        }
    }
}
