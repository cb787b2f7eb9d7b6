using System.Text;

namespace Mithi.Archive;

/// <summary>The tar headers of an entry. There is exactly one spelling of each entry, so a reader compares bytes instead of believing them.</summary>
internal static class TarHeader
{
    public const int BlockBytes = 512;

    /// <summary>Where the tree stands in the archive; the manifest stands beside it.</summary>
    public const string TreePrefix = "tree/";
    public const string ManifestName = "manifest.json";

    private const long OctalSizeMax = 0x1_ffff_ffff;   // Eleven octal digits.
    private const int NameBytesMax = 100;

    public static byte[] OfManifest(long size, long stamp) => Of(ManifestName, (byte)'0', 0x1a4, size, "", stamp);

    public static byte[] Of(ManifestEntry entry, long stamp) => entry switch
    {
        FolderEntry folder => Of(TreePrefix + folder.Path + "/", (byte)'5', folder.Mode, 0, "", stamp),
        LinkEntry link => Of(TreePrefix + link.Path, (byte)'2', 0x1ff, 0, link.Target, stamp),
        FileEntry file => Of(TreePrefix + file.Path, (byte)'0', file.Mode, file.Size, "", stamp),
        _ => throw new InvalidOperationException(entry.GetType().Name),
    };

    public static int Padding(long size) => (int)(-size & (BlockBytes - 1));

    /// <summary>What another header says, for a refusal's words; nothing else uses it.</summary>
    public static (string Name, char Type, long Size) Describe(ReadOnlySpan<byte> block)
        => (Text(block[..NameBytesMax]), (char)block[156], Octal(block.Slice(124, 12)));

    /// <summary>An octal field; -1 if it is none.</summary>
    public static long Octal(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        var digits = 0;
        foreach (var c in field)
        {
            if (c is 0 or (byte)' ') break;
            if (c is < (byte)'0' or > (byte)'7' || ++digits > 12) return -1;
            value = value * 8 + (c - '0');
        }
        return digits == 0 ? -1 : value;
    }

    /*
        POSIX.1-1988 ustar, one block of 512 bytes; a name past 100 bytes or a size past 8 GiB has a POSIX.1-2001
        extended header in front of it (type x), named ././@PaxHeader, with only the records that are needed,
        in the order linkpath, path, size.
          0 name[100]  100 mode[8]  108 uid[8]=0  116 gid[8]=0  124 size[12]  136 mtime[12]  148 checksum[8]
        156 type  157 linkname[100]  257 "ustar" 0 "00"  265 uname[32]=""  297 gname[32]=""  329 devmajor[8]=0  337 devminor[8]=0
        345 prefix[155]=""
    */
    private static byte[] Of(string path, byte type, int mode, long size, string target, long stamp)
    {
        var (name, link) = (Encoding.UTF8.GetBytes(path), Encoding.UTF8.GetBytes(target));
        var records = new StringBuilder();
        if (link.Length > NameBytesMax) records.Append(Record("linkpath", target));
        if (name.Length > NameBytesMax) records.Append(Record("path", path));
        if (size > OctalSizeMax) records.Append(Record("size", size.ToString()));
        var header = Block(name, type, mode, size > OctalSizeMax ? 0 : size, link, stamp);
        if (records.Length == 0) return header;

        var extended = Encoding.UTF8.GetBytes(records.ToString());
        return
        [
            .. Block("././@PaxHeader"u8, (byte)'x', 0x1a4, extended.Length, [], stamp),
            .. extended, .. new byte[Padding(extended.Length)],
            .. header,
        ];
    }

    private static byte[] Block(ReadOnlySpan<byte> name, byte type, int mode, long size, ReadOnlySpan<byte> link, long stamp)
    {
        var block = new byte[BlockBytes];
        Fit(name).CopyTo(block);
        WriteOctal(block.AsSpan(100, 8), mode);
        WriteOctal(block.AsSpan(108, 8), 0);
        WriteOctal(block.AsSpan(116, 8), 0);
        WriteOctal(block.AsSpan(124, 12), size);
        WriteOctal(block.AsSpan(136, 12), stamp);
        block.AsSpan(148, 8).Fill((byte)' ');
        block[156] = type;
        Fit(link).CopyTo(block.AsSpan(157));
        "ustar\0"u8.CopyTo(block.AsSpan(257));
        "00"u8.CopyTo(block.AsSpan(263));
        WriteOctal(block.AsSpan(329, 8), 0);
        WriteOctal(block.AsSpan(337, 8), 0);
        var sum = 0;
        foreach (var b in block) sum += b;
        WriteOctal(block.AsSpan(148, 7), sum);
        return block;
    }

    private static ReadOnlySpan<byte> Fit(ReadOnlySpan<byte> text) => text.Length > NameBytesMax ? text[..NameBytesMax] : text;

    // Digits to the field's last byte but one, which stays 0.
    private static void WriteOctal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3) field[i] = (byte)('0' + (value & 7));
        field[^1] = 0;
    }

    // A record's length counts its own digits.
    private static string Record(string key, string value)
    {
        var rest = Encoding.UTF8.GetByteCount(value) + key.Length + 3;
        var length = rest + rest.ToString().Length;
        if (length.ToString().Length > rest.ToString().Length) length = rest + length.ToString().Length;
        return $"{length} {key}={value}\n";
    }

    private static string Text(ReadOnlySpan<byte> field)
        => Encoding.UTF8.GetString(field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field);
}
