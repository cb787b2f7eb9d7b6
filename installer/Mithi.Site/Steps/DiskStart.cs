using Mithi.Cli;
using Mithi.Site.Ask;

namespace Mithi.Site.Steps;

/// <summary>A medium that was left in: the machine is installed, so the medium steps aside and starts the disk's system.</summary>
internal static class DiskStart
{
    public static async Task<int> RunAsync(KeptInstallation kept, Screen screen, CancellationToken ct)
    {
        screen.Change(state => state with { Stage = Plan.Stage.Reboot, Event = "starting the installed system" });
        screen.Draw();
        var target = new Target(kept.Disk, kept.Plan.Layout!);
        await target.MountAsync(ct);
        // The way through the firmware would find the medium again.
        Native.LoadKernel(Path.Join(Target.Root, "boot/vmlinuz"), Path.Join(Target.Root, "boot/initrd.img"),
            $"root=UUID={target.Layout.RootA.FileSystemId} ro console=tty0 console=ttyS0,115200n8 panic=30");
        await target.UnmountAsync(ct);
        Native.SyncAll();
        Native.StartLoadedKernel();
        return ExitCode.Failed;   // Not reached when the kernel started.
    }
}
