using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Mithi.Machine.Tests;

/// <summary>What comes out of one serial line, without the sequences that only a terminal needs. Waits for words, never for time.</summary>
internal sealed partial class SerialText : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly Socket _listener;
    private readonly TaskCompletionSource<Socket> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _grown = New();
    private int _seen;

    /// <summary>Listens before QEMU is started, so that nothing is lost.</summary>
    public SerialText(string path)
    {
        Path = path;
        _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
    }

    /// <summary>The socket that QEMU connects to.</summary>
    public string Path { get; }

    /// <summary>Everything so far.</summary>
    public string All
    {
        get { lock (_gate) return Escapes().Replace(_text.ToString(), ""); }
    }

    /// <summary>Reads until the machine is gone.</summary>
    public async Task ReadAsync()
    {
        try
        {
            var socket = await _listener.AcceptAsync();
            _connected.TrySetResult(socket);
            var buffer = new byte[16 << 10];
            while (await socket.ReceiveAsync(buffer) is var count and > 0) Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The machine was switched off.
        }
        Append("", ended: true);
    }

    /// <summary>Types on this line.</summary>
    public async Task TypeAsync(string text, CancellationToken ct)
        => await (await _connected.Task.WaitAsync(ct)).SendAsync(Encoding.ASCII.GetBytes(text), ct);

    /// <summary>Waits until the pattern comes behind what was waited for before, and gives the match.</summary>
    /// <exception cref="TimeoutException">It did not come; the end of the text is in the message.</exception>
    public async Task<Match> WaitAsync(string pattern, TimeSpan within, CancellationToken ct)
    {
        var regex = new Regex(pattern, RegexOptions.Multiline);
        using var bound = new CancellationTokenSource(within);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, bound.Token);
        while (true)
        {
            Task grown;
            lock (_gate)
            {
                var plain = Escapes().Replace(_text.ToString(), "");
                if (regex.Match(plain, Math.Min(_seen, plain.Length)) is { Success: true } match)
                {
                    _seen = match.Index + match.Length;
                    return match;
                }
                grown = _grown.Task;
            }
            try
            {
                await grown.WaitAsync(both.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                throw new TimeoutException($"\"{pattern}\" did not come within {within}. The last that came:\n{Tail()}");
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        if (_connected.Task.IsCompletedSuccessfully) _connected.Task.Result.Dispose();
    }

    private string Tail() => All is var all && all.Length > 3_000 ? all[^3_000..] : All;

    private void Append(string text, bool ended = false)
    {
        lock (_gate)
        {
            _text.Append(text.Replace("\r", "", StringComparison.Ordinal));
            if (ended) _text.Append("\n[the line ended]\n");
            var waiting = _grown;
            _grown = New();
            waiting.TrySetResult();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [GeneratedRegex(@"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Za-z0-9]|[a-zA-Z])")]
    private static partial Regex Escapes();
}
