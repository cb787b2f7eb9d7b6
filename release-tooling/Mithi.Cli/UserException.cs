namespace Mithi.Cli;

/// <summary>Something that the user can put right. The program prints both sentences and ends with <see cref="ExitCode.Usage"/>.</summary>
/// <param name="message">What happened, as a whole sentence.</param>
/// <param name="hint">What to do next, as a whole sentence.</param>
/// <param name="inner">What was caught, if anything.</param>
public sealed class UserException(string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do next.</summary>
    public string Hint { get; } = hint;
}
