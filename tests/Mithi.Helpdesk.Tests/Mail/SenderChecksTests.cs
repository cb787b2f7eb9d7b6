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

    [Fact]
    public async Task What_a_trusted_server_sealed_about_the_sender_counts()
    {
        Assert.Equal(SenderVerdict.Pass, await VerdictAsync(Sealed(), trust: new("", ["other.test", "LISTS.test"])));
        Assert.Equal(SenderVerdict.Pass, await VerdictAsync(Sealed("dkim=pass header.d=acme.test"), trust: new("", ["lists.test"])));
        // Our own server found nothing right, as it must when a list has changed the mail, and does not speak of the seal.
        Assert.Equal(SenderVerdict.Pass, await VerdictAsync($"Authentication-Results: mx.vendor.test; dmarc=fail header.from=acme.test\r\n{Sealed()}", trust: new("mx.vendor.test", ["lists.test"])));
    }

    [Fact]
    public async Task A_seal_of_anybody_else_is_ignored()
    {
        Assert.Equal(SenderVerdict.Unknown, await VerdictAsync(Sealed()));
        Assert.Equal(SenderVerdict.Unknown, await VerdictAsync(Sealed(), trust: new("", ["ts.test", "mx.lists.test"])));
        Assert.Equal(SenderVerdict.Fail, await VerdictAsync(Sealed(), trust: new("mx.vendor.test", [])));
    }

    [Theory]
    [InlineData("Since Monday.", "Since Tuesday.")]
    [InlineData("From: user@acme.test", "From: admin@acme.test")]
    [InlineData("From: user@acme.test", "From: admin@acme.test\r\nFrom: user@acme.test")]
    [InlineData("cv=none", "cv=pass")]
    [InlineData("d=lists.test", "d=good.test")]
    [InlineData("s=one", "s=none")]
    [InlineData("mx.lists.test", "mx.other.test")]
    [InlineData("ARC-Message-Signature: i=1;", "ARC-Message-Signature: i=1; l=10;")]
    [InlineData("ARC-Seal: i=1;", "ARC-Seal: i=2;")]
    public async Task What_was_changed_after_the_seal_is_not_verified(string written, string changed)
    {
        var raw = Sealed();
        Assert.Contains(written, raw);
        Assert.Equal(SenderVerdict.Unknown, await VerdictAsync(raw.Replace(written, changed, StringComparison.Ordinal), trust: new("", ["lists.test", "good.test"])));
    }

    [Theory]
    [InlineData("dmarc=fail header.from=acme.test")]
    [InlineData("dmarc=pass header.from=evil.test")]
    [InlineData("spf=pass smtp.mailfrom=user@evil.test")]
    public async Task A_seal_over_a_sender_that_was_not_found_right_proves_nothing(string results)
        => Assert.Equal(SenderVerdict.Unknown, await VerdictAsync(Sealed(results), trust: new("", ["lists.test"])));

    [Fact]
    public async Task A_seal_that_leaves_the_sender_open_proves_nothing_even_if_our_own_server_likes_it()
    {
        var raw = $"Authentication-Results: mx.vendor.test; arc=pass\r\n{Sealed("dmarc=pass")}";
        Assert.Equal(SenderVerdict.Pass, await VerdictAsync(raw, trust: new("mx.vendor.test", ["lists.test"])));
        Assert.Contains("h=from:", raw);
        Assert.Equal(SenderVerdict.Fail, await VerdictAsync(raw.Replace("h=from:", "h=", StringComparison.Ordinal), trust: new("mx.vendor.test", ["lists.test"])));
    }

    [Theory]
    [InlineData("arc=pass", true)]
    [InlineData("arc=fail", false)]
    public async Task What_our_own_mail_server_says_of_the_seal_outweighs_what_we_find(string arc, bool counts)
    {
        var raw = $"Authentication-Results: mx.vendor.test; dmarc=fail header.from=acme.test; {arc}\r\n{Sealed()}";
        Assert.Equal(counts ? SenderVerdict.Pass : SenderVerdict.Fail, await VerdictAsync(raw, counts ? new NoKeys() : new OneKey(), new("mx.vendor.test", ["lists.test"])));
        // A stranger's seal stays a stranger's.
        Assert.Equal(SenderVerdict.Fail, await VerdictAsync(raw, trust: new("mx.vendor.test", ["other.test"])));
        // And only the topmost result is our server's.
        Assert.Equal(SenderVerdict.Fail, await VerdictAsync($"Authentication-Results: mx.evil.test; none\r\n{raw}", new NoKeys(), new("mx.vendor.test", ["lists.test"])));
    }

    private static async Task<SenderVerdict> VerdictAsync(string raw, IDkimKeys? keys = null, SenderTrust? trust = null)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(raw));
        return (await MailParser.ReadAsync(stream, trust ?? new("", []), new SenderChecks(keys ?? new OneKey(), TimeProvider.System), Ct)).Verdict;
    }

    private static string Sealed(string results = "dmarc=pass header.from=acme.test")
    {
        using var raw = new MemoryStream(Encoding.UTF8.GetBytes("From: user@acme.test\r\nTo: support@vendor.test\r\nSubject: Mail is slow\r\n\r\nSince Monday.\r\n"));
        using var mail = MimeMessage.Load(raw, Ct);
        using var key = new MemoryStream(Encoding.ASCII.GetBytes(Key.ExportRSAPrivateKeyPem()));
        new Sealer(key, "lists.test", results).Sign(mail, new HeaderId[] { HeaderId.From, HeaderId.To, HeaderId.Subject }, Ct);
        using var whole = new MemoryStream();
        mail.WriteTo(FormatOptions.Default, whole, Ct);
        return Encoding.UTF8.GetString(whole.ToArray()).ReplaceLineEndings("\r\n");
    }

    private sealed class Sealer(Stream key, string domain, string results) : ArcSigner(key, domain, "one", DkimSignatureAlgorithm.RsaSha256)
    {
        protected override AuthenticationResults GenerateArcAuthenticationResults(FormatOptions options, MimeMessage message, CancellationToken cancellationToken)
            => AuthenticationResults.Parse(Encoding.ASCII.GetBytes($"mx.lists.test; {results}"));

        protected override Task<AuthenticationResults> GenerateArcAuthenticationResultsAsync(FormatOptions options, MimeMessage message, CancellationToken cancellationToken)
            => Task.FromResult(GenerateArcAuthenticationResults(options, message, cancellationToken));
    }

    internal static string Signed(string domain, string from = "user@acme.test", string subject = "Mail is slow", string body = "Since Monday.", string to = "support@vendor.test")
    {
        using var raw = new MemoryStream(Encoding.UTF8.GetBytes($"From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{body}\r\n"));
        using var mail = MimeMessage.Load(raw, Ct);
        using var key = new MemoryStream(Encoding.ASCII.GetBytes(Key.ExportRSAPrivateKeyPem()));
        var signer = new DkimSigner(key, domain, "one") { SignatureAlgorithm = DkimSignatureAlgorithm.RsaSha256 };
        signer.Sign(mail, new HeaderId[] { HeaderId.From, HeaderId.To, HeaderId.Subject });
        using var signed = new MemoryStream();
        mail.WriteTo(FormatOptions.Default, signed, Ct);
        return Encoding.UTF8.GetString(signed.ToArray()).ReplaceLineEndings("\r\n");
    }

    internal sealed class OneKey : IDkimKeys
    {
        public Task<string?> TextAsync(string name, CancellationToken ct) => Task.FromResult(
            name.StartsWith("one._domainkey.", StringComparison.Ordinal) ? $"v=DKIM1; k=rsa; p={Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo())}" : null);
    }

    private sealed class NoKeys : IDkimKeys
    {
        public Task<string?> TextAsync(string name, CancellationToken ct) => Task.FromResult<string?>(null);
    }
}
