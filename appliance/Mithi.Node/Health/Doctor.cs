using System.Net.Sockets;
using System.Security.Cryptography;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.Mail;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using Mithi.Node.Backup;
using NodaTime;

namespace Mithi.Node.Health;

/// <summary>How bad a finding is.</summary>
public enum Level { Good, Warn, Bad }

/// <summary>One thing that was looked at.</summary>
/// <param name="What">English, like "Free space".</param>
/// <param name="Message">What was found, as a sentence.</param>
/// <param name="Hint">What to do, or empty.</param>
public sealed record Finding(string What, Level Level, string Message, string Hint = "");

/// <summary>Looks at everything that a node needs to be well. Changes nothing: the node may be running in another process.</summary>
public sealed class Doctor(DataFolder folder, Db db, BlobStore blobs, AuditLog audit, IEnumerable<IChainedLog> logs, SettingStore settings,
    BackupFolder backups, TimeProvider time)
{
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken ct)
    {
        (string What, Func<CancellationToken, Task<Finding>> Look)[] looks =
        [
            ("Data folder", WritableAsync), ("Free space", SpaceAsync), ("Clock", ClockAsync), ("Database", DatabaseAsync),
            ("Audit log", LogsAsync), ("Manuals", WikiAsync), ("Files", BlobsAsync), ("Mail", MailAsync), ("Certificate", CertificateAsync),
            ("Backup", BackupAsync),
        ];
        var findings = new List<Finding>();
        foreach (var (what, look) in looks)
        {
            try
            {
                findings.Add(await look(ct) with { What = what });
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One broken part must not hide what the others would say.
                findings.Add(new(what, Level.Bad, $"{e.GetType().Name}: {e.Message}"));
            }
        }
        return findings;
    }

    private Task<Finding> WritableAsync(CancellationToken ct)
    {
        var probe = Path.Join(folder.Spool, ".doctor");
        DurableFile.Write(probe, [1]);
        File.Delete(probe);
        return Good($"{folder.Root} can be written.");
    }

    private Task<Finding> SpaceAsync(CancellationToken ct)
    {
        var free = new DriveInfo(folder.Root).AvailableFreeSpace;
        return Task.FromResult(new Finding("", free < Limits.FreeBytesBad ? Level.Bad : free < Limits.FreeBytesWarn ? Level.Warn : Level.Good,
            $"{free >> 20} MB are free.", free < Limits.FreeBytesWarn ? "Make room: move old backups away, or give the disk more space." : ""));
    }

    private async Task<Finding> ClockAsync(CancellationToken ct)
    {
        var ahead = await audit.NewestAsync(ct) - time.GetCurrentInstant();
        return ahead > Duration.FromMinutes(5)
            ? new("", Level.Bad, $"The clock stands {ahead.TotalMinutes:0} minutes before the newest entry of the audit log.",
                "Set the clock, and let NTP keep it: timedatectl set-ntp true")
            : new("", Level.Good, $"It is {time.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC.");
    }

    private async Task<Finding> DatabaseAsync(CancellationToken ct)
    {
        if (db.Engine == DbEngine.Postgres)
            return new("", Level.Good, await db.ReadAsync(tx => tx.QuerySingleAsync<string>("select version()"), ct));
        var said = await db.ReadAsync(tx => tx.QueryAsync<string>("pragma integrity_check(10)"), ct);
        return said is ["ok"] ? new("", Level.Good, "The database is whole.")
            : new("", Level.Bad, $"The database is damaged: {string.Join("; ", said)}", "Stop the node and restore the last backup into a new folder.");
    }

    private async Task<Finding> LogsAsync(CancellationToken ct)
    {
        foreach (var log in logs)
            if (await log.VerifyAsync(ct) is { Intact: false } verdict)
                return new("", Level.Bad, $"{log.Name}: {verdict.Message}", "Compare with a backup: somebody has written to the database past this program.");
        return new("", Level.Good, "Every entry is as it was written.");
    }

    private Task<Finding> WikiAsync(CancellationToken ct)
    {
        var repositories = Directory.GetDirectories(folder.Wiki, "*.git");
        var broken = repositories.Where(r => !File.Exists(Path.Join(r, "HEAD")) || !Directory.Exists(Path.Join(r, "objects"))
            || !Directory.Exists(Path.Join(r, "refs"))).Select(Path.GetFileName).ToArray();
        return broken.Length == 0 ? Good($"{repositories.Length} repositories are there.")
            : Task.FromResult(new Finding("", Level.Bad, $"These are no git repositories: {string.Join(", ", broken)}", "Restore them from the last backup."));
    }

    private async Task<Finding> BlobsAsync(CancellationToken ct)
    {
        var all = blobs.All().ToArray();
        RandomNumberGenerator.Shuffle(all.AsSpan());
        var sample = all.Take(Limits.BlobSample).ToArray();
        foreach (var blob in sample)
            if (!await blobs.IsIntactAsync(blob.Id, ct))
                return new("", Level.Bad, $"The file {blob.Id} is not what its name says.", "The disk may be failing: restore the file from a backup.");
        return new("", Level.Good, $"{sample.Length} of {all.Length} files were read and are whole.");
    }

    private async Task<Finding> MailAsync(CancellationToken ct)
    {
        var host = await settings.TextAsync(MailSettings.Host, ct);
        if (host.Length == 0 || (await settings.TextAsync(MailSettings.From, ct)).Length == 0)
            return new("", Level.Warn, "No mail server or no sender's address is set: mails wait.", "Settings, Sending mail.");
        var port = (int)await settings.NumberAsync(MailSettings.Port, ct);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(Limits.MailGreetingMax);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, late.Token);
            return new("", Level.Good, $"{host}:{port} answers.");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return new("", Level.Bad, $"{host}:{port} does not answer.", "Look at the mail server, at the network, or at Settings, Sending mail.");
        }
    }

    private Task<Finding> CertificateAsync(CancellationToken ct)
    {
        using var identity = NodeIdentity.Find(folder);
        if (identity is null) return Good("There is none yet: the first start makes it.");
        var until = Instant.FromDateTimeUtc(identity.Certificate.NotAfter.ToUniversalTime());
        var left = until - time.GetCurrentInstant();
        return Task.FromResult(new Finding("", left < Duration.Zero ? Level.Bad : left < Limits.CertificateWarn ? Level.Warn : Level.Good,
            $"It is good until {until}.", left < Limits.CertificateWarn ? "Put a new one into keys/tls.crt and keys/tls.key and restart." : ""));
    }

    private Task<Finding> BackupAsync(CancellationToken ct) => Task.FromResult(
        backups.NewestAt() is not { } newest ? new Finding("", Level.Warn, "There is no backup yet.", "Make one: mithi backup.")
            : time.GetCurrentInstant() - newest > Limits.BackupAgeWarn ? new("", Level.Warn, $"The newest is of {newest}.", "Jobs says why none was made since.")
            : new("", Level.Good, $"The newest is of {newest}."));

    private static Task<Finding> Good(string message) => Task.FromResult(new Finding("", Level.Good, message));
}
