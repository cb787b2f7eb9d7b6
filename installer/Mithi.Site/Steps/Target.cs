using Mithi.Protocol.Messages;
using Mithi.Site.Ask;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>The disk that is installed to, and where its file systems are mounted meanwhile.</summary>
internal sealed class Target(DiskFact disk, DiskLayout layout)
{
    /// <summary>Where the new system's root is mounted in the medium's memory.</summary>
    public const string Root = "/target";

    /// <summary>Where the data partition is; on the installed system it is <see cref="DataOnSystem"/>.</summary>
    public const string Data = "/target-data";

    /// <summary>Where GRUB's folder goes.</summary>
    public const string Esp = "/target-esp";

    /// <summary>Where the installed system mounts the data partition.</summary>
    public const string DataOnSystem = "/data";

    public string Device => $"/dev/{disk.Name}";

    public DiskLayout Layout => layout;

    /// <summary>The partition's device: a name that ends in a digit gets a p in between.</summary>
    public string DeviceOf(Partition partition)
        => char.IsAsciiDigit(disk.Name[^1]) ? $"{Device}p{partition.Number}" : $"{Device}{partition.Number}";

    public async Task MountAsync(CancellationToken ct)
    {
        await MountAsync(layout.RootA, Root, ct);
        await MountAsync(layout.Data, Data, ct);
        await MountAsync(layout.Esp, Esp, ct);
    }

    public async Task UnmountAsync(CancellationToken ct)
    {
        foreach (var place in (string[])[Esp, Data, Root])
            if (IsMounted(place)) await Tool.RunAsync(Faults.Write, "umount", [place], ct);
    }

    private async Task MountAsync(Partition partition, string place, CancellationToken ct)
    {
        if (IsMounted(place)) return;
        Directory.CreateDirectory(place);
        // After a power cut the journal of the file system is played back; what it can't repair must be seen by a person.
        if (partition.FileSystem == "ext4") await Tool.RunAsync(Faults.Format, "e2fsck", ["-p", DeviceOf(partition)], ct);
        await Tool.RunAsync(Faults.Format, "mount", ["-t", partition.FileSystem!, DeviceOf(partition), place], ct);
    }

    private static bool IsMounted(string place)
        => File.ReadLines("/proc/mounts").Any(line => line.Split(' ') is [_, var at, ..] && at == place);
}
