namespace Mithi.Downloads;

/// <summary>Every bound of the download centre in one place.</summary>
internal static class Limits
{
    // An operating system's image and a large product fit; a blob is never held in memory.
    public const long ArchiveBytesMax = 8L << 30;

    // Metadata of a publication in base64: the roles' own limits, with room for a few products.
    public const long PublicationBytesMax = 32L << 20;

    // One read of a file on its way out: large enough for the disk, small enough for many at once.
    public const int ReadBytes = 256 << 10;

    public const int ChannelCharsMax = 40;

    public const int MetadataNameCharsMax = 200;
}
