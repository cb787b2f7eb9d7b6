using System.Buffers.Binary;
using System.Text;

namespace Mithi.Site.Probe;

/// <summary>Reads the names and places of partitions from a disk's first bytes. UEFI specification, section 5.3.</summary>
internal static class Gpt
{
    private const int EntriesMax = 128;
    private const int EntryBytesMax = 512;

    /// <summary>Where the partition with this name is, in bytes; null when there is none or the table makes no sense.</summary>
    public static (long Offset, long Bytes)? Find(ReadOnlySpan<byte> disk, string name)
    {
        foreach (var sector in (ReadOnlySpan<int>)[512, 4096])
        {
            if (disk.Length < 2 * sector || !disk[sector..].StartsWith("EFI PART"u8)) continue;
            var header = disk[sector..];
            var table = (long)BinaryPrimitives.ReadUInt64LittleEndian(header[72..]) * sector;
            var count = (int)Math.Min(EntriesMax, BinaryPrimitives.ReadUInt32LittleEndian(header[80..]));
            var size = BinaryPrimitives.ReadUInt32LittleEndian(header[84..]);
            if (size is < 128 or > EntryBytesMax) return null;
            for (var i = 0; i < count; i++)
            {
                var at = table + i * size;
                if (at < 0 || at + 128 > disk.Length) return null;
                var entry = disk.Slice((int)at, 128);
                if (!Name(entry).Equals(name, StringComparison.Ordinal)) continue;
                var (from, to) = (BinaryPrimitives.ReadInt64LittleEndian(entry[32..]), BinaryPrimitives.ReadInt64LittleEndian(entry[40..]));
                return from > 0 && to >= from && to < long.MaxValue / 8192 ? (from * sector, (to - from + 1) * sector) : null;
            }
        }
        return null;
    }

    private static string Name(ReadOnlySpan<byte> entry) => Encoding.Unicode.GetString(entry[56..128]).TrimEnd('\0');
}
