namespace Mithi.Site;

/// <summary>Every bound of the installer and the agent, with its reason.</summary>
internal static class Limits
{
    // One record of the journal is what every disk writes as a whole.
    public const int JournalRecordBytes = 4096;

    // The journal's partition: 4,096 records, a hundred installations' worth.
    public const int JournalBytes = 16 << 20;

    // A serial number longer than this is not one that somebody can compare by eye.
    public const int SerialCharsMax = 64;

    // Small files of /sys and of the medium; anything longer there is not what we look for.
    public const int SmallFileBytesMax = 64 << 10;

    // More disks than any server here has; what comes after them is not probed.
    public const int DisksMax = 128;

    // A disk counts as blank when this much at its beginning and at its end is zeros: every table and every file system
    // has its marks there.
    public const int BlankProbeBytes = 1 << 20;

    // Partition sizes in MiB. A root holds a system and its next kernel; more than 8 GiB of it is never used.
    public const long BiosBootMib = 1;
    public const long EspMib = 512;
    public const long JournalMib = 16;
    public const long RootMibMin = 2048;
    public const long RootMibMax = 8192;
    public const long DataMibMin = 2048;

    // Beside kernel and programs in memory this much is needed to unpack and to download.
    public const long MemoryBytesMin = 200L << 20;

    // Specification "Remote installer", section 3: pieces of a download.
    public const int PieceBytes = 4 << 20;

    // A file that the metadata announces as longer than this is refused before its first byte.
    public const long TargetBytesMax = 8L << 30;

    // A server that sends nothing for this long is asked again.
    public static readonly TimeSpan PieceTimeout = TimeSpan.FromSeconds(60);

    // What a lease may take on a slow switch, before the screen says so.
    public static readonly TimeSpan LeaseMax = TimeSpan.FromSeconds(30);

    // A failed step is tried again after this, doubling up to the second.
    public static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(60);

    // A disk tool that is silent for so long hangs; formatting the largest disk takes less.
    public static readonly TimeSpan ToolMax = TimeSpan.FromMinutes(10);

    // Unpacking a whole system in plain emulation takes two minutes; a dying disk takes for ever.
    public static readonly TimeSpan UnpackMax = TimeSpan.FromMinutes(30);

    // The local screen: a serial line at 115,200 baud shows a full screen in 0.2 s.
    public static readonly TimeSpan RedrawMin = TimeSpan.FromSeconds(1);
    public const int ScreenColumns = 78;
    public const int ScreenLines = 23;

    // A day of a busy installation. The node has them all as soon as it is reached.
    public const int LogEntriesMax = 5_000;
    public const int LogEntriesAtOnce = 100;
    public const int LogLineCharsMax = 2_000;

    // The node shows a bar; more often than this nobody sees it move.
    public static readonly TimeSpan ProgressMin = TimeSpan.FromMilliseconds(500);

    // How often something is looked at that tells nobody when it changes: a carrier, a new device.
    public static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    // How long the restart waits for the last words to reach the node.
    public static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(5);

    // A product's check says a line a part of it; more than this nobody reads at the node.
    public const int HealthBytesMax = 64 << 10;
    public const int HealthChecksMax = 32;

    // Orders whose answers are kept and told again. The node gives a site one change at a time; a few reports come on top.
    public const int OrdersKept = 16;

    // The node calls a site silent after a multiple of this.
    public static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(5);

    // Five attempts with doubling pauses are a minute and a quarter: longer than a restart of the node.
    public const int FetchAttemptsMax = 5;
}
