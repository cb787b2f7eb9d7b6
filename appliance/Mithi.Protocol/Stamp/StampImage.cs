using System.Globalization;
using System.Text;

namespace Mithi.Protocol.Stamp;

/// <summary>The stamp as a second initrd: an uncompressed cpio archive with <c>/site.conf</c> and <c>/release-root.json</c>, padded to 256 KiB.</summary>
public static class StampImage
{
    // rw-r--r--
    private const uint RegularFile = 0x81A4;

    /*
        cpio "newc": for each file
          "070701" and 13 fields of 8 hexadecimal digits: inode, mode, uid, gid, links, mtime, size, device (major, minor),
          special device (major, minor), length of the name with its zero, 0
          name, zero, zeros up to a multiple of 4
          content, zeros up to a multiple of 4
        then the file "TRAILER!!!" without content, then zeros to 262,144 bytes: the kernel skips them.
    */
    /// <summary>Exactly <see cref="Limits.StampBytesMax"/> bytes.</summary>
    /// <param name="stamp">Becomes <c>site.conf</c>.</param>
    /// <param name="releaseRoot">The first root metadata of the releases (TUF 1.0), as its bytes.</param>
    public static byte[] Write(SiteStamp stamp, ReadOnlySpan<byte> releaseRoot)
    {
        using var image = new MemoryStream(Limits.StampBytesMax);
        Entry(image, 1, "release-root.json", RegularFile, releaseRoot);
        Entry(image, 2, "site.conf", RegularFile, Encoding.UTF8.GetBytes(stamp.ToText()));
        Entry(image, 0, "TRAILER!!!", 0, []);
        if (image.Length > Limits.StampBytesMax)
            throw new ProtocolException(ProtocolFault.TooLarge, "The stamp does not fit into its 256 KiB.");
        image.SetLength(Limits.StampBytesMax);
        return image.ToArray();
    }

    private static void Entry(MemoryStream image, uint inode, string name, uint mode, ReadOnlySpan<byte> content)
    {
        uint[] fields = [inode, mode, 0, 0, 1, 0, (uint)content.Length, 0, 0, 0, 0, (uint)name.Length + 1, 0];
        var header = "070701" + string.Concat(fields.Select(f => f.ToString("X8", CultureInfo.InvariantCulture))) + name + '\0';
        image.Write(Encoding.ASCII.GetBytes(header));
        Pad(image);
        image.Write(content);
        Pad(image);
    }

    private static void Pad(MemoryStream image)
    {
        while (image.Length % 4 != 0)
            image.WriteByte(0);
    }
}
