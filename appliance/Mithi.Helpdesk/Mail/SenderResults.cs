using MimeKit;
using MimeKit.Cryptography;

namespace Mithi.Helpdesk.Mail;

/// <summary>What mail servers wrote into a mail about its sender (RFC 8601).</summary>
internal static class SenderResults
{
    public static SenderVerdict Verdict(MimeMessage mail, string domain, string authServer)
    {
        if (authServer.Length == 0) return SenderVerdict.Unknown;
        return Own(mail, authServer) is { } results && Prove(results, domain) ? SenderVerdict.Pass : SenderVerdict.Fail;
    }

    /// <summary>Only the topmost result of the named server counts: whoever sends a mail can write further ones below it.</summary>
    public static AuthenticationResults? Own(MimeMessage mail, string authServer)
        => authServer.Length > 0 && mail.Headers.FirstOrDefault(h => h.Id == HeaderId.AuthenticationResults) is { } header
            && AuthenticationResults.TryParse(header.RawValue, out var results)
            && authServer.Equals(results.AuthenticationServiceIdentifier, StringComparison.OrdinalIgnoreCase) ? results : null;

    /// <summary>Whether they say that the mail is from the domain that it names.</summary>
    public static bool Prove(AuthenticationResults results, string domain) => results.Results.Any(r => r.Result == "pass" && r.Method switch
    {
        "dmarc" => r.Properties.All(p => p.Property != "from" || IsAligned(p.Value, domain)),
        "dkim" => r.Properties.Any(p => p.Property == "d" && IsAligned(p.Value, domain)),
        "spf" => r.Properties.Any(p => p.Property == "mailfrom" && IsAligned(p.Value[(p.Value.LastIndexOf('@') + 1)..], domain)),
        _ => false,
    });

    /// <summary>Whether a domain that was proven speaks for a sender of another: it is the same, or above it.</summary>
    public static bool IsAligned(string proven, string domain) => domain.Length > 0
        && (domain.Equals(proven, StringComparison.OrdinalIgnoreCase) || domain.EndsWith("." + proven, StringComparison.OrdinalIgnoreCase) && proven.Contains('.'));
}
