namespace Mithi.Kernel.Mail;

/// <summary>Every bound of sending in one place.</summary>
internal static class Limits
{
    // RFC 5321, section 4.5.3.1.3: a path has at most 256 octets with its brackets.
    public const int AddressCharsMax = 254;

    // RFC 5321, section 4.5.3.1.8: what every server takes. More people than this get a mail each.
    public const int RecipientsMax = 100;

    // RFC 5322, section 2.1.1: a line has at most 998 characters, and an id can't be folded. Nobody makes longer ones than this.
    public const int MessageIdCharsMax = 250;

    // A header line that folds to more than this is refused by some servers.
    public const int SubjectCharsMax = 500;

    // Text of one mail; a log that is longer is an attachment.
    public const int TextCharsMax = 200_000;

    // What most servers take, base64 included.
    public const long AttachmentBytesMax = 25L << 20;

    // A mail server that says nothing for so long is away; the job tries again later.
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(60);

    // How often we look whether a mail server has been named; naming one looks at once.
    public static readonly NodaTime.Duration UnconfiguredWait = NodaTime.Duration.FromHours(1);

    // How soon a receipt that a full disk did not take is written again; meanwhile the job holds its mail.
    public static readonly TimeSpan ReceiptAgain = TimeSpan.FromSeconds(10);

    public const int AnswerCharsMax = 2_000;
}
