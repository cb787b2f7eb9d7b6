using System.Threading.Channels;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Mail;

/// <summary>Holds the line to the mail server: fetches what is new into the spool, has it taken in, and waits by IDLE.</summary>
/// <remarks>Mails stay on the server as they are; how far it is read stands in the database, so no flag of theirs matters.</remarks>
internal sealed class MailListener(SettingStore settings, MailSpool spool, MailIntake intake, ArrivalStore arrivals, TimeProvider time, ILogger<MailListener> log)
    : BackgroundService
{
    private static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Channel<bool> arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The settings of the mailbox were changed.</summary>
    public void Wake() => changed.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();   // The host must not wait for us to start.
        using var watcher = Watch();
        arrived.Writer.TryWrite(true);   // what an earlier run left
        await Task.WhenAll(TakeInAsync(stoppingToken), FetchAsync(stoppingToken));
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            return spool.Watch(() => arrived.Writer.TryWrite(true));
        }
        catch (IOException e)
        {
            log.LogWarning(e, "The spool can't be watched, so mail from mithi mail-in is taken in every two minutes only");
            return null;
        }
    }

    private async Task TakeInAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await arrived.Reader.ReadAsync(stoppingToken);
                await intake.DrainAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The spool keeps what is in it, and its job tries again.
                log.LogError(e, "Mail could not be taken in");
            }
        }
    }

    private async Task FetchAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using var until = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var woken = Task.CompletedTask;
            try
            {
                var now = await ServerAsync(stoppingToken);
                woken = WokenAsync(now, until);
                if (now is { } server) await ListenAsync(server, until.Token);
                else await Task.Delay(Timeout.InfiniteTimeSpan, time, until.Token);
            }
            catch (OperationCanceledException) when (until.IsCancellationRequested)
            {
                // Stopped, or the settings changed: look again.
            }
            catch (Exception e)
            {
                // The mail server is away or does not like us. The page of the mailbox says so; we try again.
                log.LogWarning(e, "Mail could not be fetched: {Message}", e.Message);
                await NoteFaultAsync(e.Message, stoppingToken);
                await Task.Delay(RetryMax, time, until.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await until.CancelAsync();
            await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends the wait when the settings name another server: a form changes many at once, and one new line is enough.</summary>
    private async Task WokenAsync(Server? current, CancellationTokenSource until)
    {
        while (await ServerAsync(until.Token) == current) await changed.Reader.ReadAsync(until.Token);
        await until.CancelAsync();
    }

    private async Task ListenAsync(Server server, CancellationToken ct)
    {
        using var client = new ImapClient { Timeout = (int)Limits.ImapAnswerMax.TotalMilliseconds };
        await client.ConnectAsync(server.Host, server.Port, server.Security, ct);
        await client.AuthenticateAsync(server.User, server.Password, ct);
        var folder = await client.GetFolderAsync(server.Folder, ct);
        await folder.OpenAsync(FolderAccess.ReadOnly, ct);
        while (true)
        {
            // A mail that comes while we fetch raises the count, and then there is nothing to wait for.
            var count = folder.Count;
            await FetchAsync(folder, server.Mailbox, ct);
            await IdleAsync(client, folder, count, ct);
        }
    }

    private async Task FetchAsync(IMailFolder folder, string mailbox, CancellationToken ct)
    {
        var validity = (long)folder.UidValidity;
        var at = (await arrivals.MailboxesAsync(ct)).FirstOrDefault(m => m.Mailbox == mailbox);
        var last = at?.UidValidity == validity ? at.LastUid : 0;
        // "last+1:*" always names the newest mail, also when that is an old one.
        var uids = (await folder.SearchAsync(SearchQuery.Uids(new UniqueIdRange(new UniqueId((uint)last + 1), UniqueId.MaxValue)), ct))
            .Where(u => u.Id > last).OrderBy(u => u.Id).ToArray();
        foreach (var some in uids.Chunk(Limits.FetchAtOnceMax))
        {
            foreach (var uid in some) await SpoolAsync(folder, new(mailbox, validity, $"{uid.Id}"), uid, ct);
            await arrivals.NoteAsync(mailbox, validity, some[^1].Id, "", time.GetCurrentInstant(), ct);
            log.LogInformation("{Count} mails were fetched from {Mailbox}", some.Length, mailbox);
            await intake.DrainAsync(ct);
        }
        if (uids.Length == 0) await arrivals.NoteAsync(mailbox, validity, last, "", time.GetCurrentInstant(), ct);
    }

    private async Task SpoolAsync(IMailFolder folder, MailSource source, UniqueId uid, CancellationToken ct)
    {
        if (await arrivals.IsKnownAsync(source, ct)) return;
        try
        {
            // A server may not know how long a mail is as it sends it: one byte more than we take tells one that is too long.
            using var memory = new MemoryStream();
            if (await BytesAsync(folder, uid, ct) <= Limits.MailBytesMax)
            {
                await using var stream = await folder.GetStreamAsync(uid, 0, (int)Limits.MailBytesMax + 1, ct);
                await stream.CopyToAsync(memory, ct);
                if (memory.Length <= Limits.MailBytesMax)
                {
                    spool.Put(source, memory.GetBuffer().AsSpan(0, (int)memory.Length));
                    return;
                }
            }
            // Not fetched, because half a mail says less than none: its head is kept, and the list says that the rest waits.
            await using var head = await folder.GetStreamAsync(uid, "HEADER", 0, Limits.MailHeadBytesMax, ct);
            await intake.HoldAsync(source, head, $"It is larger than {Limits.MailBytesMax >> 20} MB and waits in the mailbox.", ct);
        }
        catch (MessageNotFoundException)
        {
            // Somebody deleted it before we read it.
        }
    }

    private static async Task<long> BytesAsync(IMailFolder folder, UniqueId uid, CancellationToken ct)
        => await folder.FetchAsync([uid], MessageSummaryItems.UniqueId | MessageSummaryItems.Size, ct) is [{ Size: { } bytes }, ..] ? bytes : 0;

    private async Task IdleAsync(ImapClient client, IMailFolder folder, int known, CancellationToken ct)
    {
        using var done = new CancellationTokenSource(Limits.IdleMax.ToTimeSpan(), time);
        void Stop(object? sender, EventArgs e)
        {
            if (folder.Count > known) done.Cancel();
            known = folder.Count;
        }
        if (folder.Count > known) return;
        folder.CountChanged += Stop;
        try
        {
            if (client.Capabilities.HasFlag(ImapCapabilities.Idle)) await client.IdleAsync(done.Token, ct);
            else
            {
                await Task.Delay(RetryMax, time, ct);
                await client.NoOpAsync(ct);
            }
        }
        finally
        {
            folder.CountChanged -= Stop;
        }
    }

    private async Task<Server?> ServerAsync(CancellationToken ct)
    {
        var host = await settings.TextAsync(IntakeSettings.Host, ct);
        var user = await settings.TextAsync(IntakeSettings.User, ct);
        if (host.Length == 0 || user.Length == 0) return null;
        return new(host, (int)await settings.NumberAsync(IntakeSettings.Port, ct), await settings.TextAsync(IntakeSettings.Security, ct) switch
        {
            "starttls" => SecureSocketOptions.StartTls,
            "none" => SecureSocketOptions.None,
            _ => SecureSocketOptions.SslOnConnect,
        }, user, await settings.SecretAsync(IntakeSettings.Password, ct) ?? "", await settings.TextAsync(IntakeSettings.Folder, ct));
    }

    private async Task NoteFaultAsync(string message, CancellationToken ct)
    {
        try
        {
            if (await ServerAsync(ct) is not { } server) return;
            var at = (await arrivals.MailboxesAsync(ct)).FirstOrDefault(m => m.Mailbox == server.Mailbox);
            await arrivals.NoteAsync(server.Mailbox, at?.UidValidity ?? 0, at?.LastUid ?? 0, message.Length > 500 ? message[..500] : message,
                time.GetCurrentInstant(), ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "That mail could not be fetched could not be written either");
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private sealed record Server(string Host, int Port, SecureSocketOptions Security, string User, string Password, string Folder)
    {
        public string Mailbox => $"{User}@{Host}:{Port}/{Folder}";
    }
}

/// <summary>A changed mailbox is listened to at once.</summary>
internal sealed class IntakeSettingsChanged(MailListener listener) : IOutboxHandler
{
    public string Topic => SettingStore.ChangedTopic;

    public Task HandleAsync(OutboxMessage message, CancellationToken ct)
    {
        if (message.Read<SettingChanged>().Key.StartsWith("helpdesk.imap", StringComparison.Ordinal)) listener.Wake();
        return Task.CompletedTask;
    }
}
