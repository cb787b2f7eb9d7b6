using System.Buffers;
using System.Net.WebSockets;

namespace Mithi.Protocol.Frames;

/// <summary>Frames over any WebSocket: one reader and one writer at a time, no buffer held while idle.</summary>
internal sealed class FrameSocket(WebSocket socket) : IDisposable
{
    private byte[]? _rented;

    public WebSocket Socket { get; } = socket;

    /// <summary>The next frame, or null when the other end closed the socket. The payload is valid until the next call.</summary>
    public async ValueTask<Frame?> ReadAsync(CancellationToken ct)
    {
        Release();
        // A receive of nothing waits without a buffer: an idle connection costs no memory of ours.
        var first = await Socket.ReceiveAsync(Memory<byte>.Empty, ct).ConfigureAwait(false);
        if (first.MessageType is WebSocketMessageType.Close)
            return null;
        if (first.MessageType is not WebSocketMessageType.Binary || first.EndOfMessage)
            throw new ProtocolException(ProtocolFault.BadFrame, "Only binary messages with a header are spoken here.");
        _rented = ArrayPool<byte>.Shared.Rent(Frame.BytesMax + 1);
        var filled = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await Socket.ReceiveAsync(_rented.AsMemory(filled, Frame.BytesMax + 1 - filled), ct).ConfigureAwait(false);
            if (part.MessageType is WebSocketMessageType.Close)
                return null;
            filled += part.Count;
            if (filled > Frame.BytesMax)
                throw new ProtocolException(ProtocolFault.TooLarge, $"A message is longer than {Frame.BytesMax} bytes.");
        }
        while (!part.EndOfMessage);
        return Frame.Read(_rented.AsMemory(0, filled));
    }

    public async ValueTask WriteAsync(Frame frame, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(frame.Bytes);
        try
        {
            var length = frame.Write(buffer);
            await Socket.SendAsync(buffer.AsMemory(0, length), WebSocketMessageType.Binary, true, ct).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Lets go what still comes, until the other end closes.</summary>
    public async Task DrainAsync(CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4 << 10);
        try
        {
            while (Socket.State is WebSocketState.Open or WebSocketState.CloseSent)
                await Socket.ReceiveAsync(buffer.AsMemory(), ct).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It closed the hard way.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        Release();
        Socket.Dispose();
    }

    private void Release()
    {
        if (_rented is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
        _rented = null;
    }
}
