using Mithi.Kernel.Settings;

namespace Mithi.Node;

/// <summary>What can be decided about the node itself.</summary>
public static class NodeSettings
{
    private const string Group = "Backup";

    public static readonly Setting DailyBackup = new()
    {
        Key = "node.daily-backup", Group = Group, Title = "Make a backup every day", Kind = SettingKind.Flag, Default = "1",
        Help = "Into the folder backup of the data folder. Copy it to another machine: this one may burn.",
    };

    public static readonly Setting BackupsKept = new()
    {
        Key = "node.backups-kept", Group = Group, Title = "How many backups are kept", Kind = SettingKind.Number, Default = "7", Min = 1, Max = 365,
        Help = "Older ones are deleted after a new one was made.",
    };

    public static IReadOnlyList<Setting> All { get; } = [DailyBackup, BackupsKept];
}
