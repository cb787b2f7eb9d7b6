using System.Text;
using Mithi.Site.Journals;

namespace Mithi.Site.Probe;

/// <summary>Tells a blank disk from one that somebody may still need, from the disk's own first and last bytes.</summary>
/// <param name="Words">What is there; empty when blank.</param>
/// <param name="Medium">The boot medium itself, on a stick or as a disk.</param>
/// <param name="Installation">The id of an installation of ours.</param>
internal sealed record DiskContent(string Words, bool Medium, string? Installation)
{
    // ECMA-119: the first volume descriptor is in sector 16; the volume's name starts at its byte 40.
    private const int IsoDescriptor = 16 * 2048;
    private const string MediumName = "MITHI_INSTALL";

    // The first that fits is taken: a partition table says more than the boot sector in front of it.
    private static readonly (int Offset, byte[] Mark, string Words)[] Marks =
    [
        (512, "EFI PART"u8.ToArray(), "partitions (GPT)"),
        (4096, "EFI PART"u8.ToArray(), "partitions (GPT)"),
        (1080, [0x53, 0xef], "a file system (ext)"),
        (3, "NTFS    "u8.ToArray(), "a file system (NTFS)"),
        (82, "FAT32"u8.ToArray(), "a file system (FAT)"),
        (54, "FAT"u8.ToArray(), "a file system (FAT)"),
        (0, "XFSB"u8.ToArray(), "a file system (XFS)"),
        (0, "LUKS"u8.ToArray(), "an encrypted volume"),
        (512, "LABELONE"u8.ToArray(), "a volume group (LVM)"),
        (4096, [0xfc, 0x4e, 0x2b, 0xa9], "a member of a mirror (md)"),
        (510, [0x55, 0xaa], "partitions (MBR)"),
    ];

    /// <param name="disk">The device.</param>
    /// <param name="length">Its size as the kernel tells it: a device's stream does not know its own.</param>
    /// <exception cref="IOException">It can't be read, or ends before it should.</exception>
    public static DiskContent Read(Stream disk, long length)
    {
        var part = (int)Math.Min(Limits.BlankProbeBytes, length);
        var first = Part(disk, 0, part);
        var last = Part(disk, length - part, part);
        // Also where there is no table yet: the journal is written first.
        if (JournalPartition.ReadPlanId(disk, length) is { } id) return new($"Mithi installation {id}", false, id);
        if (!first.AsSpan().ContainsAnyExcept((byte)0) && !last.AsSpan().ContainsAnyExcept((byte)0)) return new("", false, null);
        if (Has(first, IsoDescriptor + 1, "CD001"u8) && Has(first, IsoDescriptor + 40, Encoding.ASCII.GetBytes(MediumName)))
            return new("a Mithi boot medium", Medium: true, null);
        foreach (var (offset, mark, words) in Marks)
            if (Has(first, offset, mark)) return new(words, false, null);
        return new("unknown data", false, null);
    }

    private static byte[] Part(Stream disk, long offset, int count)
    {
        if (count <= 0) throw new EndOfStreamException("A disk of no bytes is not blank.");
        var bytes = new byte[count];
        disk.Position = offset;
        disk.ReadExactly(bytes);
        return bytes;
    }

    private static bool Has(ReadOnlySpan<byte> bytes, int offset, ReadOnlySpan<byte> mark)
        => bytes.Length >= offset + mark.Length && bytes.Slice(offset, mark.Length).SequenceEqual(mark);
}
