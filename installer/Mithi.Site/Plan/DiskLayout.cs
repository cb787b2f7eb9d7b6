using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mithi.Site.Journals;

namespace Mithi.Site.Plan;

/// <summary>One partition of the target.</summary>
/// <param name="Number">From 1, in the order on the disk.</param>
/// <param name="Name">In the table.</param>
/// <param name="Type">The type's GUID.</param>
/// <param name="Mib">Its size in MiB.</param>
/// <param name="FileSystem">What it is formatted with, or null.</param>
/// <param name="PartitionId">Its own GUID.</param>
/// <param name="FileSystemId">The file system's UUID, or null.</param>
internal sealed record Partition(
    int Number, string Name, string Type, long Mib, string? FileSystem, string PartitionId, string? FileSystemId);

/// <summary>How the disk is divided: one layout for every firmware, with room for a second system beside the first.</summary>
/// <remarks>All ids follow from the plan's, so that doing it twice gives the same disk.</remarks>
internal sealed record DiskLayout(IReadOnlyList<Partition> Partitions, string TableId)
{
    private const long SlackMib = 2;   // The table itself at both ends.

    public Partition Esp => Partitions[1];
    public Partition Journal => Partitions[2];
    public Partition RootA => Partitions[3];
    public Partition Data => Partitions[5];

    /// <summary>The smallest disk that holds it.</summary>
    public static long MibMin
        => SlackMib + Limits.BiosBootMib + Limits.EspMib + Limits.JournalMib + 2 * Limits.RootMibMin + Limits.DataMibMin;

    public static DiskLayout For(string planId, long diskBytes)
    {
        var mib = diskBytes >> 20;
        var root = Math.Clamp(mib / 8, Limits.RootMibMin, Limits.RootMibMax);
        var data = mib - SlackMib - Limits.BiosBootMib - Limits.EspMib - Limits.JournalMib - 2 * root;
        return new(
            [
                Make(1, "mithi-bios", "21686148-6449-6E6F-744E-656564454649", Limits.BiosBootMib, null),
                Make(2, "mithi-esp", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", Limits.EspMib, "vfat"),
                Make(3, JournalPartition.Name, "0FC63DAF-8483-4772-8E79-3D69D8477DE4", Limits.JournalMib, null),
                Make(4, "mithi-root-a", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", root, "ext4"),
                Make(5, "mithi-root-b", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", root, null),
                Make(6, "mithi-data", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", data, "ext4"),
            ],
            Id(planId, "table"));

        Partition Make(int number, string name, string type, long size, string? fileSystem) => new(
            number, name, type, size, fileSystem, Id(planId, $"partition {name}"),
            fileSystem switch
            {
                "vfat" => FatId(planId),
                null => null,
                _ => Id(planId, $"file system {name}").ToLowerInvariant(),
            });
    }

    /// <summary>What sfdisk reads.</summary>
    public string ToScript()
    {
        var script = new StringBuilder().AppendLine("label: gpt").AppendLine($"label-id: {TableId}").AppendLine("unit: sectors");
        var start = 2048L;
        foreach (var partition in Partitions)
        {
            script.AppendLine(CultureInfo.InvariantCulture,
                $"start={start}, size={partition.Mib * 2048}, type={partition.Type}, uuid={partition.PartitionId}, name=\"{partition.Name}\"");
            start += partition.Mib * 2048;
        }
        return script.ToString();
    }

    private static string Id(string planId, string what)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{planId} {what}"))[..16];
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);   // RFC 9562: version 8, made from a hash of our own.
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true).ToString().ToUpperInvariant();
    }

    // FAT has a serial number of 32 bits instead of a UUID.
    private static string FatId(string planId)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{planId} file system mithi-esp")).AsSpan(0, 4));
        return $"{hash[..4]}-{hash[4..]}";
    }
}
