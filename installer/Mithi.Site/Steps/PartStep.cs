using System.Text;
using Mithi.Site.Ask;
using Mithi.Site.Journals;
using Mithi.Site.Plan;
using Mithi.Site.Probe;

namespace Mithi.Site.Steps;

/// <summary>PART: first the journal at its place, then the table around it. So even this step survives a power cut.</summary>
internal sealed class PartStep : InstallStep
{
    public override Stage Stage => Stage.Part;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        var target = on.Target;
        if (on.Journal is null)
        {
            await ClearJournalAsync(target, ct);
            on.Journal = Journal.Open(target.Device, JournalPartition.Offset);
            on.Journal.Append(on.Agreed.Id, "", JournalKind.Installation, InstallationRecord.Of(on.Stamp.Site, on.Device, on.Agreed).ToText());
            // An order that comes just now writes its own, maybe before this one; the newest record must be the highest.
            for (var counter = -1L; counter != on.Link.Counter;)
                on.Journal.Append(on.Agreed.Id, "", JournalKind.Counter, $"{counter = on.Link.Counter}");
        }
        await Tool.RunAsync(Faults.Partition, "sfdisk", ["--wipe", "always", "--wipe-partitions", "never", target.Device], ct,
            Encoding.ASCII.GetBytes(target.Layout.ToScript()));
        PassOn(target);
    }

    // Until GRUB is there a firmware that tries this disk first must go on to the medium. INT 18h says "not bootable"; without it
    // the zeros in front of a partition table are run as a program, and the machine hangs with a black screen.
    private static void PassOn(Target target)
    {
        using var disk = new FileStream(target.Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var sector = new byte[512];
        disk.ReadExactly(sector);
        ReadOnlySpan<byte> notBootable = [0xcd, 0x18, 0xf4, 0xeb, 0xfd];
        notBootable.CopyTo(sector);
        disk.Position = 0;
        disk.Write(sector);
        disk.Flush(flushToDisk: true);
    }

    public override async Task VerifyAsync(Installation on, CancellationToken ct)
    {
        var target = on.Target;
        // The kernel makes the partitions' devices when it has read the new table.
        using var bound = new CancellationTokenSource(Limits.LeaseMax, on.Time);
        while (!target.Layout.Partitions.All(partition => File.Exists(target.DeviceOf(partition))))
        {
            if (bound.IsCancellationRequested) throw new FaultException(Faults.Partition, "the kernel does not see the new partitions");
            await Task.Delay(Limits.LookAgain, on.Time, ct);
        }
        using var disk = File.OpenRead(target.Device);
        var first = new byte[Limits.BlankProbeBytes];
        await disk.ReadExactlyAsync(first, ct);
        if (Gpt.Find(first, JournalPartition.Name) is not { } found || found.Offset != JournalPartition.Offset)
            throw new FaultException(Faults.Partition, "the table on the disk is not the one that was written");
    }

    // What a journal of before says must not be taken for this installation's.
    private static async Task ClearJournalAsync(Target target, CancellationToken ct)
    {
        try
        {
            await using var disk = new FileStream(target.Device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            disk.Position = JournalPartition.Offset;
            await disk.WriteAsync(new byte[Limits.JournalBytes], ct);
            disk.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw new FaultException(Faults.Partition, e.Message, e);
        }
    }
}

/// <summary>MKFS: file systems with the ids of the plan.</summary>
internal sealed class MkfsStep : InstallStep
{
    public override Stage Stage => Stage.Mkfs;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        var target = on.Target;
        await target.UnmountAsync(ct);
        foreach (var partition in target.Layout.Partitions)
        {
            var device = target.DeviceOf(partition);
            if (partition.FileSystem == "vfat")
                await Tool.RunAsync(Faults.Format, "mkfs.fat",
                    ["-F", "32", "-n", "MITHI-ESP", "-i", partition.FileSystemId!.Replace("-", "", StringComparison.Ordinal), device], ct);
            else if (partition.FileSystem == "ext4")
                await Tool.RunAsync(Faults.Format, "mkfs.ext4",
                    ["-F", "-q", "-U", partition.FileSystemId!, "-L", partition.Name, "-E", "lazy_itable_init=1,lazy_journal_init=1", device], ct);
        }
    }

    public override async Task VerifyAsync(Installation on, CancellationToken ct)
    {
        var target = on.Target;
        foreach (var partition in target.Layout.Partitions.Where(partition => partition.FileSystem is not null))
        {
            var id = await Tool.RunAsync(Faults.Format, "blkid", ["-p", "-s", "UUID", "-o", "value", target.DeviceOf(partition)], ct);
            if (!id.Trim().Equals(partition.FileSystemId, StringComparison.OrdinalIgnoreCase))
                throw new FaultException(Faults.Format, $"{partition.Name} has the id {id.Trim()}, not {partition.FileSystemId}");
        }
    }
}
