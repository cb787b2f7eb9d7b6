using Mithi.Cli;
using Mithi.Site.Ask;
using Mithi.Site.Journals;
using Mithi.Site.Link;
using Mithi.Site.Plan;
using Mithi.Site.Steps;

namespace Mithi.Site.Agent;

/// <summary>FIRSTBOOT: the installed system runs from its own disk, whole, and reaches the node.</summary>
internal sealed class FirstBootStep : InstallStep
{
    public override Stage Stage => Stage.FirstBoot;

    // A connection is good for one start only, and so is what systemd says of its units.
    public override Task<bool> IsStillDoneAsync(Installation on, CancellationToken ct) => Task.FromResult(false);

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        await LinkWait.UntilAsync(on, state => state is LinkState.Paired, ct);
        var failed = await Tool.RunAsync(Faults.FirstBoot, "systemctl",
            ["list-units", "--state=failed", "--plain", "--no-legend", "--no-pager"], ct);
        if (failed.Trim().Length > 0) throw new FaultException(Faults.FirstBoot, failed.Trim());
    }
}

/// <summary>APP: the product from the archives that were fetched before the restart.</summary>
internal sealed class AppStep(ProductUpdate update) : InstallStep
{
    public override Stage Stage => Stage.App;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        var result = await update.ApplyAsync(on.Agreed.Sheet.Version, (_, done, total) => progress.Report(done, total), ct);
        if (!result.Ok) throw new FaultException(result.Fault!, result.Detail);
        on.Log.Info(Stage.Name(), result.Detail);
    }
}

/// <summary>HEALTH: the acceptance checks of the product; only then is the site green.</summary>
internal sealed class HealthStep(AgentState state) : InstallStep
{
    public override Stage Stage => Stage.Health;

    // Who was well before the power went may not be so now.
    public override Task<bool> IsStillDoneAsync(Installation on, CancellationToken ct) => Task.FromResult(false);

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        var checks = await ProductHealth.AskAsync(state.Product, ct);
        foreach (var check in checks) on.Log.Info(Stage.Name(), $"{check.Name}: {check.Detail}");
        if (checks.FirstOrDefault(check => !check.Healthy) is { } sick)
            throw new FaultException(Faults.Unhealthy, $"{sick.Name}: {sick.Detail}");
    }
}

/// <summary>AGENT: the way in stays, also after the next start.</summary>
internal sealed class AgentStep(AgentState state) : InstallStep
{
    public override Stage Stage => Stage.Agent;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        var enabled = await Proc.RunAsync("systemctl", ["is-enabled", "mithi-site.service"], ct: ct);
        if (enabled.ExitCode != 0) throw new FaultException(Faults.FirstBoot, $"mithi-site.service is {enabled.Output.Trim()}");
        // The agent has the key in a file that only root reads; the raw partition needs it no longer.
        on.Journal!.Replace(on.Agreed.Id, JournalKind.Installation, (state.Installation with { DeviceKey = [] }).ToText());
    }
}

/// <summary>DONE: nothing is left to do; the fetched archives are not needed any more.</summary>
internal sealed class DoneStep : InstallStep
{
    public override Stage Stage => Stage.Done;

    public override Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        if (Directory.Exists(ProductUpdate.Fetched)) Directory.Delete(ProductUpdate.Fetched, recursive: true);
        return Task.CompletedTask;
    }
}
