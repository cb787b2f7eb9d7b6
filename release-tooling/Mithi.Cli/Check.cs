using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Mithi.Cli;

/// <summary>States what must be true here. A false one is a bug of ours, never the user's mistake.</summary>
public static class Check
{
    /// <summary>Throws <see cref="CheckException"/> unless <paramref name="condition"/> holds.</summary>
    public static void That(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string expression = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0)
    {
        if (!condition) throw new CheckException($"{expression} does not hold ({Path.GetFileName(file)}:{line})");
    }
}

/// <summary>A bug. Never caught by type: the request or the job that hit it fails, and its text goes to the log.</summary>
public sealed class CheckException(string message) : Exception(message);
