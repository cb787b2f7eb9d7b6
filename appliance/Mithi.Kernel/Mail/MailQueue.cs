using System.Security.Cryptography;
using System.Text;
using MimeKit;
using MimeKit.Utils;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Mail;

/// <summary>Takes mails to send, in the transaction that they belong to: rolled back with it, sent only after it.</summary>
public sealed class MailQueue(MailStore store, JobQueue jobs, NodeAddress address, TimeProvider time)
{
    /// <summary>Queues the mail, an automatic one without those to whom none gets through or who want none; answers its Message-ID, without angle brackets.</summary>
    /// <exception cref="MailException">It can never be sent as it is. Nothing was queued.</exception>
    public async Task<string> AddAsync(Tx tx, OutgoingMail mail)
    {
        Verify(mail);
        // A link that somebody asked for himself goes out all the same: whether it arrives, he sees.
        if (mail is { IsAutomatic: true, HoldsSecret: false }) mail = mail with { To = await ReachableAsync(tx, mail.To) };
        if (mail.To.Count == 0) return mail.MessageId ?? NewMessageId();
        var named = mail with { MessageId = mail.MessageId ?? NewMessageId() };
        var id = await store.AddAsync(tx, named, time.GetCurrentInstant());
        await jobs.AddAsync(tx, SendMailJob.Name, new SendMail(id));
        return named.MessageId;
    }

    /// <summary>A Message-ID that nobody else makes, for a caller that needs it before the mail.</summary>
    public string NewMessageId()
        => $"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}@{new Uri(address.Public).Host.Trim('[', ']')}";

    /// <summary>Whether mail can be sent there at all; not whether anybody reads it.</summary>
    public static bool IsAddress(string text) => text.Length <= Limits.AddressCharsMax && !text.Any(c => char.IsControl(c) || c is ' ')
        && MailboxAddress.TryParse(text, out var parsed) && parsed.Address == text && text.IndexOf('@') is var at && at > 0 && at < text.Length - 1;

    /// <summary>Whether a header can carry it as a Message-ID; without angle brackets. What mails bring may be anything.</summary>
    public static bool IsMessageId(string text) => text.Length is > 0 and <= Limits.MessageIdCharsMax
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>') && MimeUtils.ParseMessageId(Encoding.UTF8.GetBytes($"<{text}>"), 0, Encoding.UTF8.GetByteCount(text) + 2) == text;

    private static async Task<IReadOnlyList<MailTo>> ReachableAsync(Tx tx, IReadOnlyList<MailTo> all)
    {
        var reachable = new List<MailTo>(all.Count);
        foreach (var to in all)
            if (await AddressStates.OfAsync(tx, to.Address) is not { TakesAutomatic: false }) reachable.Add(to);
        return reachable;
    }

    private static void Verify(OutgoingMail mail)
    {
        if (mail.To.Count == 0) throw new MailException(MailFault.NoRecipient, "The mail has no recipient.");
        if (mail.To.Count > Limits.RecipientsMax)
            throw new MailException(MailFault.TooManyRecipients, $"The mail has more than {Limits.RecipientsMax} recipients.");
        foreach (var one in mail.To.Append(mail.From).Append(mail.ReplyTo).OfType<MailTo>())
            if (!IsAddress(one.Address) || HasControl(one.Name))
                throw new MailException(MailFault.BadAddress, $"'{one.Address}' is not a mail address.");
        // A line break in a header would end it and begin another: whoever can give a subject could add recipients.
        var ids = mail.References.Append(mail.MessageId).Append(mail.InReplyTo).OfType<string>();
        if (HasControl(mail.Subject) || mail.Headers.Any(h => !IsHeaderName(h.Key) || HasControl(h.Value))
            || !ids.All(IsMessageId) || mail.Attachments.Any(a => HasControl(a.Name)))
            throw new MailException(MailFault.BadHeader, "A header of the mail contains what a header can't.");
        if (mail.Subject.Length > Limits.SubjectCharsMax || mail.Text.Length > Limits.TextCharsMax || mail.Html?.Length > Limits.TextCharsMax)
            throw new MailException(MailFault.TooLong, "The mail's subject or text is too long.");
    }

    private static bool HasControl(string text) => text.Any(char.IsControl);

    private static bool IsHeaderName(string name) => name.Length is > 0 and <= 60 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
