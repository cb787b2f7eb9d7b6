using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Publishing;

/// <summary>Where a node is, who we are there, and whom we take for it.</summary>
/// <param name="Url">Its address, ending with a slash.</param>
/// <param name="Token">An API token with ReleasePublish.</param>
/// <param name="Pin">SHA-256 of the node's public key (SubjectPublicKeyInfo); null to trust what the system trusts.</param>
internal sealed record NodeAddress(Uri Url, string Token, byte[]? Pin)
{
    public static NodeAddress Read(string url, string tokenFile, string? pin)
    {
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var parsed) || parsed.Scheme is not ("https" or "http") || parsed.UserInfo.Length > 0)
            throw new UserException($"{url} is not a node's address.", "Give it like https://node.example.com.");
        if (parsed is { Scheme: "http", IsLoopback: false })
            throw new UserException($"{url} is not encrypted.", "The token would be readable on the way. Use https; http is only for this machine itself.");
        return new(parsed, ReadToken(tokenFile), pin is null ? null : ReadPin(pin));
    }

    /// <summary>A client for this node, the only one of the process. Its time limits are per call.</summary>
    public HttpClient Connect()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,   // A redirect would carry the token to somebody else.
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        if (Pin is not null) handler.SslOptions.RemoteCertificateValidationCallback = IsPinned;
        var http = new HttpClient(handler) { BaseAddress = Url, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        return http;
    }

    // The pin names the key itself, so it needs no name, date or issuer: a node's own certificate has none that matter.
    private bool IsPinned(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        => certificate is X509Certificate2 known
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(known.PublicKey.ExportSubjectPublicKeyInfo()), Pin);

    private static string ReadToken(string path)
    {
        if (!File.Exists(path)) throw new UserException($"{path} is not there.", "Put an API token with the right to publish releases into it; the node shows one under Account, Tokens.");
        using var file = File.OpenText(path);
        var buffer = new char[Limits.TokenCharsMax + 1];
        var token = new string(buffer, 0, file.ReadBlock(buffer)).Trim();
        return token.Length is > 0 and <= Limits.TokenCharsMax && token.All(c => c is > ' ' and < '\x7f')
            ? token
            : throw new UserException($"{path} holds no token.", "A token is one line that begins with mithi_.");
    }

    private static byte[] ReadPin(string text)
    {
        try
        {
            var bytes = text.Length == 64 ? Convert.FromHexString(text) : Convert.FromBase64String(text);
            if (bytes.Length == SHA256.HashSizeInBytes) return bytes;
        }
        catch (FormatException)
        {
            // Said below.
        }
        throw new UserException($"\"{text}\" is not a pin.", "A pin is the SHA-256 of the node's public key in hex or base64; the node prints its own at its start.");
    }
}
