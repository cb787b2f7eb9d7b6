using System.Text;
using MimeKit;

namespace Mithi.Helpdesk.Mail;

/// <summary>Parts what the sender wrote from the files that he sent along.</summary>
/// <remarks>
/// The text is that of the outer body alone: of its alternatives one, of what is mixed every piece in its order. Whatever has a
/// name or is attached is a file, text too, and so is a forwarded message with all that is in it: other people's words must not
/// stand where the sender's belong.
/// </remarks>
internal sealed class MailContent
{
    private readonly List<Passage> passages = [];
    private readonly List<MailPart> files = [];
    private readonly CancellationToken ct;
    private int seen;
    private bool cut;

    private MailContent(CancellationToken ct) => this.ct = ct;

    /// <returns>The text as it was written, the files, and whether something was left out.</returns>
    public static (string Text, IReadOnlyList<MailPart> Files, bool Cut) Of(MimeEntity? body, CancellationToken ct)
    {
        var content = new MailContent(ct);
        // A mail that is a text and nothing else is its sender's words, whatever name his program gave them.
        if (body is TextPart { IsAttachment: false } only && (only.IsPlain || only.IsHtml)) content.Text(only);
        else if (body is not null) content.Add(body);
        return (string.Join("\n\n", content.passages.Select(p => p.Text.Trim()).Where(t => t.Length > 0)), content.files, content.cut);
    }

    private void Add(MimeEntity entity)
    {
        ct.ThrowIfCancellationRequested();
        if (++seen > Limits.MailPartsMax)
        {
            cut = true;
            return;
        }
        switch (entity)
        {
            case MultipartAlternative alternatives:
                Choose(alternatives);
                break;
            // The parser ends nesting at its limit, so this ends too.
            case Multipart parts:
                foreach (var part in parts) Add(part);
                break;
            case MessagePart { Message: { } forwarded } part:
                Keep(NameOf(part, forwarded), stream => forwarded.WriteTo(stream, ct));
                break;
            case TextPart { IsAttachment: false, FileName: null or "" } text when text.IsPlain || text.IsHtml:
                Text(text);
                break;
            case MimePart { Content: { } content } part:
                Keep(part.FileName is { Length: > 0 } name ? name : $"{part.ContentType.MediaType}.{part.ContentType.MediaSubtype}", stream => content.DecodeTo(stream, ct));
                break;
        }
    }

    /// <summary>All of them say the same: the plainest that says anything is taken.</summary>
    private void Choose(MultipartAlternative alternatives)
    {
        var before = passages.Count;
        foreach (var alternative in alternatives) Add(alternative);
        var said = passages[before..];
        if (said.Count < 2) return;
        passages.RemoveRange(before, said.Count);
        // An alternative may hold several pieces, such as text around a picture; those of one kind belong together.
        var plain = said.Where(p => !p.IsHtml && p.Text.Trim().Length > 0).ToArray();
        passages.AddRange(plain.Length > 0 ? plain : said.Where(p => p.IsHtml));
    }

    private void Text(TextPart part) => passages.Add(part.IsHtml ? new(HtmlText.Of(Decode(part)), true) : new(Decode(part), false));

    private void Keep(string name, Action<Stream> write)
    {
        if (files.Count >= Limits.MailFilesMax)
        {
            cut = true;
            return;
        }
        using var memory = new MemoryStream();
        write(memory);
        files.Add(new(name, memory.ToArray()));
    }

    private static string NameOf(MessagePart part, MimeMessage forwarded)
        => part.ContentDisposition?.FileName is { Length: > 0 } name ? name
            : $"{(forwarded.Subject is { Length: > 0 } subject ? subject[..Math.Min(subject.Length, Limits.AttachmentNameCharsMax - 4)].Replace('/', '-') : "message")}.eml";

    private static string Decode(TextPart part)
    {
        try
        {
            return part.Text ?? "";
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException or DecoderFallbackException)
        {
            // A charset that nobody knows: Latin-1 reads every byte as something.
            return part.GetText(Encoding.Latin1);
        }
    }

    private sealed record Passage(string Text, bool IsHtml);
}
