using Mithi.Protocol.Frames;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Connection;

/// <summary>Bytes both ways inside a connection, each way under credit: a slow reader slows only its own writer.</summary>
/// <remarks>
/// A relay that reads from one stream and writes to another passes credit on by itself: reading gives credit back only for
/// what was read, and writing waits for the far end's.
/// </remarks>
public sealed class SiteStream : IAsyncDisposable
{
    private readonly SiteConnection _connection;
    private readonly CreditWindow _outgoing;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private readonly Lock _lock = new();
    private readonly InboundBuffer _inbound = new();
    private int _window;
    private int _allowed;
    private int _readSinceGrant;
    private ulong _received;
    private ulong _sent;
    private CloseNotice? _ended;
    private bool _closed;

    internal SiteStream(SiteConnection connection, uint id, OpenRequest request, bool opener)
    {
        (_connection, Id, Request) = (connection, id, request);
        // The opener's credit came with the open frame; the accepter's comes when it accepts.
        (_window, _allowed) = opener ? (request.Credit, request.Credit) : (0, 0);
        _outgoing = new(opener ? 0 : request.Credit, Limits.WindowMax);
    }

    /// <summary>Odd when the site opened it, even when the node did.</summary>
    public uint Id { get; }

    /// <summary>What was asked for.</summary>
    public OpenRequest Request { get; }

    /// <summary>Why it ended; null while it is open.</summary>
    public CloseNotice? Ended
    {
        get { lock (_lock) return _ended; }
    }

    /// <summary>The accepter allows the opener this many bytes at once. Called once, before the first read.</summary>
    public void Accept(int window)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, Limits.WindowMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        lock (_lock)
        {
            if (_window != 0)
                throw new InvalidOperationException("The stream was accepted before.");
            (_window, _allowed) = (window, window);
        }
        _connection.Queue.AddCredit(Id, window);
    }

    /// <summary>Reads what has come, waiting for at least one byte; 0 at the stream's end.</summary>
    /// <exception cref="IOException">The stream ended otherwise than with <see cref="CloseReason.Done"/>.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> to, CancellationToken ct)
    {
        while (true)
        {
            var grant = 0;
            lock (_lock)
            {
                if (_inbound.Length > 0)
                {
                    var taken = _inbound.Take(to.Span);
                    _readSinceGrant += taken;
                    // Half a window at a time: one credit frame for many data frames.
                    if (_readSinceGrant >= _window / 2 && _ended is null)
                        (grant, _allowed, _readSinceGrant) = (_readSinceGrant, _allowed + _readSinceGrant, 0);
                    if (grant > 0)
                        _connection.Queue.AddCredit(Id, grant);
                    return taken;
                }
                if (_ended is { } ended)
                    return ended.Reason is CloseReason.Done ? 0 : throw EndedBadly(ended);
            }
            await _arrived.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Writes all of it, waiting for the other end's credit.</summary>
    /// <remarks>Cancelled while nothing of it was on its way, the stream goes on; later it ends, because its bytes would have a gap.</remarks>
    /// <exception cref="IOException">The stream is closed.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await _writing.WaitAsync(ct).ConfigureAwait(false);
        var begun = false;
        try
        {
            while (!bytes.IsEmpty)
            {
                lock (_lock)
                {
                    if (_closed)
                        throw new IOException("The stream was closed by this end.");
                }
                var part = await _outgoing.TakeAsync(Math.Min(bytes.Length, Limits.PayloadBytesMax), all: false, ct).ConfigureAwait(false);
                begun = true;
                // The queue holds it after we return, and the caller may reuse its buffer.
                var frame = new Frame(FrameKind.Data, Id, _sent, bytes[..part].ToArray());
                _sent += (ulong)part;
                await _connection.Queue.AddAsync(frame, Request.Priority is StreamPriority.Interactive, ct).ConfigureAwait(false);
                bytes = bytes[part..];
            }
        }
        catch (OperationCanceledException) when (begun)
        {
            // The next write would begin behind bytes that were never sent, which the other end takes for a broken protocol.
            Abort(new(CloseReason.GoingAway, "A write was cancelled."));
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Ends the stream after what was written.</summary>
    public async ValueTask CloseAsync(CloseReason reason, string text, CancellationToken ct)
    {
        var notice = new CloseNotice(reason, text);
        await _writing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            lock (_lock)
            {
                if (_closed || _ended is not null)
                    return;
            }
            var frame = new Frame(FrameKind.Close, Id, 0, notice.ToBytes());
            await _connection.Queue.AddAsync(frame, Request.Priority is StreamPriority.Interactive, ct).ConfigureAwait(false);
            lock (_lock)
                _closed = true;
        }
        catch (OperationCanceledException)
        {
            // Who closes is done with it. But what waits in the queue is overtaken, so that is no good end.
            Abort(new(CloseReason.GoingAway, "The close was cancelled."));
            throw;
        }
        finally
        {
            _writing.Release();
        }
        _connection.Forget(this);
        End(notice);
    }

    /// <summary>Ends the stream at once, if it is still open.</summary>
    public ValueTask DisposeAsync()
    {
        Abort(new(CloseReason.GoingAway, ""));
        return ValueTask.CompletedTask;
    }

    private void Abort(CloseNotice notice)
    {
        lock (_lock)
        {
            if (_closed || _ended is not null)
                return;
            _closed = true;
        }
        _connection.Queue.AddAbort(Id, notice.Reason, notice.Text);
        _connection.Forget(this);
        End(notice);
    }

    internal void Receive(Frame data)
    {
        lock (_lock)
        {
            if (data.Payload.IsEmpty)
                throw new ProtocolException(ProtocolFault.BadFrame, "A data frame holds at least one byte.");
            if (data.Offset != _received)
                throw new ProtocolException(ProtocolFault.BadOffset, $"Data at {data.Offset} came where {_received} was next.");
            if (data.Payload.Length > _allowed)
                throw new ProtocolException(ProtocolFault.CreditViolated, $"{data.Payload.Length} bytes came, {_allowed} were allowed.");
            _allowed -= data.Payload.Length;
            _received += (ulong)data.Payload.Length;
            _inbound.Append(data.Payload.Span);
        }
        Wake();
    }

    internal void ReceiveCredit(uint bytes) => _outgoing.Add(bytes);

    internal void End(CloseNotice notice)
    {
        lock (_lock)
            _ended ??= notice;
        _outgoing.End(EndedBadly(notice));
        Wake();
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (_arrived.CurrentCount == 0)
                _arrived.Release();
        }
    }

    private static IOException EndedBadly(CloseNotice notice)
        => new(notice.Text.Length == 0 ? $"The stream ended: {notice.Reason}." : $"The stream ended: {notice.Reason}, {notice.Text}");
}
