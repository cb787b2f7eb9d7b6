using Mithi.Kernel.Blobs;

namespace Mithi.Kernel.Mail;

/// <summary>A mail to send. Hand it to <see cref="MailQueue.AddAsync"/> in the transaction that it belongs to.</summary>
public sealed record OutgoingMail
{
    public required IReadOnlyList<MailTo> To { get; init; }

    public required string Subject { get; init; }

    /// <summary>Plain text; every mail has it.</summary>
    public required string Text { get; init; }

    /// <summary>The same as HTML, from our own templates or already made safe. Null: text only.</summary>
    public string? Html { get; init; }

    /// <summary>Who it is from; null for the node's own address and name from the settings.</summary>
    public MailTo? From { get; init; }

    /// <summary>Where answers go, such as the helpdesk's mailbox. Null: to the sender.</summary>
    public MailTo? ReplyTo { get; init; }

    /// <summary>Without angle brackets; null to have one made. Give it when the caller keeps it, to find answers by.</summary>
    public string? MessageId { get; init; }

    /// <summary>The Message-ID this answers, without angle brackets.</summary>
    public string? InReplyTo { get; init; }

    /// <summary>The thread's Message-IDs, oldest first, without angle brackets.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Sent because of an event and not by a person's hand; tells other machines not to answer, and goes out from the null envelope sender (RFC 3834).</summary>
    public bool IsAutomatic { get; init; } = true;

    /// <summary>The text opens something, such as an account: it rests encrypted while it waits.</summary>
    public bool HoldsSecret { get; init; }

    /// <summary>Further headers, such as <c>X-Mithi-Ticket</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<MailAttachment> Attachments { get; init; } = [];
}

/// <param name="Address">Like <c>asha@example.org</c>; one without an @ is refused when the mail is added.</param>
/// <param name="Name">May be empty.</param>
public sealed record MailTo(string Address, string Name = "");

/// <param name="Name">The file's name as the reader sees it.</param>
/// <param name="ContentType">Like <c>application/pdf</c>.</param>
public sealed record MailAttachment(BlobId Blob, string Name, string ContentType);

/// <summary>What became of a mail. Stored by name.</summary>
public enum MailState
{
    /// <summary>Waits for its turn, for a mail server that is away, or for one to be named in the settings.</summary>
    Queued,

    /// <summary>The mail server has taken it.</summary>
    Sent,

    /// <summary>The mail server has said that it will never take it (5xx).</summary>
    Refused,
}
