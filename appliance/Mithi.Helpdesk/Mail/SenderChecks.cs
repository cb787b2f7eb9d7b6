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

/// <summary>Verifies DKIM (RFC 6376) and ARC (RFC 8617) here: whether the domain of a mail's sender has signed it, or a trusted server has found it right.</summary>
internal sealed class SenderChecks(IDkimKeys keys, TimeProvider time)
{
    /// <summary>Whether a signature or a seal proves that the mail is from this domain.</summary>
    public async Task<bool> IsProvenAsync(MimeMessage mail, string domain, SenderTrust trust, CancellationToken ct)
    {
        // With two senders in it, which one a reader sees is anybody's guess.
        if (domain.Length == 0 || mail.Headers.Count(h => h.Id == HeaderId.From) != 1 || mail.From.Count != 1) return false;
        return await IsSignedAsync(mail, domain, ct) || await IsSealedAsync(mail, domain, trust, ct);
    }

    private async Task<bool> IsSignedAsync(MimeMessage mail, string domain, CancellationToken ct)
    {
        var verifier = new DkimVerifier(new Locator(keys));
        foreach (var signature in mail.Headers.Where(h => h.Id == HeaderId.DkimSignature && IsUsable(h, domain)).Take(Limits.SignaturesMax))
        {
            if (await HoldsAsync(() => verifier.VerifyAsync(mail, signature, ct))) return true;
        }
        return false;
    }

    /// <summary>What the newest server that passed the mail on found, if it is a trusted one: it vouches for what came to it, and for all older seals.</summary>
    private async Task<bool> IsSealedAsync(MimeMessage mail, string domain, SenderTrust trust, CancellationToken ct)
    {
        if (trust.Sealers.Count == 0 || mail.Headers.Count(h => h.Id == HeaderId.ArcSeal) is not (> 0 and <= Limits.SealsMax and var newest)) return false;
        if (Newest(mail, HeaderId.ArcSeal, newest) is not { } seal || Newest(mail, HeaderId.ArcMessageSignature, newest) is not { } signature
            || !trust.Sealers.Contains(seal.GetValueOrDefault("d", ""), StringComparer.OrdinalIgnoreCase)) return false;
        // A part of the text, or no sender: then the seal is not over what the reader sees.
        if (signature.ContainsKey("l") || !signature.GetValueOrDefault("h", "").Split(':').Contains("from", StringComparer.OrdinalIgnoreCase)) return false;
        var found = mail.Headers.Where(h => h.Id == HeaderId.ArcAuthenticationResults)
            .Select(h => AuthenticationResults.TryParse(h.RawValue, out var results) ? results : null).Where(r => r?.Instance == newest).ToArray();
        if (found is not [{ } only] || !SenderResults.Prove(only, domain)) return false;
        // Our own mail server saw the mail as it came, before anything of ours could have changed it.
        if (SenderResults.Own(mail, trust.AuthServer)?.Results.FirstOrDefault(r => r.Method == "arc") is { } own) return own.Result == "pass";
        var verifier = new ArcVerifier(new Locator(keys));
        return await HoldsAsync(async () => (await verifier.VerifyAsync(mail, ct)).Chain == ArcSignatureValidationResult.Pass);
    }

    /// <summary>The tags of the only header of this kind with this number.</summary>
    private static Dictionary<string, string>? Newest(MimeMessage mail, HeaderId kind, int number)
        => mail.Headers.Where(h => h.Id == kind && h.Value.Length <= Limits.SignatureCharsMax).Select(Tags)
            .Where(t => t.GetValueOrDefault("i") == $"{number}").ToArray() is [var only] ? only : null;

    private static async Task<bool> HoldsAsync(Func<Task<bool>> verify)
    {
        try
        {
            return await verify();
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or InvalidOperationException or CryptoException or IOException)
        {
            return false;   // Broken, or made in a way that we don't know: it proves nothing.
        }
    }

    private static Dictionary<string, string> Tags(Header header) => header.Value.Split(';').Select(t => t.Split('=', 2)).Where(t => t.Length == 2)
        .GroupBy(t => t[0].Trim(), StringComparer.Ordinal).ToDictionary(g => g.Key, g => string.Concat(g.First()[1].Where(c => !char.IsWhiteSpace(c))), StringComparer.Ordinal);

    private bool IsUsable(Header signature, string domain)
    {
        if (signature.Value.Length > Limits.SignatureCharsMax) return false;
        var tags = Tags(signature);
        // A signature over a part of the body lets anybody write below it.
        if (tags.ContainsKey("l") || !tags.TryGetValue("d", out var signer) || !tags.TryGetValue("s", out var selector)) return false;
        if (tags.TryGetValue("x", out var expires) && (!long.TryParse(expires, out var at) || at < time.GetUtcNow().ToUnixTimeSeconds())) return false;
        return SenderResults.IsAligned(signer, domain) && IsName(signer) && IsName(selector);
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 200 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    private sealed class Locator(IDkimKeys keys) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default)
            => throw new NotSupportedException("Keys are asked for without blocking.");

        public override async Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default)
            => IsName(selector) && IsName(domain) && await keys.TextAsync($"{selector}._domainkey.{domain}", cancellationToken) is { Length: > 0 and <= Limits.SignatureCharsMax } text ? GetPublicKey(text)
                : throw new FormatException("There is no such key.");
    }
}
