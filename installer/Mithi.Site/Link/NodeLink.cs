using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Mithi.Protocol;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Connection;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Stamp;
using Mithi.Site.Ask;

namespace Mithi.Site.Link;

/// <summary>Keeps the site connected to its node for as long as it runs, whatever the network does in between.</summary>
/// <remarks>
/// What describes a state (facts, plan, steps, screen, report) is kept by name and sent again on every new connection; what
/// happened once (results) waits until it could be sent, and comes once more on the connection after that. Orders come out of <see cref="Orders"/> only after their signature,
/// target, time and counter were checked.
/// </remarks>
internal sealed class NodeLink : IDisposable
{
    // Before the code was entered the node takes only these; the rest would be refused.
    private static readonly string[] BeforePairing = [nameof(FactsMessage), nameof(ScreenMessage), nameof(FaultMessage)];

    private readonly SiteStamp _stamp;
    private readonly SigningKey _device;
    private readonly string _stage;
    private readonly TimeProvider _time;
    private readonly SiteLog _log;
    private readonly ConcurrentDictionary<string, ControlMessage> _states = new();
    private readonly ConcurrentDictionary<string, byte> _changed = new();
    private readonly ConcurrentQueue<ControlMessage> _once = new();
    private readonly ConcurrentQueue<ResultMessage> _answered = new();
    private readonly SemaphoreSlim _something = new(0);
    private readonly Channel<Command> _orders = Channel.CreateUnbounded<Command>();
    private readonly Action<Command>? _taken;
    private TaskCompletionSource<DownloadsMessage> _downloads = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _paired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CommandGate? _gate;
    private long _counter;
    private bool _isPaired;
    private LinkState _state = new LinkState.Calling();

    /// <param name="stamp">Which node and which keys it may have.</param>
    /// <param name="device">This machine's key.</param>
    /// <param name="stage"><c>installer</c>, <c>first-boot</c> or <c>agent</c>.</param>
    /// <param name="counter">The highest counter of an order taken so far.</param>
    /// <param name="taken">Writes an order and its counter down, before it is carried out.</param>
    /// <param name="log">Sent as it grows.</param>
    /// <param name="time">The clock.</param>
    public NodeLink(
        SiteStamp stamp, SigningKey device, string stage, long counter, Action<Command>? taken, SiteLog log, TimeProvider time)
    {
        (_stamp, _device, _stage, _counter, _taken, _log, _time) = (stamp, device, stage, counter, taken, log, time);
        log.Grown = () => _something.Release();
    }

    /// <summary>Orders of the node, checked, each once.</summary>
    public ChannelReader<Command> Orders => _orders.Reader;

    /// <summary>Called whenever it changes.</summary>
    public Action<LinkState>? StateChanged { get; set; }

    /// <summary>Called with the node's signed time when the machine was paired.</summary>
    public Action<DateTimeOffset>? ClockTold { get; set; }

    /// <summary>Writes the answer to an order down, before it is sent.</summary>
    public Action<ResultMessage>? Answered { get; set; }

    /// <summary>The highest counter of an order taken so far.</summary>
    public long Counter => Interlocked.Read(ref _counter);

    public LinkState State
    {
        get => _state;
        private set
        {
            _state = value;
            StateChanged?.Invoke(value);
        }
    }

    /// <summary>Ends when the machine is paired.</summary>
    public Task PairedAsync(CancellationToken ct) => _paired.Task.WaitAsync(ct);

    /// <summary>Shows a state to the node, now and on every later connection.</summary>
    public void Show(ControlMessage state)
    {
        var name = state.GetType().Name;
        _states[name] = state;
        _changed[name] = 0;
        _something.Release();
    }

    /// <summary>A state that no longer holds.</summary>
    public void Withdraw<T>(ControlMessage? instead = null) where T : ControlMessage
    {
        _states.TryRemove(typeof(T).Name, out _);
        if (instead is not null) Tell(instead);
    }

    /// <summary>Tells the node something once, as soon as there is a connection.</summary>
    /// <remarks>An answer may come again on the next connection: whether it arrived on the one that broke, nobody knows.</remarks>
    public void Tell(ControlMessage message)
    {
        if (message is ResultMessage answer) Answered?.Invoke(answer);
        _once.Enqueue(message);
        _something.Release();
    }

    /// <summary>Where to download and with which token.</summary>
    public async Task<DownloadsMessage> DownloadsAsync(CancellationToken ct)
    {
        await PairedAsync(ct);
        var asked = _downloads = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Tell(new DownloadsRequestMessage());
        return await asked.Task.WaitAsync(ct);
    }

    /// <summary>Ends when everything that was said has gone out.</summary>
    public async Task FlushedAsync(CancellationToken ct)
    {
        while (!_changed.IsEmpty || !_once.IsEmpty) await Task.Delay(Limits.LookAgain, _time, ct);
    }

