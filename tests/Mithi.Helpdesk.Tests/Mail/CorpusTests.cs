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

    [Theory]
    [InlineData("Out of memory on the mail server")]
    [InlineData("Re: Automation of our reports")]
    [InlineData("Delivery of the second server")]
    [InlineData("Question about the vacation setting")]
    [InlineData("The postmaster address bounces")]
    public async Task A_persons_mail_is_never_taken_for_a_machines(string subject)
    {
        using var raw = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"From: Asha <asha@acme.test>\r\nSubject: {subject}\r\n\r\nHello"));
        Assert.Equal(AutomaticKind.None, (await MailParser.ReadAsync(raw, Ct)).Automatic);
    }

    private static async Task<ParsedMail> ReadAsync(string file)
    {
        await using var raw = File.OpenRead(file);
        return await MailParser.ReadAsync(raw, Ct);
    }
}
