using System.Buffers;
using System.Threading.Channels;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Connection;

/// <summary>Control messages of one connection: cut into frames, under credit like any stream, so that nobody floods anybody.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for holds nothing that must be released.
internal sealed class ControlChannel(SendQueue queue)
#pragma warning restore CA1001
{
    private readonly CreditWindow _outgoing = new(Limits.ControlWindow, Limits.ControlWindow);
    private readonly SemaphoreSlim _sending = new(1, 1);
    // Unbounded in number and yet bounded: each message was paid for with credit.
    private readonly Channel<(ControlMessage Message, int Cost)> _received =
        Channel.CreateUnbounded<(ControlMessage, int)>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly ArrayBufferWriter<byte> _parts = new();
    private int _partsCost;
    private int _allowed = Limits.ControlWindow;

    public async Task SendAsync(ControlMessage message, CancellationToken ct)
    {
        var json = ProtocolJson.Write(message, ProtocolJson.Default.ControlMessage).AsMemory();
        if (json.Length > Limits.ControlBytesMax)
            throw new ProtocolException(ProtocolFault.TooLarge, $"A {message.GetType().Name} of {json.Length} bytes cannot be sent.");
        await _sending.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // Once the first part is out the last must follow, or the next message would be read as its end. And credit that was
            // taken must be used: the other end gives back only what it received.
            while (!json.IsEmpty)
            {
                var part = json[..Math.Min(json.Length, Limits.PayloadBytesMax)];
                json = json[part.Length..];
                await _outgoing.TakeAsync(part.Length + Limits.ControlCost, all: true, ct).ConfigureAwait(false);
                ct = CancellationToken.None;
                var kind = json.IsEmpty ? FrameKind.Control : FrameKind.ControlPart;
                await queue.AddAsync(new(kind, 0, 0, part), interactive: true, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask<ControlMessage?> ReadAsync(CancellationToken ct)
    {
        if (!await _received.Reader.WaitToReadAsync(ct).ConfigureAwait(false) || !_received.Reader.TryRead(out var next))
            return null;
        Interlocked.Add(ref _allowed, next.Cost);
        queue.AddCredit(0, next.Cost);
        return next.Message;
    }

    public void Receive(ReadOnlySpan<byte> payload, bool last)
    {
        var cost = payload.Length + Limits.ControlCost;
        if (Interlocked.Add(ref _allowed, -cost) < 0)
            throw new ProtocolException(ProtocolFault.CreditViolated, "More control messages came than were allowed.");
        if (_parts.WrittenCount + payload.Length > Limits.ControlBytesMax)
            throw new ProtocolException(ProtocolFault.TooLarge, $"A control message has at most {Limits.ControlBytesMax} bytes.");
        _parts.Write(payload);
        _partsCost += cost;
        if (!last)
            return;
        var message = ProtocolJson.Read(_parts.WrittenSpan, ProtocolJson.Default.ControlMessage);
        if (message is LogMessage { Entries.Count: > Limits.LogEntriesMax })
            throw new ProtocolException(ProtocolFault.TooLarge, $"A log message has at most {Limits.LogEntriesMax} entries.");
        _received.Writer.TryWrite((message, _partsCost));
        _parts.ResetWrittenCount();
        _partsCost = 0;
    }

    public void ReceiveCredit(uint bytes) => _outgoing.Add(bytes);

    public void Finish()
    {
        _outgoing.End(new IOException("The connection is closed."));
        _received.Writer.TryComplete();
    }
}
