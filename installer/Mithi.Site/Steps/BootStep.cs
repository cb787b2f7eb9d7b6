using Mithi.Site.Ask;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>BOOT: GRUB for BIOS onto the disk, its files on the ESP, the root by its UUID.</summary>
internal sealed class BootStep : InstallStep
{
    public override Stage Stage => Stage.Boot;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        var target = on.Target;
        await target.MountAsync(ct);
        await Tool.RunAsync(Faults.BootLoader, "grub-install",
            [
                "--target=i386-pc", $"--boot-directory={Target.Esp}", "--no-floppy", "--locales=", "--themes=", "--fonts=",
                "--modules=part_gpt fat ext2 search_fs_uuid biosdisk", target.Device,
            ], ct);
        await File.WriteAllTextAsync(Path.Join(Target.Esp, "grub/grub.cfg"), Configuration(target.Layout), ct);
    }

    public override Task VerifyAsync(Installation on, CancellationToken ct)
        => File.Exists(Path.Join(Target.Esp, "grub/i386-pc/normal.mod"))
            ? Task.CompletedTask : throw new FaultException(Faults.BootLoader, "GRUB's modules are not on the ESP");

    public static string Configuration(DiskLayout layout)
        => $$"""
            # Written by mithi-site. The slot is chosen by its file system's id, never by a disk's place.
            serial --unit=0 --speed=115200
            terminal_input console serial
            terminal_output console serial
            set default=a
            set timeout=1
            set timeout_style=hidden
            menuentry "System A" --id a {
                search --no-floppy --fs-uuid --set=root {{layout.RootA.FileSystemId}}
                linux /boot/vmlinuz root=UUID={{layout.RootA.FileSystemId}} ro console=tty0 console=ttyS0,115200n8 panic=30
                initrd /boot/initrd.img
            }

            """;
}
