using System.Security.Cryptography;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Handshake;

/// <summary>What both ends of a handshake hash, send and expect.</summary>
internal static class HelloFrames
{
    public const int NonceBytes = 32;
    public const int Version = 1;

    public static byte[] Nonce() => RandomNumberGenerator.GetBytes(NonceBytes);

    public static byte[] Commitment(VerifyingKey device, ReadOnlyMemory<byte> siteNonce)
        => Transcript.Hash("commit", device.Spki, siteNonce);

    public static byte[] NodeDigest(SiteHello hello, VerifyingKey node, ReadOnlyMemory<byte> nodeNonce)
        => Transcript.Hash("node", Transcript.Text(hello.Site), hello.Commitment, Transcript.Text(hello.NodeAsSeen), node.Spki, nodeNonce);

    public static byte[] SiteDigest(
        SiteHello hello, VerifyingKey node, ReadOnlyMemory<byte> nodeNonce, VerifyingKey device, ReadOnlyMemory<byte> siteNonce)
        => Transcript.Hash("site", Transcript.Text(hello.Site), hello.Commitment, Transcript.Text(hello.NodeAsSeen), node.Spki,
            nodeNonce, device.Spki, siteNonce);

    public static ValueTask SendAsync(FrameSocket socket, HelloMessage message, CancellationToken ct)
        => socket.WriteAsync(new(FrameKind.Hello, 0, 0, ProtocolJson.Write(message, ProtocolJson.Default.HelloMessage)), ct);

    /// <summary>The next message of a kind; a refusal is thrown as what it names.</summary>
    public static async Task<T> ExpectAsync<T>(FrameSocket socket, CancellationToken ct) where T : HelloMessage
    {
        var frame = await socket.ReadAsync(ct).ConfigureAwait(false)
            ?? throw new ProtocolException(ProtocolFault.BadHandshake, "The other end left during the handshake.");
        if (frame.Kind is not FrameKind.Hello || frame.Stream != 0)
            throw new ProtocolException(ProtocolFault.BadHandshake, $"A {frame.Kind} frame came before the welcome.");
        var message = ProtocolJson.Read(frame.Payload.Span, ProtocolJson.Default.HelloMessage);
        return message switch
        {
            T expected => expected,
            NodeRefusal refusal => throw new ProtocolException(
                Enum.TryParse<ProtocolFault>(refusal.Fault, out var fault) ? fault : ProtocolFault.BadHandshake,
                $"The node refused: {Shorten(refusal.Text)}"),
            _ => throw new ProtocolException(ProtocolFault.BadHandshake, "The handshake's messages came in the wrong order."),
        };
    }

    private static string Shorten(string text) => text.Length > 200 ? text[..200] : text;
}
