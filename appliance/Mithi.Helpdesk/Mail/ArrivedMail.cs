using Mithi.Kernel.Blobs;

namespace Mithi.Helpdesk.Mail;

/// <summary>Where a mail came from: it names the mail for ever, so a second fetch of it is nothing.</summary>
/// <param name="Mailbox">user@host/folder, or "pipe".</param>
/// <param name="Uid">The server's number of it; what came through a pipe has the SHA-256 of its bytes.</param>
internal sealed record MailSource(string Mailbox, long UidValidity, string Uid);

/// <summary>What was read out of a mail: plain values, bounded, with nothing of the parser's left.</summary>
/// <param name="MessageId">Without angle brackets; empty when it has none.</param>
/// <param name="Subject">Without what answering put before it.</param>
/// <param name="SubjectKey">What near-equal subjects have in common.</param>
/// <param name="Tag">The number in a subject's tag <c>[#4711]</c>.</param>
/// <param name="ThreadIndex">Outlook's; null for what none can be.</param>
/// <param name="References">Every id that it names as a predecessor, the nearest first.</param>
/// <param name="Recipients">Every address that it was sent or delivered to.</param>
/// <param name="BodyHash">With the Message-ID, tells a second delivery from another mail.</param>
/// <param name="Automatic">Why it is a machine's; <see cref="AutomaticKind.None"/> for a person's.</param>
/// <param name="Failed">Whom a bounce or a report of abuse is about.</param>
/// <param name="Verdict">What the mail server and the signature say of the sender.</param>
/// <param name="Cut">Something did not fit: the raw mail goes along as a file.</param>
internal sealed record ParsedMail(
    string MessageId, string From, string FromName, string Subject, string SubjectKey, string? Tag, ThreadIndex? ThreadIndex, IReadOnlyList<string> References, IReadOnlyList<string> Recipients,
    string Body, string BodyHash, AutomaticKind Automatic, IReadOnlyList<FailedDelivery> Failed, SenderVerdict Verdict, IReadOnlyList<MailPart> Parts, bool Cut);

/// <summary>Outlook's thread: what names the conversation, and in whole what this mail adds to it.</summary>
/// <param name="Root">The first 22 bytes, hexadecimal.</param>
/// <param name="Text">Base64, as it goes into a header.</param>
internal sealed record ThreadIndex(string Root, string Text)
{
    private const int RootBytes = 22;

    public static ThreadIndex? Read(string? header)
    {
        if (header is not { Length: > 0 and <= Limits.ThreadIndexBytesMax * 2 }) return null;
        var bytes = new byte[header.Length];
        // A header that was folded has blanks in it, which base64 does not mind.
        return Convert.TryFromBase64String(header, bytes, out var count) && count is >= RootBytes and <= Limits.ThreadIndexBytesMax
            ? new(Convert.ToHexStringLower(bytes.AsSpan(0, RootBytes)), Convert.ToBase64String(bytes.AsSpan(0, count))) : null;
    }
}

/// <summary>A file in a mail, not yet kept.</summary>
internal sealed record MailPart(string Name, byte[] Content);

/// <summary>Why a mail counts as a machine's.</summary>
internal enum AutomaticKind { None, Bounce, FeedbackReport, AutoReply, List }

/// <summary>What the configured mail server says of the sender's address.</summary>
internal enum SenderVerdict { Unknown, Pass, Fail }

/// <summary>What was made of a mail. Stored by name.</summary>
public enum MailOutcome
{
    Opened,
    Replied,

    /// <summary>It claims to be somebody's whom we could not verify: staff reads it as a note.</summary>
    Held,

    /// <summary>A machine's: logged, and nothing changes.</summary>
    Automatic,

    Duplicate,

    /// <summary>We sent it ourselves.</summary>
    Own,

    /// <summary>It could not be read. Its bytes are kept for a person to look at.</summary>
    Quarantined,
}

/// <summary>A line of the list of mails that came in.</summary>
public sealed record ArrivalLine(
    long Id, string Sender, string Subject, MailOutcome Outcome, string Reason, long? TicketId, BlobId Raw, NodaTime.Instant ArrivedAt);
