using Mithi.Site.Downloads;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>FETCH_APP: the product's archives while the network is known to work, so that the first start needs none.</summary>
internal sealed class FetchAppStep(ReleaseSource source) : InstallStep
{
    public override Stage Stage => Stage.FetchApp;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        await on.Target.MountAsync(ct);
        long before = 0;
        foreach (var path in Archives.Chain(on.Agreed.Sheet.Product, on.Agreed.Sheet.Version))
        {
            long bytes = 0;
            await source.FetchAsync(path, Path.Join(Target.Data, Places.Fetched), (done, total) =>
            {
                bytes = total;
                progress.Report(before + done, before + total);
            }, ct);
            before += bytes;
        }
    }
}

/// <summary>REBOOT: everything on the disk, nothing mounted; then the init of the medium restarts the machine.</summary>
internal sealed class RebootStep : InstallStep
{
    public override Stage Stage => Stage.Reboot;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        await on.Target.UnmountAsync(ct);
        Native.SyncAll();
        on.Screen.Change(state => state with { Event = "this machine restarts now" });
        on.Screen.Draw();
    }
}
