using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Connection;

/// <summary>How a connection ended.</summary>
/// <param name="Reason">In one word.</param>
/// <param name="Text">For the log.</param>
/// <param name="Fault">Set when this end found what the other sent to be wrong.</param>
/// <param name="ByUs">Whether this end said goodbye.</param>
public sealed record ConnectionEnd(CloseReason Reason, string Text, ProtocolFault? Fault, bool ByUs);

/// <summary>One connection between a site and its node, after the handshake; the same at both ends.</summary>
/// <remarks>
/// The caller owns <see cref="RunAsync"/>: everything else works while it runs. One reader of control messages, one
/// accepter of streams; senders may be many. wiki-content/reference/site-protocol.md, sections 2 and 7.
/// </remarks>
public sealed class SiteConnection : IAsyncDisposable
{
    private readonly FrameSocket _socket;
    private readonly bool _isNode;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<uint, SiteStream> _streams = new();
    private readonly Channel<SiteStream> _opened = Channel.CreateUnbounded<SiteStream>();
    private readonly ControlChannel _control;
    private readonly Lock _opening = new();
    private uint _lastOpenedByUs;
    private uint _lastOpenedByPeer;
    private long _lastHeard;
    private long _pingSentAt;
    private ulong _pingToken;

    internal SiteConnection(FrameSocket socket, bool isNode, TimeProvider time)
    {
        (_socket, _isNode, _time) = (socket, isNode, time);
        _control = new(Queue);
        _lastHeard = time.GetTimestamp();
    }

    internal SendQueue Queue { get; } = new();

    /// <summary>Of the last ping; zero before the first.</summary>
    public TimeSpan RoundTrip { get; private set; }

    /// <summary>Sends and receives until one end says goodbye, breaks the protocol or is gone.</summary>
    /// <param name="ct">Says goodbye with <see cref="CloseReason.GoingAway"/>.</param>
    public async Task<ConnectionEnd> RunAsync(CancellationToken ct)
    {
        using var cut = new CancellationTokenSource();
        await using var leave = ct.Register(() => End(CloseReason.GoingAway, "This end stops.")).ConfigureAwait(false);
        var receive = ReceiveAllAsync(cut.Token);
        var send = SendAllAsync(cut.Token);
        var ping = PingAsync(cut.Token);
        var end = await (await Task.WhenAny(receive, send, ping).ConfigureAwait(false)).ConfigureAwait(false);
        // Whoever hears our goodbye hangs up, and that may be seen before the goodbye is known to be sent.
        if (end.Reason is CloseReason.Lost && Queue.Goodbye is { } said)
            end = new(said.Reason, said.Text, null, true);
        if (end.ByUs)
        {
            // A goodbye tells the other end what was wrong. Only when it had time to read it may the socket go: cutting
            // it with unread bytes in it would make the network throw the goodbye away.
            End(end.Reason, end.Fault is { } fault ? $"{fault}: {end.Text}" : end.Text);
            await Task.WhenAny(SettleAsync(send, receive, cut.Token), Task.Delay(Limits.GoodbyeMax, _time, cut.Token)).ConfigureAwait(false);
        }
        await cut.CancelAsync().ConfigureAwait(false);
        _socket.Socket.Abort();
        await Task.WhenAll(receive, send, ping).ConfigureAwait(false);
        Finish(end);
        return end;
    }

    /// <summary>Sends a control message, waiting for the other end's credit.</summary>
    /// <exception cref="IOException">The connection is closed.</exception>
    public Task SendAsync(ControlMessage message, CancellationToken ct) => _control.SendAsync(message, ct);

    /// <summary>The next control message; null when the connection has ended.</summary>
    public ValueTask<ControlMessage?> ReadAsync(CancellationToken ct) => _control.ReadAsync(ct);

