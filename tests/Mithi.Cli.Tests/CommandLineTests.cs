using System.CommandLine;
using Xunit;

namespace Mithi.Cli.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task A_user_exception_is_two_lines_and_exit_code_2()
        => Assert.Equal((ExitCode.Usage, "The disk is full.\nFree some space.\n"),
            await GuardAsync(() => throw new UserException("The disk is full.", "Free some space.")));

    [Fact]
    public async Task Another_fault_is_readable_and_exit_code_1()
        => Assert.Equal((ExitCode.Failed, "outer\ninner\n"),
            await GuardAsync(() => throw new IOException("outer", new InvalidDataException("inner"))));

    [Fact]
    public async Task A_bug_says_that_it_is_one_and_where()
    {
        var (code, text) = await GuardAsync(() =>
        {
            var answer = 41;
            Check.That(answer == 42);
            return Task.FromResult(0);
        });
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("answer == 42 does not hold (CommandLineTests.cs:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_is_not_a_stack_trace()
        => Assert.Equal((ExitCode.Failed, "Stopped.\n"), await GuardAsync(() => throw new OperationCanceledException()));

    [Fact]
    public async Task What_a_command_returns_is_the_exit_code()
    {
        var root = new RootCommand { new Command("five") };
        root.Subcommands[0].SetAction((_, _) => Task.FromResult(5));
        Assert.Equal(5, await CommandLine.RunAsync(root, ["five"], TextWriter.Null));
    }

    [Fact]
    public async Task What_a_command_throws_reaches_the_guard()
    {
        var root = new RootCommand { new Command("five") };
        root.Subcommands[0].SetAction((ParseResult _, CancellationToken _) => Task.FromException<int>(new UserException("No.", "Yes.")));
        var error = new StringWriter { NewLine = "\n" };
        Assert.Equal(ExitCode.Usage, await CommandLine.RunAsync(root, ["five"], error));
        Assert.Equal("No.\nYes.\n", error.ToString());
    }

    [Fact]
    public async Task A_wrong_argument_is_exit_code_2_and_points_to_help()
    {
        var root = new RootCommand { new Command("pack") };
        root.Subcommands[0].SetAction((_, _) => Task.FromResult(0));
        var error = new StringWriter { NewLine = "\n" };
        Assert.Equal(ExitCode.Usage, await CommandLine.RunAsync(root, ["pack", "--nonsense"], error));
        Assert.Contains("--nonsense", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("pack --help", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Text)> GuardAsync(Func<Task<int>> command)
    {
        var error = new StringWriter { NewLine = "\n" };
        return (await CommandLine.GuardAsync(command, error), error.ToString());
    }
}
