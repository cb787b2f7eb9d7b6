using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Keys;

namespace Mithi.Protocol;

/// <summary>Connects a site to its node. TLS is checked by the pins only: a bare machine has no roots and no clock.</summary>
public static class SiteClient
{
    /// <summary>Connects, runs the handshake and gives the session, whose connection the caller runs.</summary>
    /// <param name="node">The node's address, like <c>https://support.partner.example:443</c>.</param>
    /// <param name="proxy">An HTTP proxy for CONNECT, with credentials if it wants them; null for none.</param>
    /// <param name="identity">Who we are and which keys the node may have.</param>
    /// <param name="time">The clock for pings and bounds.</param>
    /// <param name="ct">Ends the attempt.</param>
    /// <exception cref="ProtocolException">The node is not the one on the medium, refused us or broke the protocol.</exception>
    /// <exception cref="WebSocketException">It could not be reached.</exception>
    public static async Task<SiteSession> ConnectAsync(
        Uri node, IWebProxy? proxy, SiteIdentity identity, TimeProvider time, CancellationToken ct)
    {
        KeyHash? seen = null;
        var socket = new ClientWebSocket();
        socket.Options.Proxy = proxy;
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            seen = certificate is null ? null : HashOf(certificate);
            return seen is { } hash && identity.ServerPins.Contains(hash);
        };
        using var bound = new CancellationTokenSource(Limits.HandshakeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, bound.Token);
        try
        {
            await socket.ConnectAsync(SocketAddress(node), both.Token).ConfigureAwait(false);
            return await SiteHandshake.RunAsync(socket, identity, seen ?? throw NoTls(), time, ct).ConfigureAwait(false);
        }
        catch (WebSocketException) when (seen is { } other && !identity.ServerPins.Contains(other))
        {
            socket.Dispose();
            throw new ProtocolException(ProtocolFault.PinMismatch,
                $"The server has the key {other}, which is not on this medium. Somebody may be in between.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A handler for downloads from the node, checked by the same pins and nothing else.</summary>
    /// <remarks>For a proxy set <c>Proxy</c> and <c>UseProxy</c> on it.</remarks>
    public static SocketsHttpHandler CreateHandler(IReadOnlyList<KeyHash> serverPins) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        ConnectTimeout = Limits.HandshakeMax,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _)
                => certificate is not null && serverPins.Contains(HashOf(certificate)),
        },
    };

    /// <summary>How long to wait before attempt <paramref name="attempt"/> (from 0): 1 s doubling to 60 s, with full jitter.</summary>
    /// <param name="attempt">How many attempts failed in a row.</param>
    /// <param name="jitter">From 0 to 1, from a random source of the caller.</param>
    public static TimeSpan ReconnectDelay(int attempt, double jitter)
    {
        var longest = Math.Min(Limits.ReconnectFirst.TotalSeconds * Math.Pow(2, Math.Min(attempt, 16)), Limits.ReconnectMax.TotalSeconds);
        return TimeSpan.FromSeconds(longest * Math.Clamp(jitter, 0, 1));
    }

    private static Uri SocketAddress(Uri node)
        => new UriBuilder(node) { Scheme = node.Scheme is "http" or "ws" ? "ws" : "wss", Path = "/site" }.Uri;

    private static KeyHash HashOf(X509Certificate certificate)
    {
        using var full = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return KeyHash.Of(full.PublicKey.ExportSubjectPublicKeyInfo());
    }

    private static ProtocolException NoTls()
        => new(ProtocolFault.PinMismatch, "The node was reached without TLS, so its key is not known.");
}
