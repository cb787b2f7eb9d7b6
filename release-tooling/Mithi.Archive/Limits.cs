namespace Mithi.Archive;

/// <summary>Every bound of the format in one place. A reader refuses what is past one; a writer never makes it.</summary>
public static class Limits
{
    // Linux refuses paths past 4,095 bytes; the product's own folder needs its share of them.
    public const int PathBytesMax = 1_024;

    // The longest name of one file on ext4 and xfs.
    public const int NameBytesMax = 255;

    // Names of products stand in file names, URLs and role names of the trust metadata.
    public const int ProductCharsMax = 64;

    // The whole manifest is held in memory while it is checked: 100,000 entries of some 250 bytes.
    public const int ManifestBytesMax = 32 << 20;
    public const int EntriesMax = 100_000;

    // Ten times the largest product tree that we know of. An archive says its size before a byte of it is written.
    public const long TreeBytesMax = 64L << 30;

    // Lists in the manifest are read by people; a service pack of several years has some hundred fixes.
    public const int ListItemsMax = 2_000;
    public const int ItemCharsMax = 128;
    public const int NotesCharsMax = 64 << 10;

    // The window a decoder must hold: 8 MiB fits every machine that can run a product at all.
    public const int WindowLog = 23;

    // Measured here on 59 MB of programs and scripts: 9 -> 13.96 MB in 2.2 s, 12 -> 13.68 MB in 4.3 s, 15 -> 13.54 MB in 14.6 s.
    public const int CompressionLevel = 12;

    // The encoder sees input in pieces of exactly this size, so that its output never depends on who called Write how often.
    public const int PieceBytes = 128 << 10;
}
