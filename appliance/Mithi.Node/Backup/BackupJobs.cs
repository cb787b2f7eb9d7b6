using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Node.Backup;

/// <summary>The backups in the data folder's <c>backup/</c>.</summary>
public sealed class BackupFolder(DataFolder folder)
{
    /// <summary>The newest first.</summary>
    public IReadOnlyList<FileInfo> List() => new DirectoryInfo(folder.Backup) is { Exists: true } backups
        ? [.. backups.EnumerateFiles("mithi-*.tar.zst").OrderByDescending(f => f.Name, StringComparer.Ordinal)]
        : [];   // restored a moment ago, and not started yet

    public Instant? NewestAt() => List() is [var newest, ..] ? Instant.FromDateTimeUtc(newest.LastWriteTimeUtc) : null;

    internal string Path(DateTimeOffset now) => System.IO.Path.Join(folder.Backup, BackupWriter.NameAt(now));

    internal void Keep(int most)
    {
        foreach (var old in List().Skip(most)) old.Delete();
    }
}

/// <summary>Makes a backup when somebody asks for one on the page.</summary>
internal sealed class BackupJob(DataFolder folder, BackupFolder backups, Db db, SettingStore settings, TimeProvider time) : IJob
{
    public const string Name = "node.backup";

    public string Kind => Name;

    public Task RunAsync(JobRun run, CancellationToken ct) => MakeAsync(ct);

    public async Task MakeAsync(CancellationToken ct)
    {
        await BackupWriter.WriteAsync(folder.Root, db, backups.Path(time.GetUtcNow()), time, ct);
        backups.Keep((int)await settings.NumberAsync(NodeSettings.BackupsKept, ct));
    }
}

/// <summary>A backup a day, unless the administrators do without.</summary>
internal sealed class NightlyBackup(BackupJob backup, BackupFolder backups, DataFolder folder, SettingStore settings, TimeProvider time) : IRecurringJob
{
    public string Name => "node.daily-backup";

    // It looks more often than it acts, so that a node that is switched off at night has one too.
    public Duration Interval => Duration.FromHours(1);

    public async Task RunAsync(CancellationToken ct)
    {
        if (!await settings.FlagAsync(NodeSettings.DailyBackup, ct)) return;
        var last = backups.NewestAt() ?? Instant.FromDateTimeUtc(Directory.GetCreationTimeUtc(folder.Keys));
        if (time.GetCurrentInstant() - last >= Limits.BackupInterval) await backup.MakeAsync(ct);
    }
}
