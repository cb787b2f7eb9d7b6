using System.Threading.Channels;
using Mithi.Protocol.Frames;

namespace Mithi.Protocol.Connection;

/// <summary>What waits to be sent: small urgent things that never wait for room, then interactive frames, then bulk.</summary>
/// <remarks>
/// Credit, pongs and aborts are merged rather than queued, so that the receiving side never waits for the sending side: two
/// ends that wait for one another would stand still for ever. Opens are with them, because a stream's bytes or its end before
/// its beginning break the protocol.
/// </remarks>
internal sealed class SendQueue
{
    private readonly Channel<Frame> _interactive = NewChannel();
    private readonly Channel<Frame> _bulk = NewChannel();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, uint> _credit = [];
    private readonly Queue<Frame> _opensAndAborts = new();
    private ulong? _ping;
    private ulong? _pong;
    private CloseNotice? _goodbye;
    private int _interactiveInARow;

    /// <summary>What this end says last; null while it goes on.</summary>
    public CloseNotice? Goodbye
    {
        get { lock (_lock) return _goodbye; }
    }

    /// <summary>Waits for room in its queue.</summary>
    public async ValueTask AddAsync(Frame frame, bool interactive, CancellationToken ct)
    {
        try
        {
            await (interactive ? _interactive : _bulk).Writer.WriteAsync(frame, ct).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed)
        {
            throw new IOException("The connection is closing.", closed);
        }
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Bounded by who calls: one for each stream that is open, or was and has its abort here.</summary>
    /// <exception cref="IOException">The connection is closing.</exception>
    public void AddOpen(Frame frame)
    {
        lock (_lock)
        {
            if (_goodbye is not null)
                throw new IOException("The connection is closing.");
            _opensAndAborts.Enqueue(frame);
        }
        _wake.Writer.TryWrite(true);
    }

    public void AddCredit(uint stream, int bytes)
    {
        lock (_lock)
            _credit[stream] = _credit.GetValueOrDefault(stream) + (uint)bytes;
        _wake.Writer.TryWrite(true);
    }

    public void AddAbort(uint stream, CloseReason reason, string text)
    {
        lock (_lock)
        {
            // Each abort answers one open: whoever opens faster than it reads our refusals only wants to fill our memory.
            if (_opensAndAborts.Count >= 4 * Limits.StreamsMax)
                throw new ProtocolException(ProtocolFault.TooManyStreams, "Streams are opened faster than they can be refused.");
            _credit.Remove(stream);
            _opensAndAborts.Enqueue(new(FrameKind.Close, stream, 0, new CloseNotice(reason, text).ToBytes()));
        }
        _wake.Writer.TryWrite(true);
    }

    public void AddPing(ulong token)
    {
        lock (_lock)
            _ping = token;
        _wake.Writer.TryWrite(true);
    }

    public void AddPong(ulong token)
    {
        lock (_lock)
            _pong = token;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>No more frames are taken; after those that wait comes the goodbye, a close frame of stream 0.</summary>
    public void End(CloseNotice goodbye)
    {
        lock (_lock)
            _goodbye ??= goodbye;
        _interactive.Writer.TryComplete();
        _bulk.Writer.TryComplete();
        _wake.Writer.TryWrite(true);
    }

    /// <summary>The next frame to send.</summary>
    public async ValueTask<Frame> TakeAsync(CancellationToken ct)
    {
        while (true)
        {
            if (TakeUrgent() is { } urgent)
                return urgent;
            if (TakeQueued() is { } queued)
                return queued;
            lock (_lock)
            {
                if (_goodbye is { } goodbye && _interactive.Reader.Completion.IsCompleted && _bulk.Reader.Completion.IsCompleted)
                    return new(FrameKind.Close, 0, 0, goodbye.ToBytes());
            }
            await _wake.Reader.ReadAsync(ct).ConfigureAwait(false);
        }
    }

    private Frame? TakeQueued()
    {
        if (_interactiveInARow < Limits.InteractiveInARow && _interactive.Reader.TryRead(out var frame))
        {
            _interactiveInARow++;
            return frame;
        }
        _interactiveInARow = 0;
        if (_bulk.Reader.TryRead(out frame) || _interactive.Reader.TryRead(out frame))
            return frame;
        return null;
    }

    private Frame? TakeUrgent()
    {
        lock (_lock)
        {
            if (_pong is { } pong)
            {
                _pong = null;
                return new(FrameKind.Pong, 0, 0, Numbers.Bytes(pong));
            }
            if (_ping is { } ping)
            {
                _ping = null;
                return new(FrameKind.Ping, 0, 0, Numbers.Bytes(ping));
            }
            if (_opensAndAborts.TryDequeue(out var openOrAbort))
                return openOrAbort;
            foreach (var (stream, bytes) in _credit)
            {
                _credit.Remove(stream);
                return new(FrameKind.Credit, stream, 0, Numbers.Bytes(bytes));
            }
            return null;
        }
    }

    private static Channel<Frame> NewChannel()
        => Channel.CreateBounded<Frame>(new BoundedChannelOptions(Limits.QueuedFramesMax) { SingleReader = true });
}
