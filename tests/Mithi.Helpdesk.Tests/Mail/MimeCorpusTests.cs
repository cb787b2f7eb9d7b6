using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using MimeKit;
using MimeKit.Text;
using Mithi.Helpdesk.Mail;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Xunit;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>What is in mails that others collected, and in such as nobody should send.</summary>
public sealed class MimeCorpusTests(ITestOutputHelper output)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_the_contents_of_the_mime4j_corpus_97_in_100_are_decoded_alike()
    {
        var (right, wrong) = (0, new List<string>());
        foreach (var file in Directory.GetFiles(Corpora.Path("mail", "mime", "mime4j"), "*.msg", SearchOption.AllDirectories).Order())
        {
            var decoded = Path.ChangeExtension(file, null) + "_decoded.xml";
            if (!File.Exists(decoded)) continue;
            var expected = XDocument.Parse(Clean(await File.ReadAllTextAsync(decoded, Encoding.Latin1, Ct))).Descendants()
                .Where(e => e.Name.LocalName is "text-body" or "binary-body").Select(e => e.Attribute("name")!.Value).ToArray();
            await using var raw = File.OpenRead(file);
            IReadOnlyList<byte[]> found;
            try
            {
                using var mail = await MailParser.LoadAsync(raw, Ct);
                // Without any header all of it is what somebody wrote.
                found = mail.Headers.Count == 0 && mail.Body is not { Headers.Count: > 0 } ? [await File.ReadAllBytesAsync(file, Ct)] : [.. Leaves(mail.Body)];
            }
            catch (FormatException)
            {
                // No head at all: the whole of it is what the quarantine shows.
                found = [await File.ReadAllBytesAsync(file, Ct)];
            }
            var texts = found.Select(Text).ToList();
            foreach (var name in expected)
            {
                var text = Text(await File.ReadAllBytesAsync(Path.Join(Path.GetDirectoryName(file), name), Ct));
                // A part in which there is nothing may as well not be there.
                if (texts.Remove(text) || text.Length == 0) right++;
                else wrong.Add(name);
            }
        }
        output.WriteLine($"{right} of {right + wrong.Count}");
        // What is left is broken on purpose, and each reader mends it in its own way: a head that breaks off.
        Assert.True(right * 100 >= (right + wrong.Count) * 97, $"{right} of {right + wrong.Count}, not: {string.Join(", ", wrong)}");
    }

    [Theory]
    [InlineData("--b  \r\n", "--b  --\r\n")]
    [InlineData("--b\r\n", "--b--\r\n")]   // a gateway has cut the blanks off
    public async Task A_boundary_that_ends_in_blanks_parts_the_mail_as_it_is_written(string between, string last)
    {
        var text = "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=\"b  \"\r\n\r\n" + between + "\r\nHello\r\n--b x\r\n" + between
            + "Content-Type: text/plain; name=log.txt\r\n\r\nlines\r\n" + last;
        using var raw = new MemoryStream(Encoding.Latin1.GetBytes(text));
        var mail = await MailParser.ReadAsync(raw, Ct);
        Assert.Equal("Hello\n--b x", mail.Body);
        var file = Assert.Single(mail.Parts);
        Assert.Equal(("log.txt", "lines"), (file.Name, Encoding.Latin1.GetString(file.Content).Trim()));
    }

    [Fact]
    public async Task Mails_with_attachments_have_files()
    {
        var without = new List<string>();
        var files = Directory.GetFiles(Corpora.Path("mail", "mime", "mikel-mail", "attachment_emails"), "*.eml");
        foreach (var file in files)
        {
            await using var raw = File.OpenRead(file);
            if ((await MailParser.ReadAsync(raw, Ct)).Parts.Count == 0) without.Add(Path.GetFileName(file));
        }
        Assert.True(files.Length > 0 && without.Count == 0, string.Join(", ", without));
    }

    [Fact]
    public async Task Nothing_of_a_hostile_html_mail_is_html_when_it_is_shown()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var links = desk.House.Get<Linkifier>();
        var me = CurrentPerson.Nobody("en", NodaTime.DateTimeZone.Utc);
        using var cases = JsonDocument.Parse(await File.ReadAllTextAsync(Corpora.Path("mail", "html", "html5lib-sanitizer", "tests1.json"), Ct));
        foreach (var one in cases.RootElement.EnumerateArray())
        {
            var html = new StringWriter();
            (await links.ToHtmlAsync(HtmlText.Of(one.GetProperty("input").GetString()!), me, Ct)).WriteTo(html, System.Text.Encodings.Web.HtmlEncoder.Default);
            using var reader = new StringReader(html.ToString());
            var tokens = new HtmlTokenizer(reader);
            while (tokens.ReadNextToken(out var token))
            {
                if (token is not HtmlTagToken tag) continue;
                Assert.True(tag.Id is HtmlTagId.A or HtmlTagId.Br or HtmlTagId.P, $"{one.GetProperty("name")}: {html}");
                Assert.All(tag.Attributes, a => Assert.True(a.Id is HtmlAttributeId.Href or HtmlAttributeId.Rel or HtmlAttributeId.Class, $"{one.GetProperty("name")}: {html}"));
                Assert.All(tag.Attributes.Where(a => a.Id == HtmlAttributeId.Href), a => Assert.Matches("^(https?://|mailto:|/)", a.Value));
            }
        }
    }

    public static TheoryData<string> Bombs => ["nesting", "attachments", "header", "headers", "charset", "html", "recipients", "rfc2047", "references", "inside", "blanks"];

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task A_mail_that_was_made_to_hurt_is_read_within_bounds(string kind)
    {
        var bytes = Encoding.Latin1.GetBytes(Bomb(kind));
        using var raw = new MemoryStream(bytes);
        var (watch, before) = (Stopwatch.StartNew(), GC.GetTotalAllocatedBytes());
        ParsedMail? mail = null;
        try
        {
            mail = await MailParser.ReadAsync(raw, Ct);
        }
        catch (FormatException)
        {
            // It waits in the quarantine, where people see it.
            Assert.Contains(kind, (string[])["recipients", "rfc2047", "references", "inside"]);
        }
        output.WriteLine($"{kind}: {bytes.Length >> 10} KB in {watch.ElapsedMilliseconds} ms, {(GC.GetTotalAllocatedBytes() - before) >> 20} MB allocated");
        if (mail is null) return;
        Assert.True(mail.Body.Length <= Limits.BodyCharsMax && mail.Parts.Count <= Limits.MailFilesMax && mail.Subject.Length <= Limits.SubjectCharsMax);
        Assert.True(mail.References.Count <= Limits.ReferencesMax && mail.Recipients.Count <= Limits.ReferencesMax);
        Assert.True(mail.Parts.Sum(p => (long)p.Content.Length) <= bytes.Length * 2L);
    }

    private static string Bomb(string kind) => kind switch
    {
        "nesting" => "From: a@b.test\r\n" + string.Concat(Enumerable.Range(0, 150_000).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n")) + "\r\n\r\nend",
        "attachments" => "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"--b\r\nContent-Type: application/zip; name=f{i}.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBAoAAAAAAA==\r\n")) + "--b--\r\n",
        "blanks" => "From: a@b.test\r\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"Content-Type: multipart/mixed; boundary=\"b{i} \"\r\n\r\n--b{i} \r\n"))
            + string.Concat(Enumerable.Repeat("--b1 x\r\n", 1_000_000)),
        "header" => $"From: a@b.test\r\nSubject: {new string('x', 1 << 20)}\r\nX: {new string('y', 1 << 20)}\r\n\r\nHello",
        "inside" => "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nTo: " + string.Concat(Enumerable.Repeat("x@b.test,\r\n ", 50_000)) + "\r\n\r\nHello\r\n--b--\r\n",
        "headers" => "From: a@b.test\r\n" + string.Concat(Enumerable.Repeat("X-A: b\r\n", 200_000)) + "\r\nHello",
        "charset" => "From: a@b.test\r\nContent-Type: text/plain; charset=utf-7\r\nContent-Transfer-Encoding: base64\r\n\r\n" + string.Concat(Enumerable.Repeat("//79/AD///////8=\r\n", 50_000)),
        "html" => "From: a@b.test\r\nContent-Type: text/html; charset=nobody-knows\r\n\r\n" + string.Concat(Enumerable.Repeat("<blockquote><div><b", 100_000)) + string.Concat(Enumerable.Repeat("&lt;", 100_000)),
        "recipients" => "From: a@b.test\r\nTo: " + string.Join(",\r\n ", Enumerable.Range(0, 50_000).Select(i => $"u{i}@b.test")) + "\r\n\r\nHello",
        "rfc2047" => "From: a@b.test\r\nSubject: " + string.Concat(Enumerable.Repeat("=?utf-8?q?=F0=9F?=\r\n ", 50_000)) + "\r\n\r\nHello",
        _ => "From: a@b.test\r\nReferences: " + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"<{i}@b.test>\r\n ")) + "\r\nIn-Reply-To: " + new string('<', 500_000) + "\r\n\r\nHello",
    };

    private static IEnumerable<byte[]> Leaves(MimeEntity? entity)
    {
        switch (entity)
        {
            case Multipart parts:
                foreach (var part in parts)
                    foreach (var leaf in Leaves(part)) yield return leaf;
                break;
            case MessagePart { Message: { } message }:
                foreach (var leaf in Leaves(message.Body)) yield return leaf;
                break;
            case MimePart { Content: { } content } part:
                using (var memory = new MemoryStream())
                {
                    content.DecodeTo(memory, Ct);
                    memory.Position = 0;
                    if (part.ContentType.IsMimeType("message", "rfc822"))
                    {
                        using var inner = MimeMessage.Load(MailParser.Options, memory, Ct);
                        foreach (var leaf in Leaves(inner.Body)) yield return leaf;
                    }
                    else yield return memory.ToArray();
                }
                break;
            case MimePart:
                yield return [];
                break;
        }
    }

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes).ReplaceLineEndings("\n").TrimEnd('\n');

    private static string Clean(string xml) => new([.. xml.Where(System.Xml.XmlConvert.IsXmlChar)]);
}
