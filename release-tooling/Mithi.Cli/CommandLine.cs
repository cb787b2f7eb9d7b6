using System.CommandLine;

namespace Mithi.Cli;

/// <summary>How every program of the house runs its commands and ends.</summary>
public static class CommandLine
{
    /// <summary>Parses and runs. Ctrl-C and SIGTERM cancel the command's token and give it time to stop.</summary>
    /// <returns><see cref="ExitCode.Usage"/> for a wrong argument or a <see cref="UserException"/>, <see cref="ExitCode.Failed"/>
    /// for any other fault, otherwise what the command returned.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args, TextWriter? error = null, TextWriter? output = null)
    {
        error ??= Console.Error;
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var wrong in parsed.Errors) await error.WriteLineAsync(wrong.Message);
            await error.WriteLineAsync($"Try: {Name(parsed.CommandResult)} --help");
            return ExitCode.Usage;
        }
        return await GuardAsync(() => parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = Limits.StopMax,
            Error = error,
            Output = output ?? Console.Out,
        }), error);
    }

    /// <summary>Runs <paramref name="command"/> and turns what it throws into lines on stderr and an exit code.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> command, TextWriter error)
    {
        try
        {
            return await command();
        }
        catch (UserException e)
        {
            await error.WriteLineAsync(e.Message);
            await error.WriteLineAsync(e.Hint);
            return ExitCode.Usage;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Stopped.");
            return ExitCode.Failed;
        }
        catch (CheckException e)
        {
            // A bug: whoever gets the report needs the place, and the user needs to know that it is not his mistake.
            await error.WriteLineAsync($"This is a fault of the program, please report it: {e}");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            for (var at = e; at is not null; at = at.InnerException) await error.WriteLineAsync(at.Message);
            return ExitCode.Failed;
        }
    }

    private static string Name(System.CommandLine.Parsing.CommandResult result)
        => result.Parent is System.CommandLine.Parsing.CommandResult parent
            ? $"{Name(parent)} {result.Command.Name}"
            : result.Command.Name;
}
