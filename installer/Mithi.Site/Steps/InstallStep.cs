using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>One kind of step: looks whether it is done, does it, looks again.</summary>
internal abstract class InstallStep
{
    public abstract Stage Stage { get; }

    /// <summary>Asked when the journal says that it was done before: is it still so? No means that it is done again.</summary>
    public virtual Task<bool> IsStillDoneAsync(Installation on, CancellationToken ct) => Task.FromResult(true);

    /// <summary>Brings it about. Doing it twice, or after a power cut in the middle, gives the same.</summary>
    /// <exception cref="Ask.FaultException">It can't be done now.</exception>
    public abstract Task DoAsync(Installation on, StepProgress progress, CancellationToken ct);

    /// <summary>Looks at the result, not at what was done.</summary>
    /// <exception cref="Ask.FaultException">It is not as it should be.</exception>
    public virtual Task VerifyAsync(Installation on, CancellationToken ct) => Task.CompletedTask;
}
