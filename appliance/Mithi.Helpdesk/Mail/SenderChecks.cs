using DnsClient;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;

namespace Mithi.Helpdesk.Mail;

/// <summary>Where the keys of DKIM stand: the text records of a name. Null when there is none or nobody answers.</summary>
internal interface IDkimKeys
{
    Task<string?> TextAsync(string name, CancellationToken ct);
}

/// <summary>The keys in the DNS, asked of the servers that this machine uses.</summary>
internal sealed class DnsDkimKeys : IDkimKeys
{
    private readonly Lazy<LookupClient> dns = new(() => new(new LookupClientOptions { Timeout = Limits.DnsAnswerMax, Retries = 1, UseCache = true, ThrowDnsErrors = false }));

    public async Task<string?> TextAsync(string name, CancellationToken ct)
    {
        try
        {
            var answer = await dns.Value.QueryAsync(name, QueryType.TXT, cancellationToken: ct);
            // A long record is cut into pieces of 255 octets; together they are one.
            return answer.Answers.OfType<DnsClient.Protocol.TxtRecord>().Select(r => string.Concat(r.Text)).FirstOrDefault(t => t.Contains("p=", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is DnsResponseException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>Verifies DKIM here (RFC 6376): whether the domain of a mail's sender has signed it.</summary>
internal sealed class SenderChecks(IDkimKeys keys, TimeProvider time)
{
    /// <summary>Whether one of its signatures is right and is the sender's own domain's.</summary>
    public async Task<bool> IsSignedAsync(MimeMessage mail, string domain, CancellationToken ct)
    {
        // With two senders in it, which one a reader sees is anybody's guess.
        if (domain.Length == 0 || mail.Headers.Count(h => h.Id == HeaderId.From) != 1 || mail.From.Count != 1) return false;
        var verifier = new DkimVerifier(new Locator(keys));
        foreach (var signature in mail.Headers.Where(h => h.Id == HeaderId.DkimSignature && IsUsable(h, domain)).Take(Limits.SignaturesMax))
        {
            try
            {
                if (await verifier.VerifyAsync(mail, signature, ct)) return true;
            }
            catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or InvalidOperationException or CryptoException or IOException)
            {
                // Broken, or made in a way that we don't know: it proves nothing.
            }
        }
        return false;
    }

    private bool IsUsable(Header signature, string domain)
    {
        if (signature.Value.Length > Limits.SignatureCharsMax) return false;
        var tags = signature.Value.Split(';').Select(t => t.Split('=', 2)).Where(t => t.Length == 2)
            .GroupBy(t => t[0].Trim(), StringComparer.Ordinal).ToDictionary(g => g.Key, g => string.Concat(g.First()[1].Where(c => !char.IsWhiteSpace(c))), StringComparer.Ordinal);
        // A signature over a part of the body lets anybody write below it.
        if (tags.ContainsKey("l") || !tags.TryGetValue("d", out var signer) || !tags.TryGetValue("s", out var selector)) return false;
        if (tags.TryGetValue("x", out var expires) && (!long.TryParse(expires, out var at) || at < time.GetUtcNow().ToUnixTimeSeconds())) return false;
        return MailParser.IsAligned(signer, domain) && IsName(signer) && IsName(selector);
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 200 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    private sealed class Locator(IDkimKeys keys) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default)
            => throw new NotSupportedException("Keys are asked for without blocking.");

        public override async Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default)
            => await keys.TextAsync($"{selector}._domainkey.{domain}", cancellationToken) is { Length: > 0 and <= Limits.SignatureCharsMax } text ? GetPublicKey(text)
                : throw new FormatException("There is no such key.");
    }
}
