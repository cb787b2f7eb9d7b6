using Mithi.Site.Link;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>NODE: reach the node. The link goes on trying by itself; here the screen says why it does not succeed.</summary>
internal sealed class NodeStep : InstallStep
{
    public override Stage Stage => Stage.Node;

    // A connection is good for one start only.
    public override Task<bool> IsStillDoneAsync(Installation on, CancellationToken ct)
        => Task.FromResult(on.Link.State is LinkState.Pending or LinkState.Paired);

    public override Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
        => LinkWait.UntilAsync(on, state => state is LinkState.Pending or LinkState.Paired, ct);
}

/// <summary>PAIR: the code is on the screen until the engineer entered it.</summary>
internal sealed class PairStep : InstallStep
{
    public override Stage Stage => Stage.Pair;

    public override Task<bool> IsStillDoneAsync(Installation on, CancellationToken ct) => Task.FromResult(on.Link.State is LinkState.Paired);

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        await LinkWait.UntilAsync(on, state => state is LinkState.Paired, ct);
        on.Screen.Change(state => state with { Code = null });
    }
}

/// <summary>Shows how the link stands while a step waits for it.</summary>
internal static class LinkWait
{
    public static async Task UntilAsync(Installation on, Func<LinkState, bool> enough, CancellationToken ct)
    {
        var changed = new SemaphoreSlim(1);
        on.Link.StateChanged = _ => changed.Release();
        while (!enough(on.Link.State))
        {
            await changed.WaitAsync(ct);
            var state = on.Link.State;
            on.Screen.Change(screen => screen with
            {
                Code = state is LinkState.Pending pending ? (pending.Code, pending.Spelled) : null,
                Fault = state is LinkState.Failing failing ? failing.Fault : null,
                Event = state switch
                {
                    LinkState.Failing broken => broken.Detail,
                    LinkState.Pending => "the support centre answers",
                    LinkState.Paired => "the engineer has accepted this machine",
                    _ => "calling the support centre",
                },
            });
        }
        on.Link.StateChanged = null;
        on.Screen.Change(screen => screen with { Fault = null });
    }
}
