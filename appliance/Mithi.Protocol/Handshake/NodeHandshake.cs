using System.Net.WebSockets;
using Mithi.Protocol.Connection;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Pairing;

namespace Mithi.Protocol.Handshake;

/// <summary>What the node knows of the site that says hello.</summary>
/// <param name="Paired">The key that the site is paired with; null while it is not paired.</param>
/// <param name="LogThrough">The number of the last log entry that the node has of that key.</param>
public sealed record KnownSite(KeyHash? Paired, long LogThrough);

/// <summary>A connection as the node has it after the handshake.</summary>
/// <param name="Connection">To be run by the caller.</param>
/// <param name="Hello">What the site said.</param>
/// <param name="Device">The key that the machine proved.</param>
/// <param name="Intercepted">Whether the machine saw another server key than ours.</param>
/// <param name="Pending">The pairing that waits for its code; null when the site is paired with this machine.</param>
public sealed record NodeSession(
    SiteConnection Connection, SiteHello Hello, VerifyingKey Device, bool Intercepted, PendingPairing? Pending) : IAsyncDisposable
{
    /// <summary>Withdraws what is pending and cuts the connection.</summary>
    public ValueTask DisposeAsync()
    {
        Pending?.Dispose();
        return Connection.DisposeAsync();
    }
}

/// <summary>The node's end of the handshake.</summary>
/// <param name="key">The node's own key; its hash is the pin on the media.</param>
/// <param name="serverKey">The key of the certificate that sites see: the node's own, or that of the proxy before it.</param>
/// <param name="desk">Where machines wait for their codes.</param>
/// <param name="time">The clock.</param>
public sealed class NodeHandshake(SigningKey key, KeyHash serverKey, PairingDesk desk, TimeProvider time)
{
    /// <summary>Runs the handshake over an accepted socket.</summary>
    /// <param name="socket">Owned by the session from here on; disposed when the handshake fails.</param>
    /// <param name="find">Gives what is known of a site's id; null when the node has no such site.</param>
    /// <param name="ct">Ends the attempt.</param>
    /// <exception cref="ProtocolException">The machine was refused, and told why.</exception>
    public async Task<NodeSession> RunAsync(
        WebSocket socket, Func<string, CancellationToken, Task<KnownSite?>> find, CancellationToken ct)
    {
        var frames = new FrameSocket(socket);
        using var bound = new CancellationTokenSource(Limits.HandshakeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, bound.Token);
        try
        {
            return await ExchangeAsync(frames, find, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            frames.Dispose();
            throw new ProtocolException(ProtocolFault.Silent, "The machine did not finish the handshake in time.");
        }
        catch (ProtocolException refused)
        {
            await RefuseAsync(frames, refused, both.Token).ConfigureAwait(false);
            frames.Dispose();
            throw;
        }
        catch
        {
            frames.Dispose();
            throw;
        }
    }

    private async Task<NodeSession> ExchangeAsync(
        FrameSocket frames, Func<string, CancellationToken, Task<KnownSite?>> find, CancellationToken ct)
    {
        var hello = await HelloFrames.ExpectAsync<SiteHello>(frames, ct).ConfigureAwait(false);
        CheckHello(hello);
        var known = await find(hello.Site, ct).ConfigureAwait(false)
            ?? throw new ProtocolException(ProtocolFault.SiteUnknown, "This node has no such site.");

        var nodeNonce = HelloFrames.Nonce();
        var proof = key.Sign(HelloFrames.NodeDigest(hello, key.Public, nodeNonce));
        await HelloFrames.SendAsync(frames, new NodeChallenge(key.Public.Spki.ToArray(), nodeNonce, proof), ct).ConfigureAwait(false);

        var open = await HelloFrames.ExpectAsync<SiteOpen>(frames, ct).ConfigureAwait(false);
        var device = CheckOpen(hello, open, nodeNonce);
        var intercepted = hello.NodeAsSeen != serverKey.Hex;

        if (known.Paired is { } paired && paired != device.Hash)
            throw new ProtocolException(ProtocolFault.OtherMachine, "This site is paired with another machine.");
        // The node computes with the key that it has, the site with the one that it saw: a code fits only if they are the same.
        var pending = known.Paired is null
            ? desk.Announce(hello.Site, device, PairingCode.Compute(device, serverKey, open.Nonce, nodeNonce))
            : null;
        try
        {
            var welcome = new NodeWelcome(pending is null, intercepted, time.GetUtcNow(), pending?.ExpiresAt, known.LogThrough);
            await HelloFrames.SendAsync(frames, welcome, ct).ConfigureAwait(false);
            return new(new SiteConnection(frames, isNode: true, time), hello, device, intercepted, pending);
        }
        catch
        {
            pending?.Dispose();
            throw;
        }
    }

    private static void CheckHello(SiteHello hello)
    {
        if (hello.Protocol != HelloFrames.Version)
            throw new ProtocolException(ProtocolFault.VersionUnknown, $"This node speaks version {HelloFrames.Version} of the protocol.");
        if (hello.Commitment.Length != 32 || hello.Site.Length is 0 or > Limits.NameCharsMax || hello.Agent.Length > Limits.NameCharsMax
            || hello.Stage is not ("installer" or "first-boot" or "agent"))
            throw new ProtocolException(ProtocolFault.BadHandshake, "The hello's fields are not as they should be.");
        KeyHash.Parse(hello.NodeAsSeen);
    }

    private VerifyingKey CheckOpen(SiteHello hello, SiteOpen open, byte[] nodeNonce)
    {
        if (open.Nonce.Length != HelloFrames.NonceBytes)
            throw new ProtocolException(ProtocolFault.BadHandshake, "The site's nonce has not 32 bytes.");
        var device = VerifyingKey.FromSpki(open.DeviceKey);
        if (!HelloFrames.Commitment(device, open.Nonce).AsSpan().SequenceEqual(hello.Commitment))
            throw new ProtocolException(ProtocolFault.CommitmentMismatch, "The opened key and nonce are not those committed to.");
        if (!device.Verify(HelloFrames.SiteDigest(hello, key.Public, nodeNonce, device, open.Nonce), open.Signature))
            throw new ProtocolException(ProtocolFault.BadSignature, "The machine could not prove its key.");
        return device;
    }

    private static async Task RefuseAsync(FrameSocket frames, ProtocolException refused, CancellationToken ct)
    {
        try
        {
            await HelloFrames.SendAsync(frames, new NodeRefusal(refused.Fault.ToString(), refused.Message), ct).ConfigureAwait(false);
            await frames.Socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, refused.Fault.ToString(), ct).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Whoever broke the protocol may also be gone; the fault itself is what the caller gets.
        }
    }
}
