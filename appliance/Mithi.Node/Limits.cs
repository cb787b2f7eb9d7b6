using NodaTime;

namespace Mithi.Node;

/// <summary>Every bound of this module in one place.</summary>
internal static class Limits
{
    // A node of a hundred thousand tickets with attachments has fewer files; a longer archive is not one of ours.
    public const int EntriesMax = 5_000_000;

    // The manifest names every entry in about 150 bytes.
    public const long ManifestBytesMax = 1L << 30;

    // Below this the next backup or upload may fill the disk.
    public const long FreeBytesWarn = 2L << 30;
    public const long FreeBytesBad = 256L << 20;

    // Enough blobs to notice a failing disk, few enough for a minute.
    public const int BlobSample = 50;

    public static readonly Duration CertificateWarn = Duration.FromDays(30);

    // A mail server that says nothing for so long is away.
    public static readonly TimeSpan MailGreetingMax = TimeSpan.FromSeconds(5);

    // A backup that is older than this on a node that makes one a day is worth a word.
    public static readonly Duration BackupAgeWarn = Duration.FromDays(2);

    public static readonly Duration BackupInterval = Duration.FromHours(24);

    // pg_dump of a large node, and its way back.
    public static readonly TimeSpan DumpMax = TimeSpan.FromHours(2);

    public const int MailLines = 20;
}
