using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mithi.Trust.Tests.Cli;

/// <summary>Serves files from memory over real HTTP on a free port: one request a connection, anything else is 404.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public LoopbackServer()
    {
        _listener.Start();
        _loop = AcceptAsync();
    }

    /// <summary>By decoded path without the leading slash.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = [];

    public ConcurrentQueue<string> Requests { get; } = [];

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            _listener.Dispose();
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var request = await reader.ReadLineAsync(_stop.Token);
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 }) { }
        var path = string.Join('/', request!.Split(' ')[1].TrimStart('/').Split('/').Select(Uri.UnescapeDataString));
        Requests.Enqueue(path);
        var found = Files.TryGetValue(path, out var body);
        var head = $"HTTP/1.1 {(found ? "200 OK" : "404 Not Found")}\r\nContent-Length: {body?.Length ?? 0}\r\nConnection: close\r\n\r\n";
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
            await stream.WriteAsync(body ?? [], _stop.Token);
        }
        catch (IOException)
        {
            // The client has seen enough.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }
}
