using Mithi.Site.Ask;
using Mithi.Site.Downloads;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>FETCH_OS: the system's image onto the data partition, where it also survives a power cut.</summary>
internal sealed class FetchOsStep(ReleaseSource source) : InstallStep
{
    public override Stage Stage => Stage.FetchOs;

    public static string FileOf(InstallPlan plan)
        => Path.Join(Target.Data, Places.Fetched, Path.GetFileName(Archives.OsImage(plan.Sheet.OsImage, plan.Sheet.OsVersion)));

    public override async Task<bool> IsStillDoneAsync(Installation on, CancellationToken ct)
    {
        await on.Target.MountAsync(ct);
        return File.Exists(FileOf(on.Agreed));
    }

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        await on.Target.MountAsync(ct);
        var sheet = on.Agreed.Sheet;
        await source.FetchAsync(Archives.OsImage(sheet.OsImage, sheet.OsVersion), Path.Join(Target.Data, Places.Fetched),
            (done, total) => progress.Report(done, total), ct);
    }
}

/// <summary>WRITE_OS: the image's root file system onto the first slot, owners and attributes included.</summary>
internal sealed class WriteOsStep : InstallStep
{
    // Blocks of 512 bytes between two signs of life.
    private const int Checkpoint = 4096;

    public override Stage Stage => Stage.WriteOs;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        await on.Target.MountAsync(ct);
        var image = FetchOsStep.FileOf(on.Agreed);
        long records = 0;
        // The file was verified as a whole; stock tar keeps what a root file system needs: owners, links, capabilities.
        await Tool.RunAsync(Faults.Write, "sh",
            [
                "-c",
                "set -o pipefail; zstd -dcq -- \"$1\" | tar -xO -f - tree/rootfs.tar | tar -x -f - -C \"$2\" --numeric-owner --same-owner " +
                "--xattrs '--xattrs-include=*' --checkpoint=" + Checkpoint + " --checkpoint-action='echo=mithi-progress %u'",
                "sh", image, Target.Root,
            ],
            ct, timeout: Limits.UnpackMax, onLine: line =>
            {
                if (line.Contains("mithi-progress", StringComparison.Ordinal)) progress.Report((records += Checkpoint) * 10240L / 20, 0);
            });
    }

    public override Task VerifyAsync(Installation on, CancellationToken ct)
    {
        foreach (var file in (string[])["boot/vmlinuz", "boot/initrd.img", "usr/lib/systemd/systemd", "etc/os-release"])
            if (new FileInfo(Path.Join(Target.Root, file)) is var found && !found.Exists)
                throw new FaultException(Faults.Write, $"the system has no {file}");
        return Task.CompletedTask;
    }
}
