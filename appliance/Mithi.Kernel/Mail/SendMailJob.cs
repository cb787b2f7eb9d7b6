using System.Data.Common;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Mail;

internal sealed record SendMail(MailId Id);

/// <summary>Hands one mail to the mail server.</summary>
/// <remarks>
/// At least once on the wire: a kill between the server's "250" and our receipt sends it again, the same mail with the
/// same Message-ID and date, which mailboxes and our own intake take for one. Once there is a receipt, never again.
/// </remarks>
internal sealed class SendMailJob(MailStore store, SettingStore settings, BlobStore blobs, TimeProvider time, ILogger<SendMailJob> log) : IJob
{
    public const string Name = "mail.send";

    // RFC 3834, section 3.3: nothing comes back to "<>", neither a bounce nor the answer of another machine.
    private static readonly MailboxAddress Nobody = new("", "");

    public string Kind => Name;

    public async Task RunAsync(JobRun run, CancellationToken ct)
    {
        var id = run.Read<SendMail>().Id;
        if (await store.QueuedAsync(id, ct) is not { } queued) return;
        var host = await settings.TextAsync(MailSettings.Host, ct);
        var from = await settings.TextAsync(MailSettings.From, ct);
        if (host.Length == 0 || from.Length == 0) throw JobException.WaitFor(
            "No mail server or no sender's address is set. The mail is sent as soon as they are: Settings, Sending mail.",
            Limits.UnconfiguredWait);

        using var message = MailWriter.Write(queued, new(from, await settings.TextAsync(MailSettings.FromName, ct)), blobs);
        using var client = new ReceiptClient();
        try
        {
            await ConnectAsync(client, host, ct);
            var sender = queued.Mail.IsAutomatic ? Nobody : message.From.Mailboxes.First();
            var answer = await client.SendAsync(FormatOptions.Default, message, sender, message.To.Mailboxes, ct);
            await ReceiptAsync(id, string.Join('\n', [answer, .. client.Refused]), ct);
        }
        catch (Exception e) when (e is AuthenticationException or ServiceNotAuthenticatedException
            || e is SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted or SmtpErrorCode.UnexpectedStatusCode, StatusCode: >= (SmtpStatusCode)500 })
        {
            // Not this mail is refused but we are, and so would be all others: they wait for whoever can put it right.
            throw JobException.WaitFor($"The mail server does not take mails from us: {e.Message} Look at Settings, Sending mail.", Limits.UnconfiguredWait);
        }
        catch (SmtpCommandException e) when ((int)e.StatusCode >= 500)
        {
            await store.EndAsync(id, MailState.Refused, string.Join('\n', [$"{(int)e.StatusCode} {e.Message}", .. client.Refused]),
                time.GetCurrentInstant());
        }
        // A server that drops the connection at the end has nevertheless given its answer.
        if (client.IsConnected) await client.DisconnectAsync(true, CancellationToken.None).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    // The mail has gone: while a full disk takes no receipt, another attempt would send it once more.
    private async Task ReceiptAsync(MailId id, string answer, CancellationToken ct)
    {
        for (;;)
        {
            try
            {
                await store.EndAsync(id, MailState.Sent, answer, time.GetCurrentInstant());
                return;
            }
            catch (DbException e) when (!ct.IsCancellationRequested)
            {
                log.LogError(e, "The receipt of mail {Id} could not be written and is written again", id);
                await Task.Delay(Limits.ReceiptAgain, time, ct);
            }
        }
    }

    private async Task ConnectAsync(ReceiptClient client, string host, CancellationToken ct)
    {
        client.Timeout = (int)Limits.AnswerMax.TotalMilliseconds;
        var security = await settings.TextAsync(MailSettings.Security, ct) switch
        {
            "tls" => SecureSocketOptions.SslOnConnect,
            "none" => SecureSocketOptions.None,
            _ => SecureSocketOptions.StartTls,
        };
        await client.ConnectAsync(host, (int)await settings.NumberAsync(MailSettings.Port, ct), security, ct);
        var user = await settings.TextAsync(MailSettings.User, ct);
        if (user.Length > 0) await client.AuthenticateAsync(user, await settings.SecretAsync(MailSettings.Password, ct) ?? "", ct);
    }

    /// <summary>One recipient that a server refuses must not keep the mail from the others.</summary>
    private sealed class ReceiptClient : SmtpClient
    {
        public List<string> Refused { get; } = [];

        protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            // "Try again later" is for the whole mail: the job comes again.
            if ((int)response.StatusCode < 500) base.OnRecipientNotAccepted(message, mailbox, response);
            Refused.Add($"{mailbox.Address}: {(int)response.StatusCode} {response.Response}");
        }

        protected override void OnNoRecipientsAccepted(MimeMessage message) => throw new SmtpCommandException(
            SmtpErrorCode.RecipientNotAccepted, SmtpStatusCode.MailboxUnavailable, "No recipient was accepted.");
    }
}

/// <summary>Once a mail server is named, what waited for it goes at once.</summary>
internal sealed class MailSettingsChanged(Data.Db db, JobQueue jobs) : IOutboxHandler
{
    public string Topic => SettingStore.ChangedTopic;

    public async Task HandleAsync(OutboxMessage message, CancellationToken ct)
    {
        if (message.Read<SettingChanged>().Key.StartsWith("mail.", StringComparison.Ordinal))
            await db.WriteAsync(tx => jobs.WakeAsync(tx, SendMailJob.Name), ct);
    }
}
