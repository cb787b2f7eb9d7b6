using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using MimeKit.Cryptography;
using Mithi.Helpdesk.Mail;
using Xunit;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>A signature of the sender's domain proves the sender; nothing that only looks like one does.</summary>
public sealed class SenderChecksTests
{
    private static readonly RSA Key = RSA.Create(2048);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_that_its_senders_domain_signed_is_verified()
        => Assert.Equal(SenderVerdict.Pass, await VerdictAsync(Signed("acme.test")));

    [Fact]
    public async Task A_signature_of_the_domain_above_speaks_for_it()
        => Assert.Equal(SenderVerdict.Pass, await VerdictAsync(Signed("acme.test", from: "user@mail.acme.test")));

    [Theory]
    [InlineData("Since Monday.", "Since Tuesday.")]
    [InlineData("Subject: Mail is slow", "Subject: Send me the password")]
    [InlineData("From: user@acme.test", "From: admin@acme.test")]
    [InlineData("From: user@acme.test", "From: admin@acme.test\r\nFrom: user@acme.test")]
    [InlineData("d=acme.test", "d=evil.test")]
    [InlineData("v=1;", "v=1; l=10;")]
    [InlineData("v=1;", "v=1; x=1000;")]
    [InlineData("s=one", "s=none")]
    [InlineData("b=", "b=AAAA")]
    public async Task What_was_changed_after_the_signature_is_not_verified(string signed, string changed)
    {
        var raw = Signed("acme.test");
        Assert.Contains(signed, raw);
        Assert.Equal(SenderVerdict.Unknown, await VerdictAsync(raw.Replace(signed, changed, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Somebody_elses_right_signature_says_nothing_about_the_sender()
        => Assert.Equal(SenderVerdict.Unknown, await VerdictAsync(Signed("evil.test")));

    [Fact]
    public async Task A_domain_that_only_ends_alike_is_another()
        => Assert.Equal(SenderVerdict.Unknown, await VerdictAsync(Signed("me.test")));

    [Fact]
    public async Task While_no_name_server_answers_the_sender_is_unknown()
        => Assert.Equal(SenderVerdict.Unknown, await VerdictAsync(Signed("acme.test"), new NoKeys()));

    [Fact]
    public async Task A_signed_answer_acts_though_no_mail_server_vouches()
    {
        await using var desk = await TestHelpdesk.StartAsync(replace: s => s.AddSingleton<IDkimKeys>(new OneKey()));
        var id = await desk.OpenAsync(desk.AcmeUser);
        await desk.TakeInAsync(Signed("acme.test", subject: $"Re: [#{id}] Mail is slow"));
        await desk.TakeInAsync(Signed("evil.test", subject: $"Re: [#{id}] Mail is slow", body: "Forged."));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_message where body = 'Since Monday.' and via = 'Mail'"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket_message where body = 'Forged.'"));
    }

    private static async Task<SenderVerdict> VerdictAsync(string raw, IDkimKeys? keys = null)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(raw));
        return (await MailParser.ReadAsync(stream, "", new SenderChecks(keys ?? new OneKey(), TimeProvider.System), Ct)).Verdict;
    }

    private static string Signed(string domain, string from = "user@acme.test", string subject = "Mail is slow", string body = "Since Monday.")
    {
        using var raw = new MemoryStream(Encoding.UTF8.GetBytes($"From: {from}\r\nTo: support@vendor.test\r\nSubject: {subject}\r\n\r\n{body}\r\n"));
        using var mail = MimeMessage.Load(raw, Ct);
        using var key = new MemoryStream(Encoding.ASCII.GetBytes(Key.ExportRSAPrivateKeyPem()));
        var signer = new DkimSigner(key, domain, "one") { SignatureAlgorithm = DkimSignatureAlgorithm.RsaSha256 };
        signer.Sign(mail, new HeaderId[] { HeaderId.From, HeaderId.To, HeaderId.Subject });
        using var signed = new MemoryStream();
        mail.WriteTo(FormatOptions.Default, signed, Ct);
        return Encoding.UTF8.GetString(signed.ToArray()).ReplaceLineEndings("\r\n");
    }

    private sealed class OneKey : IDkimKeys
    {
        public Task<string?> TextAsync(string name, CancellationToken ct) => Task.FromResult(
            name.StartsWith("one._domainkey.", StringComparison.Ordinal) ? $"v=DKIM1; k=rsa; p={Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo())}" : null);
    }

    private sealed class NoKeys : IDkimKeys
    {
        public Task<string?> TextAsync(string name, CancellationToken ct) => Task.FromResult<string?>(null);
    }
}
