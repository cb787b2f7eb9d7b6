namespace Mithi.Cli;

/// <summary>How a program is started. The default: no input, our environment, our folder, no time limit.</summary>
public sealed record ProcOptions
{
    /// <summary>The folder to start in; ours if null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables added to our environment; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Start with only <see cref="Environment"/>, for scripts whose result must not depend on who calls.</summary>
    public bool CleanEnvironment { get; init; }

    /// <summary>Written to the program's input, which is then closed. Null closes it at once.</summary>
    public ReadOnlyMemory<byte>? Input { get; init; }

    /// <summary>The program and its children are killed after this, and <see cref="ProcException"/> says so.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How much of each of its two outputs is kept: the last so many bytes.</summary>
    public int OutputBytesMax { get; init; } = Limits.OutputBytesMax;

    /// <summary>Called with every line of either output as it comes, for live progress. Called by two threads.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>The Debian package to name when the program is not there.</summary>
    public string? DebianPackage { get; init; }

    /// <summary>The clock behind <see cref="Timeout"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>How a program ended.</summary>
/// <param name="Program">Its name as it was called.</param>
/// <param name="ExitCode">Its exit code; 128 + n when signal n ended it.</param>
/// <param name="Output">The end of its standard output.</param>
/// <param name="Error">The end of its standard error.</param>
/// <param name="Truncated">Whether the beginning of either was dropped.</param>
public sealed record ProcResult(string Program, int ExitCode, string Output, string Error, bool Truncated)
{
    /// <summary>Its output if it ended with 0 and nothing was dropped; throws <see cref="ProcException"/> otherwise.</summary>
    public string Require()
    {
        if (ExitCode != 0) throw new ProcException(ProcFault.Failed, Program, Sentence());
        if (Truncated) throw new ProcException(ProcFault.OutputTooLong, Program, $"{Program} wrote more than we keep.");
        return Output;
    }

    private string Sentence()
    {
        var said = Error.Trim().Length > 0 ? Error : Output;
        return $"{Program} ended with {ExitCode}: {said.Trim()}";
    }
}

/// <summary>Why a program's result can't be used.</summary>
public enum ProcFault { Failed, TimedOut, OutputTooLong }

/// <summary>A program that we started failed; its own words are in the message.</summary>
public sealed class ProcException(ProcFault fault, string program, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public ProcFault Fault { get; } = fault;

    /// <summary>Which program.</summary>
    public string Program { get; } = program;
}
