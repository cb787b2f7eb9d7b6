namespace Mithi.Site.Apply;

/// <summary>Every bound of the apply engine, with its reason.</summary>
internal static class Limits
{
    // What runs and two to go back to; more only if these lean on them. Versions share what did not change, so one more costs
    // little, but not nothing.
    public const int VersionsKept = 3;

    // A few hundred updates; its blocks are taken before an update begins, so that a full disk never loses a step.
    public const int JournalBytes = 256 << 10;

    // The longest line: a health check's last words, cut.
    public const int JournalLineBytesMax = 4 << 10;
    public const int ReasonCharsMax = 600;

    // What an update needs at most before there is room again; checked before it begins.
    public const int StepsOfOneUpdate = 24;

    // Room that must stay on the disk beside the new version: logs and mail go on while we work.
    public const long FreeBytesMin = 32L << 20;

    // product.json is a page of text.
    public const int ContractBytesMax = 64 << 10;
    public const int UnitsMax = 64;

    // An install script that runs longer hangs: it makes users, folders and unit files.
    public static readonly TimeSpan InstallMax = TimeSpan.FromMinutes(15);

    // systemd's own bound for a unit's start is 90 s; a product of several units in plain emulation takes a few of them.
    public static readonly TimeSpan RestartMax = TimeSpan.FromMinutes(10);

    // How long a product may say that it needs to become healthy.
    public const int HealthSecondsMax = 900;

    // Between two health checks; a product that is up is found so within a second.
    public static readonly TimeSpan HealthPause = TimeSpan.FromSeconds(1);
}
