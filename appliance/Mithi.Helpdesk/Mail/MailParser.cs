using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using MimeKit.Utils;

namespace Mithi.Helpdesk.Mail;

/// <summary>Reads a raw mail, under limits. What does not fit is marked as cut and stays in the raw mail.</summary>
internal static partial class MailParser
{
    /// <summary>How every mail is parsed: what is nested deeper than anybody nests stays in one piece.</summary>
    public static readonly ParserOptions Options = new() { MaxMimeDepth = Limits.MimeDepthMax, RespectContentLength = false };

    private static readonly string[] DeliveredHeaders = ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"];

    /// <summary>Believes nobody about the sender, and looks at no signature.</summary>
    /// <exception cref="FormatException">It does not begin with headers, or one of its heads is longer than any mail's.</exception>
    public static Task<ParsedMail> ReadAsync(Stream raw, CancellationToken ct) => ReadAsync(raw, new("", []), null, ct);

    /// <param name="checks">Verifies signatures and seals; null: none are looked at.</param>
    /// <exception cref="FormatException">It does not begin with headers, or one of its heads is longer than any mail's.</exception>
    public static async Task<ParsedMail> ReadAsync(Stream raw, SenderTrust trust, SenderChecks? checks, CancellationToken ct)
    {
        using var mail = await LoadAsync(raw, ct);
        var from = mail.From.Mailboxes.FirstOrDefault() ?? mail.Sender ?? mail.ReplyTo.Mailboxes.FirstOrDefault();
        var (body, parts, cut) = MailContent.Of(mail.Body, ct);
        body = Clean(body);
        if (body.Length > Limits.BodyCharsMax) (body, cut) = (Clean(body[..Limits.BodyCharsMax]), true);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var verdict = SenderResults.Verdict(mail, from?.Domain ?? "", trust.AuthServer);
        // What our own mail server found counts alike: a sender needs one of them.
        if (verdict != SenderVerdict.Pass && checks is not null && await checks.IsProvenAsync(mail, from?.Domain ?? "", trust, ct)) verdict = SenderVerdict.Pass;
        var automatic = AutomaticMail.Of(mail);
        return new(
            Line(mail.MessageId ?? "", 250), Line(from?.Address ?? "", 254), Line(from?.Name ?? "", 200), ThreadSubject(mail.Subject ?? ""), SubjectKey(mail.Subject ?? ""), TagOf(mail.Subject ?? ""),
            ThreadIndex.Read(mail.Headers["Thread-Index"]),
            ReferencesOf(mail), RecipientsOf(mail), body, hash, automatic, DeliveryReport.Of(mail, automatic), verdict, parts, cut);
    }

    /// <summary>Its structure, with nothing decoded.</summary>
    /// <exception cref="FormatException">It does not begin with headers, or one of its heads is longer than any mail's.</exception>
    public static async Task<MimeMessage> LoadAsync(Stream raw, CancellationToken ct)
    {
        var blank = await MailHead.CheckAsync(raw, ct);
        if (blank.Count == 0) return await MimeMessage.LoadAsync(Options, raw, ct);
        await using var renamed = await BlankBoundary.RenameAsync(raw, blank, ct);
        return await MimeMessage.LoadAsync(Options, renamed, ct);
    }

    /// <summary>Without what answering and forwarding put before it: the same through a whole conversation.</summary>
    public static string ThreadSubject(string subject)
    {
        var text = Line(subject, 2_000);
        for (var before = ""; before != text;)
        {
            before = text;
            text = Prefix().Replace(text, "").Trim();
        }
        if (text.Length > Limits.SubjectCharsMax) text = text[..Limits.SubjectCharsMax].Trim();
        // A cut, or broken input, may leave half of a character.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Whether two subjects are one, but for what answering, forwarding and filters put into them.</summary>
    public static bool IsSameSubject(string one, string other)
        => (Folded(one), Folded(other)) is var (a, b) && (a.Length == 0 || b.Length == 0 ? a == b : a.Contains(b, StringComparison.Ordinal) || b.Contains(a, StringComparison.Ordinal));

    private static string Folded(string subject) => string.Join(' ', ThreadSubject(subject).ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The subject's words, without those that hold a number: the same for all mails of an alarm that counts.</summary>
    public static string SubjectKey(string subject)
    {
        var words = ThreadSubject(subject).ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Where(w => !w.Any(char.IsDigit)).Select(w => new string([.. w.Where(c => !char.IsPunctuation(c) && !char.IsSymbol(c))]));
        return string.Join(' ', words.Where(w => w.Length > 0));
    }

    /// <summary>The number in a subject's tag <c>[#4711]</c>.</summary>
    public static string? TagOf(string subject) => Tag().Match(Line(subject, 2_000)) is { Success: true } tag ? tag.Groups[1].Value : null;

    private static string[] ReferencesOf(MimeMessage mail)
        => [.. mail.References.Reverse().Concat(Ids(mail.Headers["In-Reply-To"])).Concat(Bounced(mail))
            .Where(id => id is { Length: > 0 and <= 250 }).Distinct().Take(Limits.ReferencesMax)];

    private static IEnumerable<string> Ids(string? header) => header is { Length: <= 20_000 } ? MimeUtils.EnumerateReferences(header) : [];

    /// <summary>A bounce carries what it could not deliver: that names the ticket.</summary>
    private static IEnumerable<string> Bounced(MimeMessage mail) => mail.Body is not Multipart parts ? [] : parts.OfType<MessagePart>()
        .Select(p => p.Message?.MessageId).OfType<string>().Take(3).Concat(parts.OfType<TextRfc822Headers>().Select(h => h.Message?.MessageId).OfType<string>().Take(3));

    private static string[] RecipientsOf(MimeMessage mail)
        => [.. mail.To.Mailboxes.Concat(mail.Cc.Mailboxes).Select(m => m.Address)
            .Concat(mail.Headers.Where(h => DeliveredHeaders.Contains(h.Field, StringComparer.OrdinalIgnoreCase)).Select(h => h.Value.Trim().Trim('<', '>')))
            .Where(a => a is { Length: > 0 and <= 320 }).Distinct(StringComparer.OrdinalIgnoreCase).Take(Limits.ReferencesMax)];

    private static string Line(string text, int charsMax)
    {
        if (text.Length > charsMax) text = text[..charsMax];
        text = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    private static string Clean(string text)
        => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(new string([.. text.Replace("\r\n", "\n").Where(c => c is '\n' or '\t' || !char.IsControl(c))]))).Trim();

    [GeneratedRegex(@"^(\[#\d{1,18}\]|(re|fwd?|fw|aw|wg|sv|vs|vl|vb|tr|rv|r|rif|enc|res|ref|antw|doorst|odp|pd|ynt|ilt|atb|ha|отв|на|回复|回覆|答复|答覆|转发|轉寄|轉發|返信|転送|답장|회신|전달|رد|השב|הועבר)(\[\d{1,3}\])?\s*[:：])\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Prefix();

    [GeneratedRegex(@"\[#([1-9]\d{0,17})\]", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Tag();
}
