using Mithi.Helpdesk.Mail;
using Xunit;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>Mails that others collected: bounces of every make, and conversations with quotes of every style.</summary>
public sealed class CorpusTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bounces_reports_and_vacation_mails_of_the_corpus_are_a_machines()
    {
        var missed = new List<string>();
        var files = Directory.GetFiles(Corpora.Path("mail", "bounce", "sisimai", "bsd"), "*.eml");
        foreach (var file in files)
            if ((await ReadAsync(file)).Automatic == AutomaticKind.None) missed.Add(Path.GetFileName(file));
        Assert.True(missed.Count <= files.Length * 0.005, $"{missed.Count} of {files.Length} were taken for a person's: {string.Join(", ", missed)}");
    }

    [Fact]
    public async Task Every_mail_of_the_mime_corpus_is_read_or_is_no_mail()
    {
        var files = Directory.GetFiles(Corpora.Path("mail", "mime"), "*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) is ".eml" or ".msg").ToArray();
        var refused = new List<string>();
        foreach (var file in files)
        {
            try
            {
                await ReadAsync(file);
            }
            catch (FormatException)
            {
                // Without a header it goes to quarantine, with its bytes.
                refused.Add(Path.GetFileName(file));
            }
        }
        Assert.True(files.Length > 100 && refused.Count <= files.Length / 100, string.Join(", ", refused));
    }

    [Fact]
    public void Trimming_loses_no_line_and_mostly_folds_what_people_would()
    {
        var (right, all) = (0, 0);
        var folder = Corpora.Path("mail", "reply-trim", "discourse");
        foreach (var file in Directory.GetFiles(folder, "*.txt", SearchOption.AllDirectories).Where(f => Path.GetDirectoryName(f)!.EndsWith("emails", StringComparison.Ordinal)))
        {
            var text = File.ReadAllText(file).Replace("\r\n", "\n");
            var (written, quoted) = ReplyTrimmer.Split(text);
            Assert.Equal(Lines(text), Lines(written + "\n" + quoted));
            all++;
            if (Path.Combine(Path.GetDirectoryName(file)!, "..", "trimmed", Path.GetFileName(file)) is var expected && File.Exists(expected)
                && File.ReadAllText(expected).Replace("\r\n", "\n").Trim() == written.Trim()) right++;
        }
        Assert.True(all > 0);
        Assert.True(right >= all * 0.6, $"{right} of {all}");
    }

    [Theory]
    [InlineData("Hello", "Hello", "")]
    [InlineData("Yes.\n\nOn Mon, Jan 5, 2026 at 9:00 AM Support <s@x.test> wrote:\n> No?\n", "Yes.", "On Mon, Jan 5, 2026 at 9:00 AM Support <s@x.test> wrote:\n> No?")]
    [InlineData("Yes.\n\nOn Mon, Jan 5, 2026 at 9:00 AM Support\n<s@x.test> wrote:\n\n> No?\n", "Yes.", "On Mon, Jan 5, 2026 at 9:00 AM Support\n<s@x.test> wrote:\n\n> No?")]
    [InlineData("Ja.\n\n-- \nAsha", "Ja.", "-- \nAsha")]
    [InlineData("Ja.\n-----Original Message-----\nFrom: x", "Ja.", "-----Original Message-----\nFrom: x")]
    [InlineData("Ja.\n\nVon: Support <s@x.test>\nGesendet: heute\n\nNein?", "Ja.", "Von: Support <s@x.test>\nGesendet: heute\n\nNein?")]
    [InlineData("> Which version?\n\n1.0.0\n", "> Which version?\n\n1.0.0", "")]
    [InlineData("> only quotes\n> here\n", "> only quotes\n> here", "")]
    [InlineData("हाँ।\n\nसोमवार को Support <s@x.test> ने लिखा:\n> नहीं?\n", "हाँ।", "सोमवार को Support <s@x.test> ने लिखा:\n> नहीं?")]
    public void What_was_written_is_parted_from_what_was_quoted(string text, string written, string quoted)
        => Assert.Equal((written, quoted), ReplyTrimmer.Split(text));

    [Fact]
    public void A_hostile_text_is_trimmed_in_no_time()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var line in (string[])["> ", "On On On ", "On x <a@", "From: ", "--", "a:\n> b\n", "> a\nb\n"])
            ReplyTrimmer.Split(string.Concat(Enumerable.Repeat(line + "\n", 30_000)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("Out of memory on the mail server")]
    [InlineData("Re: Automation of our reports")]
    [InlineData("Delivery of the second server")]
    [InlineData("Question about the vacation setting")]
    [InlineData("The postmaster address bounces")]
    public async Task A_persons_mail_is_never_taken_for_a_machines(string subject)
    {
        using var raw = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"From: Asha <asha@acme.test>\r\nSubject: {subject}\r\n\r\nHello"));
        Assert.Equal(AutomaticKind.None, (await MailParser.ReadAsync(raw, "", Ct)).Automatic);
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0);

    private static async Task<ParsedMail> ReadAsync(string file)
    {
        await using var raw = File.OpenRead(file);
        return await MailParser.ReadAsync(raw, "", Ct);
    }
}
