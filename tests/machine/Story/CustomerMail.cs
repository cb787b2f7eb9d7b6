using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Mithi.Machine.Tests.Story;

/// <summary>The world outside the customer's new server: somebody who sends mails to it, and its user who reads them.</summary>
internal sealed class CustomerMail(int smtpPort, int imapPort)
{
    private const string Address = "meera@sahyadri.example";
    private const string Password = "first-password-1";

    // A server in plain emulation takes its time to fork and to hash.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Delivers a mail from outside; answers null, or what the server refused it with.</summary>
    public async Task<string?> SendAsync(string subject, int bytes, CancellationToken ct)
    {
        var mail = new MimeMessage
        {
            Subject = subject, Sender = MailboxAddress.Parse("sender@elsewhere.example"),
            Body = new Multipart("mixed")
            {
                new TextPart("plain") { Text = "The report is attached." },
                new MimePart("application", "octet-stream")
                {
                    Content = new MimeContent(new MemoryStream(new byte[bytes])), FileName = "report.bin", ContentTransferEncoding = ContentEncoding.Base64,
                },
            },
        };
        mail.From.Add(mail.Sender);
        mail.To.Add(MailboxAddress.Parse(Address));
        using var smtp = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        await smtp.ConnectAsync("127.0.0.1", smtpPort, SecureSocketOptions.None, ct);
        try
        {
            await smtp.SendAsync(mail, ct);
            return null;
        }
        catch (Exception refused) when (refused is SmtpCommandException or InvalidOperationException)
        {
            return refused.Message;
        }
    }

    /// <summary>Waits with IDLE until the mail is in the user's mailbox, read by IMAP with TLS and his first password.</summary>
    public async Task ReadAsync(string subject, CancellationToken ct)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bound.CancelAfter(Patience);
        using var imap = new ImapClient { Timeout = (int)Patience.TotalMilliseconds, ServerCertificateValidationCallback = (_, _, _, _) => true };
        await imap.ConnectAsync("127.0.0.1", imapPort, SecureSocketOptions.StartTls, bound.Token);
        await imap.AuthenticateAsync(Address, Password, bound.Token);
        await imap.Inbox.OpenAsync(FolderAccess.ReadOnly, bound.Token);
        while (!(await imap.Inbox.FetchAsync(0, -1, MessageSummaryItems.Envelope, bound.Token)).Any(m => m.Envelope?.Subject == subject))
        {
            using var arrived = CancellationTokenSource.CreateLinkedTokenSource(bound.Token);
            imap.Inbox.CountChanged += Stop;
            await imap.IdleAsync(arrived.Token, bound.Token);
            imap.Inbox.CountChanged -= Stop;

            void Stop(object? sender, EventArgs e) => arrived.Cancel();
        }
    }
}
