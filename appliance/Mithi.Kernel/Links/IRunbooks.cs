using Mithi.Kernel.People;

namespace Mithi.Kernel.Links;

/// <summary>Instructions in numbered steps that an engineer can hand over one by one. Whoever keeps the manuals has them.</summary>
public interface IRunbooks
{
    /// <summary>Those that this reader may see, by title.</summary>
    Task<IReadOnlyList<RunbookName>> ListAsync(CurrentPerson me, CancellationToken ct);

    /// <summary>Null when there is none of that name, or none that this reader may see.</summary>
    Task<Runbook?> FindAsync(string name, CurrentPerson me, CancellationToken ct);
}

/// <param name="Name">Stable, such as the page's path.</param>
public sealed record RunbookName(string Name, string Title);

public sealed record Runbook(string Name, string Title, IReadOnlyList<RunbookStep> Steps);

/// <param name="Number">1, 2, 3 through the whole runbook.</param>
/// <param name="Text">Plain text.</param>
/// <param name="Command">What is to be typed; empty for a step without one.</param>
public sealed record RunbookStep(int Number, string Text, string Command);
