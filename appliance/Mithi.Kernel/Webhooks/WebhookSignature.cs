using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Mithi.Kernel.Webhooks;

/// <summary>How a receiver knows that we wrote it, and when. wiki-content/reference/webhooks.md, "Check the signature".</summary>
public static class WebhookSignature
{
    public const string Header = "Mithi-Signature";

    public const string SecretPrefix = "whsec_";

    /*
        t=   unix seconds
        v1=  HMAC-SHA-256 in lower-case hexadecimal over: the seconds, a dot, the body; the key is the whole secret in UTF-8
        v1=  while a secret is being replaced, the same once more with the old one
    */
    /// <param name="secrets">One, or the new and the old.</param>
    public static string Of(ReadOnlySpan<byte> body, Instant at, IReadOnlyList<string> secrets)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(seconds + "."), .. body];
        var macs = secrets.Select(s => $",v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(s), signed))}");
        return $"t={seconds}{string.Concat(macs)}";
    }
}
