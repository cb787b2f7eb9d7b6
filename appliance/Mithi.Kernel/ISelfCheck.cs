namespace Mithi.Kernel;

/// <summary>Something of a module that has to be well, beside what every node needs. The doctor and the health page ask it.</summary>
public interface ISelfCheck
{
    /// <summary>English, like "Calendars".</summary>
    string Name { get; }

    /// <summary>Null when all is well. Changes nothing: the node may be running in another process.</summary>
    Task<Trouble?> LookAsync(CancellationToken ct);
}

/// <param name="Text">What was found, as an English sentence, with places like {0} for <see cref="Values"/>.</param>
/// <param name="Hint">What to do.</param>
public sealed record Trouble(string Text, string Hint)
{
    public IReadOnlyList<object> Values { get; init; } = [];
}
