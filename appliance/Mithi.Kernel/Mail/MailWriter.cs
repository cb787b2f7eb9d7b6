using MimeKit;
using MimeKit.Text;
using MimeKit.Utils;
using Mithi.Kernel.Blobs;

namespace Mithi.Kernel.Mail;

/// <summary>Makes the message that goes over the wire. The same mail gives the same headers at every attempt.</summary>
internal static class MailWriter
{
    public static MimeMessage Write(QueuedMail queued, MailTo node, BlobStore blobs)
    {
        var mail = queued.Mail;
        var message = new MimeMessage
        {
            MessageId = mail.MessageId!,
            Date = queued.CreatedAt.ToDateTimeOffset(),
            Subject = mail.Subject,
        };
        message.From.Add((mail.From ?? node).Mailbox());
        if (mail.ReplyTo is { } replyTo) message.ReplyTo.Add(replyTo.Mailbox());
        foreach (var to in mail.To) message.To.Add(to.Mailbox());
        if (mail.InReplyTo is { } inReplyTo) message.InReplyTo = inReplyTo;
        foreach (var reference in mail.References) message.References.Add(reference);
        if (mail.IsAutomatic)
        {
            message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
            // What RFC 3834 did not reach: Exchange answers everything else with out-of-office notes.
            message.Headers.Add("X-Auto-Response-Suppress", "All");
        }
        foreach (var (name, value) in mail.Headers) message.Headers.Add(name, value);
        message.Body = Body(mail, blobs);
        return message;
    }

    private static MimeEntity Body(OutgoingMail mail, BlobStore blobs)
    {
        MimeEntity body = new TextPart(TextFormat.Plain) { Text = mail.Text };
        if (mail.Html is { } html) body = new MultipartAlternative { body, new TextPart(TextFormat.Html) { Text = html } };
        if (mail.Attachments.Count == 0) return body;
        var whole = new Multipart("mixed") { body };
        foreach (var attachment in mail.Attachments)
        {
            if (!ContentType.TryParse(attachment.ContentType, out var type)) type = new("application", "octet-stream");
            whole.Add(new MimePart(type)
            {
                Content = new MimeContent(blobs.OpenRead(attachment.Blob)),
                ContentDisposition = new(ContentDisposition.Attachment),
                ContentTransferEncoding = ContentEncoding.Base64,
                FileName = attachment.Name,
                ContentId = MimeUtils.GenerateMessageId("mithi"),
            });
        }
        return whole;
    }
}
