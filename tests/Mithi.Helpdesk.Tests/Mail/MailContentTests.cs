using System.Text;
using Mithi.Helpdesk.Mail;
using Xunit;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>Whatever else is in a mail, what its sender wrote is what is read.</summary>
public sealed class MailContentTests
{
    [Fact]
    public async Task A_text_file_in_the_middle_of_a_mail_is_a_file()
    {
        var mail = await ReadAsync(Mixed("""
            Content-Type: text/plain; name=log.txt
            Content-Disposition: inline; filename=log.txt

            The log.
            --b
            Content-Type: text/html

            <p>The customer's words.</p>
            """));
        Assert.Equal("The customer's words.", mail.Body);
        Assert.Equal([("log.txt", "The log.")], Files(mail));
        Assert.False(mail.Cut);
    }

    [Fact]
    public async Task A_name_alone_makes_a_text_a_file_and_an_attached_one_is_one_too()
    {
        var mail = await ReadAsync(Mixed("""
            Content-Type: text/html

            <p>The customer's words.</p>
            --b
            Content-Type: text/plain; name=log.txt

            The log.
            --b
            Content-Type: text/plain
            Content-Disposition: attachment

            Another.
            """));
        Assert.Equal("The customer's words.", mail.Body);
        Assert.Equal([("log.txt", "The log."), ("text.plain", "Another.")], Files(mail));
    }

    [Theory]
    [InlineData("message/rfc822", "")]
    [InlineData("message/rfc822", "Content-Disposition: inline\n")]
    [InlineData("message/rfc822", "Content-Disposition: attachment; filename=\"Old one.eml\"\n")]
    public async Task A_forwarded_message_is_a_file_with_all_that_is_in_it(string type, string disposition)
    {
        var mail = await ReadAsync(Mixed($"""
            Content-Type: {type}
            {disposition}
            From: somebody@else.test
            Subject: Old one
            Content-Type: multipart/mixed; boundary=c

            --c
            Content-Type: text/plain

            Somebody else's words.
            --c
            Content-Type: application/pdf; name=inner.pdf

            %PDF-
            --c--
            --b
            Content-Type: text/html

            <p>The customer's words.</p>
            """));
        Assert.Equal("The customer's words.", mail.Body);
        var (name, content) = Assert.Single(Files(mail));
        Assert.Equal("Old one.eml", name);
        Assert.Contains("Somebody else's words.", content);
        Assert.Contains("inner.pdf", content);
    }

    [Fact]
    public async Task A_mail_that_is_nothing_but_a_forwarded_one_is_a_file()
    {
        var mail = await ReadAsync("From: user@acme.test\nContent-Type: message/rfc822\n\nFrom: a@b.test\nSubject: Old\n\nWords.\n");
        Assert.Equal("", mail.Body);
        Assert.Equal("Old.eml", Assert.Single(mail.Parts).Name);
    }

    [Fact]
    public async Task Of_alternatives_the_plain_one_is_read_unless_it_says_nothing()
    {
        const string Alternatives = "Content-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/plain\n\n{0}\n--c\nContent-Type: multipart/related; boundary=d\n\n"
            + "--d\nContent-Type: text/html\n\n<p>As HTML.</p>\n--d\nContent-Type: image/png; name=logo.png\n\nx\n--d--\n--c--";
        var both = await ReadAsync(Mixed(string.Format(Alternatives, "As text.")));
        Assert.Equal("As text.", both.Body);
        Assert.Equal("logo.png", Assert.Single(both.Parts).Name);
        Assert.Equal("As HTML.", (await ReadAsync(Mixed(string.Format(Alternatives, " ")))).Body);
    }

    [Fact]
    public async Task What_is_written_below_a_picture_is_read_too()
    {
        var mail = await ReadAsync(Mixed("""
            Content-Type: text/plain

            Look:
            --b
            Content-Type: image/png
            Content-Disposition: inline

            x
            --b
            Content-Type: text/plain

            Do you see it?
            """));
        Assert.Equal("Look:\n\nDo you see it?", mail.Body);
        Assert.Equal("image.png", Assert.Single(mail.Parts).Name);
    }

    [Theory]
    [InlineData("Content-Type: text/plain; name=body.txt")]
    [InlineData("Content-Type: text/plain\nContent-Disposition: inline; filename=body.txt")]
    public async Task The_only_text_is_the_body_whatever_it_is_called(string headers)
        => Assert.Equal("Words.", (await ReadAsync($"From: user@acme.test\n{headers}\n\nWords.\n")).Body);

    private static string Mixed(string parts) => $"From: user@acme.test\nSubject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{parts}\n--b--\n";

    private static IEnumerable<(string Name, string Content)> Files(ParsedMail mail)
        => mail.Parts.Select(p => (p.Name, Encoding.UTF8.GetString(p.Content).Trim()));

    private static async Task<ParsedMail> ReadAsync(string raw)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(raw.Replace("\r\n", "\n").Replace("\n", "\r\n")));
        return await MailParser.ReadAsync(stream, TestContext.Current.CancellationToken);
    }
}
