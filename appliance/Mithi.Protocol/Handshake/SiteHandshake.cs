using System.Net.WebSockets;
using Mithi.Protocol.Connection;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Pairing;

namespace Mithi.Protocol.Handshake;

/// <summary>Who a site is when it connects.</summary>
/// <param name="Site">The site's id.</param>
/// <param name="Device">The machine's key.</param>
/// <param name="Pins">The node's signing key and its next one, from the stamp.</param>
/// <param name="ServerPins">The keys that TLS may show, from the stamp. None of them proves the node.</param>
/// <param name="Agent">The version of mithi-site.</param>
/// <param name="Stage"><c>installer</c>, <c>first-boot</c> or <c>agent</c>.</param>
public sealed record SiteIdentity(
    string Site, SigningKey Device, IReadOnlyList<KeyHash> Pins, IReadOnlyList<KeyHash> ServerPins, string Agent, string Stage);

/// <summary>A connection as the site has it after the handshake.</summary>
/// <param name="Connection">To be run by the caller.</param>
/// <param name="Node">The key that the node proved.</param>
/// <param name="Welcome">What the node said.</param>
/// <param name="Code">To show to the operator while <see cref="NodeWelcome.Paired"/> is false; null when paired.</param>
public sealed record SiteSession(SiteConnection Connection, VerifyingKey Node, NodeWelcome Welcome, PairingCode? Code) : IAsyncDisposable
{
    /// <summary>Cuts the connection.</summary>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}

/// <summary>The site's end of the handshake.</summary>
public static class SiteHandshake
{
    /// <summary>Runs the handshake over a connected socket.</summary>
    /// <param name="socket">Owned by the session from here on; disposed when the handshake fails.</param>
    /// <param name="identity">Who we are.</param>
    /// <param name="nodeAsSeen">The key of the server certificate that TLS saw.</param>
    /// <param name="time">For pings and the bound on the handshake.</param>
    /// <param name="ct">Ends the attempt.</param>
    /// <exception cref="ProtocolException">The node refused, is not the one on the medium, or broke the protocol.</exception>
    public static async Task<SiteSession> RunAsync(
        WebSocket socket, SiteIdentity identity, KeyHash nodeAsSeen, TimeProvider time, CancellationToken ct)
    {
        var frames = new FrameSocket(socket);
        using var bound = new CancellationTokenSource(Limits.HandshakeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, bound.Token);
        try
        {
            return await ExchangeAsync(frames, identity, nodeAsSeen, time, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            frames.Dispose();
            throw new ProtocolException(ProtocolFault.Silent, "The node did not finish the handshake in time.");
        }
        catch
        {
            frames.Dispose();
            throw;
        }
    }

    private static async Task<SiteSession> ExchangeAsync(
        FrameSocket frames, SiteIdentity identity, KeyHash nodeAsSeen, TimeProvider time, CancellationToken ct)
    {
        var (device, siteNonce) = (identity.Device.Public, HelloFrames.Nonce());
        var hello = new SiteHello(HelloFrames.Version, identity.Site, identity.Agent, identity.Stage, nodeAsSeen.Hex,
            HelloFrames.Commitment(device, siteNonce));
        await HelloFrames.SendAsync(frames, hello, ct).ConfigureAwait(false);

        var challenge = await HelloFrames.ExpectAsync<NodeChallenge>(frames, ct).ConfigureAwait(false);
        if (challenge.Nonce.Length != HelloFrames.NonceBytes)
            throw new ProtocolException(ProtocolFault.BadHandshake, "The node's nonce has not 32 bytes.");
        var node = VerifyingKey.FromSpki(challenge.NodeKey);
        if (!identity.Pins.Contains(node.Hash))
            throw new ProtocolException(ProtocolFault.PinMismatch, $"The node has the key {node.Hash}, which is not on this medium.");
        if (!node.Verify(HelloFrames.NodeDigest(hello, node, challenge.Nonce), challenge.Signature))
            throw new ProtocolException(ProtocolFault.BadSignature, "The node could not prove its key.");

        var digest = HelloFrames.SiteDigest(hello, node, challenge.Nonce, device, siteNonce);
        await HelloFrames.SendAsync(frames, new SiteOpen(device.Spki.ToArray(), siteNonce, identity.Device.Sign(digest)), ct)
            .ConfigureAwait(false);

        var welcome = await HelloFrames.ExpectAsync<NodeWelcome>(frames, ct).ConfigureAwait(false);
        var code = welcome.Paired ? null : PairingCode.Compute(device, nodeAsSeen, siteNonce, challenge.Nonce);
        return new(new SiteConnection(frames, isNode: false, time), node, welcome, code);
    }
}
