using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Mithi.Kernel;
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
/// <param name="Text">What was found, as an English sentence, with places like {0} for <see cref="Values"/>.</param>
/// <param name="Hint">What to do, or empty.</param>
public sealed record Finding(string What, Level Level, string Text, string Hint = "")
{
    /// <summary>What fills the places: words, numbers, instants.</summary>
    public IReadOnlyList<object> Values { get; init; } = [];

    /// <summary>For a console, with times in UTC.</summary>
    public string Message => Say(Text, at => $"{ReaderTime.Text(at, DateTimeZone.Utc)} UTC");

    /// <summary>The sentence in the words of a translation.</summary>
    public string Say(string text, Func<Instant, string> time)
        => Values.Count == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, [.. Values.Select(v => v is Instant at ? time(at) : v)]);
}

/// <summary>Looks at everything that a node needs to be well. Changes nothing: the node may be running in another process.</summary>
public sealed class Doctor(DataFolder folder, Db db, BlobStore blobs, AuditLog audit, IEnumerable<IChainedLog> logs, SettingStore settings,
    BackupFolder backups, IEnumerable<ISelfCheck> modules, TimeProvider time)
{
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken ct)
    {
        (string What, Func<CancellationToken, Task<Finding>> Look)[] looks =
        [
            ("Data folder", WritableAsync), ("Free space", SpaceAsync), ("Clock", ClockAsync), ("Database", DatabaseAsync),
            ("Audit log", LogsAsync), ("Manuals", WikiAsync), ("Files", BlobsAsync), ("Mail", MailAsync), ("Certificate", CertificateAsync),
            ("Backup", BackupAsync), .. modules.Select(m => (m.Name, new Func<CancellationToken, Task<Finding>>(stop => OfAsync(m, stop)))),
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
                findings.Add(new(what, Level.Bad, "{0}: {1}") { Values = [e.GetType().Name, e.Message] });
            }
        }
        return findings;
    }

    private static async Task<Finding> OfAsync(ISelfCheck module, CancellationToken ct) => await module.LookAsync(ct) is { } trouble
        ? new("", Level.Bad, trouble.Text, trouble.Hint) { Values = trouble.Values } : new("", Level.Good, "All is well.");

    private Task<Finding> WritableAsync(CancellationToken ct)
    {
        var probe = Path.Join(folder.Spool, ".doctor");
        DurableFile.Write(probe, [1]);
        File.Delete(probe);
        return Good("{0} can be written.", folder.Root);
    }

    private Task<Finding> SpaceAsync(CancellationToken ct)
    {
        var free = new DriveInfo(folder.Root).AvailableFreeSpace;
        return Task.FromResult(new Finding("", free < Limits.FreeBytesBad ? Level.Bad : free < Limits.FreeBytesWarn ? Level.Warn : Level.Good,
            "{0} MB are free.", free < Limits.FreeBytesWarn ? "Make room: move old backups away, or give the disk more space." : "")
        {
            Values = [free >> 20],
        });
    }

    private async Task<Finding> ClockAsync(CancellationToken ct)
    {
        var ahead = await audit.NewestAsync(ct) - time.GetCurrentInstant();
        return ahead > Duration.FromMinutes(5)
            ? new("", Level.Bad, "The clock stands {0} minutes before the newest entry of the audit log.",
                "Set the clock, and let NTP keep it: timedatectl set-ntp true") { Values = [(long)ahead.TotalMinutes] }
            : new("", Level.Good, "It is {0}.") { Values = [time.GetCurrentInstant()] };
    }

    private async Task<Finding> DatabaseAsync(CancellationToken ct)
    {
        if (db.Engine == DbEngine.Postgres)
            return new("", Level.Good, "{0} answers.") { Values = [await db.ReadAsync(tx => tx.QuerySingleAsync<string>("select version()"), ct)] };
        var said = await db.ReadAsync(tx => tx.QueryAsync<string>("pragma integrity_check(10)"), ct);
        return said is ["ok"] ? new("", Level.Good, "The database is whole.")
            : new("", Level.Bad, "The database is damaged: {0}", "Stop the node and restore the last backup into a new folder.") { Values = [string.Join("; ", said)] };
    }

    private async Task<Finding> LogsAsync(CancellationToken ct)
    {
        foreach (var log in logs)
            if (await log.VerifyAsync(ct) is { Intact: false } verdict)
                return new("", Level.Bad, "{0}: {1}", "Compare with a backup: somebody has written to the database past this program.")
                {
                    Values = [log.Name, verdict.Message],
                };
        return new("", Level.Good, "Every entry is as it was written.");
    }

    private Task<Finding> WikiAsync(CancellationToken ct)
    {
        var repositories = Directory.GetDirectories(folder.Wiki, "*.git");
        var broken = repositories.Where(r => !File.Exists(Path.Join(r, "HEAD")) || !Directory.Exists(Path.Join(r, "objects"))
            || !Directory.Exists(Path.Join(r, "refs"))).Select(Path.GetFileName).ToArray();
        return broken.Length == 0 ? Good("{0} repositories are there.", repositories.Length)
            : Task.FromResult(new Finding("", Level.Bad, "These are no git repositories: {0}", "Restore them from the last backup.")
            {
                Values = [string.Join(", ", broken)],
            });
    }

    private async Task<Finding> BlobsAsync(CancellationToken ct)
    {
        var all = blobs.All().ToArray();
        RandomNumberGenerator.Shuffle(all.AsSpan());
        var sample = all.Take(Limits.BlobSample).ToArray();
        foreach (var blob in sample)
            if (!await blobs.IsIntactAsync(blob.Id, ct))
                return new("", Level.Bad, "The file {0} is not what its name says.", "The disk may be failing: restore the file from a backup.")
                {
                    Values = [blob.Id],
                };
        return new("", Level.Good, "{0} of {1} files were read and are whole.") { Values = [sample.Length, all.Length] };
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
            return new("", Level.Good, "{0} answers.") { Values = [$"{host}:{port}"] };
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return new("", Level.Bad, "{0} does not answer.", "Look at the mail server, at the network, or at Settings, Sending mail.")
            {
                Values = [$"{host}:{port}"],
            };
        }
    }

    private Task<Finding> CertificateAsync(CancellationToken ct)
    {
        using var identity = NodeIdentity.Find(folder);
        if (identity is null) return Good("There is none yet: the first start makes it.");
        var until = Instant.FromDateTimeUtc(identity.Certificate.NotAfter.ToUniversalTime());
        var left = until - time.GetCurrentInstant();
        return Task.FromResult(new Finding("", left < Duration.Zero ? Level.Bad : left < Limits.CertificateWarn ? Level.Warn : Level.Good,
            "It is good until {0}.", left < Limits.CertificateWarn ? "Put a new one into keys/tls.crt and keys/tls.key and restart." : "")
        {
            Values = [until],
        });
    }

    private Task<Finding> BackupAsync(CancellationToken ct) => Task.FromResult(
        backups.NewestAt() is not { } newest ? new Finding("", Level.Warn, "There is no backup yet.", "Make one: mithi backup.")
            : time.GetCurrentInstant() - newest > Limits.BackupAgeWarn ? new("", Level.Warn, "The newest is of {0}.", "Jobs says why none was made since.") { Values = [newest] }
            : new("", Level.Good, "The newest is of {0}.") { Values = [newest] });

    private static Task<Finding> Good(string text, params object[] values) => Task.FromResult(new Finding("", Level.Good, text) { Values = values });
}