    /// <summary>Connects, and connects again, until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        for (var attempt = 0; !ct.IsCancellationRequested; attempt++)
        {
            var node = _stamp.Nodes[attempt % _stamp.Nodes.Count];
            try
            {
                await using var session = await SiteClient.ConnectAsync(node, null, Identity(), _time, ct);
                attempt = -1;   // The next failure is the first of a new row.
                var end = await ServeAsync(session, ct);
                _log.Warning("", $"The connection ended: {end.Reason} {end.Text}");
                if (end.Reason is CloseReason.PairingExpired) Fail(Faults.PairingExpired, end.Text, TimeSpan.Zero);
                else if (end.Reason is CloseReason.PairingMismatch) Fail(Faults.PairingMismatch, end.Text, TimeSpan.Zero);
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                var delay = SiteClient.ReconnectDelay(attempt, RandomNumberGenerator.GetInt32(500, 1000) / 1000.0);
                var (fault, detail) = Explain(e);
                Fail(fault, $"{node.Authority}: {detail}", delay);
                await Task.Delay(delay, _time, ct);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _something.Dispose();

    private SiteIdentity Identity() => new(_stamp.Site, _device, _stamp.Pins, _stamp.ServerPins, Versions.Own, _stage);

    private void Fail(Fault fault, string detail, TimeSpan delay)
    {
        _log.Warning("NODE", $"{fault.Id} {detail}");
        State = new LinkState.Failing(fault, detail, _time.GetUtcNow() + delay);
    }

    private async Task<ConnectionEnd> ServeAsync(SiteSession session, CancellationToken ct)
    {
        _gate = new(_stamp.Site, _device.Public, session.Node, _counter);
        _log.StartAfter(session.Welcome.LogThrough);
        _isPaired = session.Welcome.Paired;
        if (session.Code is { } code) State = new LinkState.Pending(code.ToString(), code.Spelled());
        else SetPaired();
        foreach (var name in _states.Keys) _changed[name] = 0;
        while (_answered.TryDequeue(out var answer)) _once.Enqueue(answer);

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var run = session.Connection.RunAsync(ct);
        var send = SendAllAsync(session.Connection, ended.Token);
        var read = ReadAllAsync(session, ended.Token);
        await Task.WhenAny(run, read);
        if (!run.IsCompleted && read.IsFaulted) session.Connection.End(CloseReason.ProtocolError, read.Exception.InnerException!.Message);
        var end = await run;
        await ended.CancelAsync();
        await Task.WhenAll(Settle(send), Settle(read));
        State = new LinkState.Calling();
        return end;
    }

    private async Task ReadAllAsync(SiteSession session, CancellationToken ct)
    {
        while (await session.Connection.ReadAsync(ct) is { } message)
        {
            switch (message)
            {
                case EnrolmentMessage enrolment:
                    Enrol(enrolment.Signed.ReadEnrolment(session.Node));
                    break;
                case CommandMessage command:
                    TakeOrder(command);
                    break;
                case DownloadsMessage downloads:
                    _downloads.TrySetResult(downloads);
                    break;
                case LogAckMessage acknowledged:
                    _log.Acknowledge(acknowledged.Through);
                    break;
                default:
                    _log.Warning("", $"The node sent a {message.GetType().Name}, which has no meaning here.");
                    break;
            }
        }
    }

    private void Enrol(Enrolment enrolment)
    {
        if (enrolment.Site != _stamp.Site || enrolment.Device != _device.Public.Hash.Hex)
            throw new ProtocolException(ProtocolFault.WrongTarget, "The enrolment is for another machine.");
        ClockTold?.Invoke(enrolment.IssuedAt);
        SetPaired();
    }

    private void SetPaired()
    {
        _isPaired = true;
        State = new LinkState.Paired();
        _paired.TrySetResult();
        foreach (var name in _states.Keys) _changed[name] = 0;
        _something.Release();
    }

    private void TakeOrder(CommandMessage message)
    {
        try
        {
            var command = _gate!.Take(message.Signed, _time.GetUtcNow());
            WriteDown(command);
            _orders.Writer.TryWrite(command);
        }
        catch (ProtocolException again) when (again.Fault is ProtocolFault.Replayed)
        {
            // The node repeats on every connection what it has no answer to; the answer is under way, or comes when it is done.
            _log.Info("", $"An order came again: {again.Message}");
        }
        catch (ProtocolException refused)
        {
            // The node hears it in the log; who sent it may not be the node's engineer at all.
            _log.Error("", $"{Faults.Unsigned.Id} An order was refused: {refused.Fault} {refused.Message}");
        }
    }

    // What could not be written down was not taken: the next connection brings it again.
    private void WriteDown(Command command)
    {
        var before = Interlocked.Exchange(ref _counter, command.Counter);
        try
        {
            _taken?.Invoke(command);
        }
        catch
        {
            Interlocked.Exchange(ref _counter, before);
            throw;
        }
    }

    private async Task SendAllAsync(SiteConnection connection, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                foreach (var name in _changed.Keys)
                {
                    if (!_isPaired && !BeforePairing.Contains(name)) continue;
                    if (_changed.TryRemove(name, out _) && _states.TryGetValue(name, out var state)) await connection.SendAsync(state, ct);
                }
                while (_log.TakeUnsent() is { Count: > 0 } entries) await connection.SendAsync(new LogMessage(entries), ct);
                while (_isPaired && _once.TryPeek(out var message))
                {
                    await connection.SendAsync(message, ct);
                    _once.TryDequeue(out _);
                    if (message is ResultMessage answer) _answered.Enqueue(answer);
                    if (_answered.Count > Limits.OrdersKept) _answered.TryDequeue(out _);
                }
                await _something.WaitAsync(ct);
                while (_something.Wait(0, ct)) { }   // One round sends everything that there is.
            }
        }
        catch (IOException)
        {
            // The connection is over; what was not sent waits for the next.
        }
    }

    private static async Task Settle(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ProtocolException)
        {
            // It ended with its connection.
        }
    }

    private static (Fault Fault, string Detail) Explain(Exception e) => e switch
    {
        ProtocolException { Fault: ProtocolFault.PinMismatch } => (Faults.Intercepted, e.Message),
        ProtocolException => (Faults.Refused, e.Message),
        _ when Inner<SocketException>(e) is { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } unknown
            => (Faults.NoName, unknown.Message),
        _ => (Faults.NodeDown, (e.InnerException ?? e).Message),
    };

    private static T? Inner<T>(Exception? e) where T : Exception
    {
        for (; e is not null; e = e.InnerException)
            if (e is T found) return found;
        return null;
    }
}