    /// <summary>Opens a stream. Bytes flow when the other end accepts it.</summary>
    /// <exception cref="IOException">The connection is closed.</exception>
    public Task<SiteStream> OpenAsync(OpenRequest request, CancellationToken ct)
        => ct.IsCancellationRequested ? Task.FromCanceled<SiteStream>(ct) : Task.FromResult(Open(request));

    /// <summary>The next stream that the other end opened; null when the connection has ended. Accept it or dispose it.</summary>
    public async ValueTask<SiteStream?> AcceptAsync(CancellationToken ct)
        => await _opened.Reader.WaitToReadAsync(ct).ConfigureAwait(false) && _opened.Reader.TryRead(out var stream) ? stream : null;

    /// <summary>Says goodbye after what is queued. <see cref="RunAsync"/> then returns.</summary>
    public void End(CloseReason reason, string text) => Queue.End(new(reason, text));

    /// <summary>Cuts the socket.</summary>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        Finish(new(CloseReason.Lost, "The connection was cut.", null, true));
        return ValueTask.CompletedTask;
    }

    internal void Forget(SiteStream stream) => _streams.TryRemove(stream.Id, out _);

    private SiteStream Open(OpenRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Credit, Limits.WindowMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Credit, 1);
        var payload = ProtocolJson.Write(request, ProtocolJson.Default.OpenRequest);
        // Ids rise on the wire, so taking one and queueing its frame are one step. It waits for nothing: nothing is ever half open.
        lock (_opening)
        {
            if (_streams.Count >= Limits.StreamsMax)
                throw new IOException($"A connection has at most {Limits.StreamsMax} streams.");
            var id = _lastOpenedByUs == 0 ? (_isNode ? 2u : 1u) : _lastOpenedByUs + 2;
            var stream = new SiteStream(this, id, request, opener: true);
            Queue.AddOpen(new(FrameKind.Open, id, 0, payload));
            _lastOpenedByUs = id;
            return _streams[id] = stream;
        }
    }

    private async Task SettleAsync(Task send, Task receive, CancellationToken ct)
    {
        await send.ConfigureAwait(false);
        await receive.ConfigureAwait(false);
        await _socket.DrainAsync(ct).ConfigureAwait(false);
    }

    private async Task<ConnectionEnd> SendAllAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var frame = await Queue.TakeAsync(ct).ConfigureAwait(false);
                await _socket.WriteAsync(frame, ct).ConfigureAwait(false);
                if (frame is not { Kind: FrameKind.Close, Stream: 0 })
                    continue;
                await _socket.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ct).ConfigureAwait(false);
                var said = CloseNotice.Read(frame.Payload.Span);
                return new(said.Reason, said.Text, null, true);
            }
        }
        catch (Exception lost) when (IsLost(lost))
        {
            return new(CloseReason.Lost, lost.Message, null, false);
        }
    }

    private async Task<ConnectionEnd> ReceiveAllAsync(CancellationToken ct)
    {
        try
        {
            while (await _socket.ReadAsync(ct).ConfigureAwait(false) is { } frame)
            {
                Interlocked.Exchange(ref _lastHeard, _time.GetTimestamp());
                if (Receive(frame) is { } goodbye)
                    return new(goodbye.Reason, goodbye.Text, null, false);
            }
            return new(CloseReason.Lost, "The other end closed the socket.", null, false);
        }
        catch (ProtocolException wrong)
        {
            return new(CloseReason.ProtocolError, wrong.Message, wrong.Fault, true);
        }
        catch (Exception lost) when (IsLost(lost))
        {
            return new(CloseReason.Lost, lost.Message, null, false);
        }
    }

    private async Task<ConnectionEnd> PingAsync(CancellationToken ct)
    {
        try
        {
            using var timer = new PeriodicTimer(Limits.PingEvery, _time);
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
            {
                if (_time.GetElapsedTime(Interlocked.Read(ref _lastHeard)) >= Limits.PingEvery + Limits.PingTimeout)
                    return new(CloseReason.Silent, "Nothing was heard for a minute.", ProtocolFault.Silent, true);
                Interlocked.Exchange(ref _pingSentAt, _time.GetTimestamp());
                Queue.AddPing(Interlocked.Increment(ref _pingToken));
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended otherwise.
        }
        return new(CloseReason.Done, "", null, false);
    }

    private CloseNotice? Receive(Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Close when frame.Stream == 0:
                return CloseNotice.Read(frame.Payload.Span);
            case FrameKind.Close:
                if (Find(frame.Stream) is { } closed)
                {
                    Forget(closed);
                    closed.End(CloseNotice.Read(frame.Payload.Span));
                }
                break;
            case FrameKind.Open:
                ReceiveOpen(frame);
                break;
            case FrameKind.Data:
                Find(frame.Stream)?.Receive(frame);
                break;
            case FrameKind.Credit when frame.Stream == 0:
                _control.ReceiveCredit(Numbers.UInt32(frame.Payload.Span));
                break;
            case FrameKind.Credit:
                Find(frame.Stream)?.ReceiveCredit(Numbers.UInt32(frame.Payload.Span));
                break;
            case FrameKind.Ping:
                Queue.AddPong(Numbers.UInt64(frame.Payload.Span));
                break;
            case FrameKind.Pong:
                if (Numbers.UInt64(frame.Payload.Span) == Interlocked.Read(ref _pingToken))
                    RoundTrip = _time.GetElapsedTime(Interlocked.Read(ref _pingSentAt));
                break;
            case FrameKind.Control or FrameKind.ControlPart when frame.Stream == 0:
                _control.Receive(frame.Payload.Span, last: frame.Kind is FrameKind.Control);
                break;
            default:
                throw new ProtocolException(ProtocolFault.BadFrame, $"A {frame.Kind} frame has no place on stream {frame.Stream}.");
        }
        return null;
    }

    private void ReceiveOpen(Frame frame)
    {
        // Rising ids of the right half: so an id names one stream for the life of the connection.
        if (frame.Stream == 0 || frame.Stream % 2 == (_isNode ? 0 : 1) || frame.Stream <= _lastOpenedByPeer)
            throw new ProtocolException(ProtocolFault.BadStream, $"The other end may not open stream {frame.Stream}.");
        _lastOpenedByPeer = frame.Stream;
        var request = ProtocolJson.Read(frame.Payload.Span, ProtocolJson.Default.OpenRequest);
        if (request.Name.Length is 0 or > Limits.NameCharsMax || request.Credit is < 1 or > Limits.WindowMax)
            throw new ProtocolException(ProtocolFault.BadMessage, "The open frame's name or credit is not as it should be.");
        if (_streams.Count >= Limits.StreamsMax)
            throw new ProtocolException(ProtocolFault.TooManyStreams, $"A connection has at most {Limits.StreamsMax} streams.");
        var stream = new SiteStream(this, frame.Stream, request, opener: false);
        _streams[stream.Id] = stream;
        _opened.Writer.TryWrite(stream);
    }

    // What still comes for a stream that this end has closed is let go; what comes for one that never was is wrong.
    private SiteStream? Find(uint id)
    {
        if (_streams.TryGetValue(id, out var stream))
            return stream;
        var last = id % 2 == (_isNode ? 0 : 1) ? _lastOpenedByUs : _lastOpenedByPeer;
        return id != 0 && id <= last ? null : throw new ProtocolException(ProtocolFault.BadStream, $"Stream {id} was never opened.");
    }

    private void Finish(ConnectionEnd end)
    {
        Queue.End(new(end.Reason, end.Text));
        foreach (var stream in _streams.Values)
            stream.End(new(end.Reason is CloseReason.Done ? CloseReason.GoingAway : end.Reason, end.Text));
        _streams.Clear();
        _opened.Writer.TryComplete();
        _control.Finish();
    }

    private static bool IsLost(Exception e)
        => e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
