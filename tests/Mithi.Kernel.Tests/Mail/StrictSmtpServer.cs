using System.Net;
using System.Net.Sockets;

namespace Mithi.Kernel.Tests.Mail;

/// <summary>A mail server that refuses what a real one refuses only when it is set up to: one recipient for ever, another for now.</summary>
internal sealed class StrictSmtpServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    public StrictSmtpServer()
    {
        listener.Start();
        loop = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>What it says first; a number other than 220 means that it wants nothing of us.</summary>
    public string Greeting { get; set; } = "220 strict.test";

    /// <summary>Its answer to any sender.</summary>
    public string Sender { get; set; } = "250 2.0.0 Ok";

    /// <summary>The recipients that were accepted for a mail, one line a mail.</summary>
    public List<string> Delivered { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await loop;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                using var client = await listener.AcceptTcpClientAsync(stop.Token);
                await TalkAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync(Greeting);
        var accepted = new List<string>();
        while (await reader.ReadLineAsync(stop.Token) is { } line)
        {
            var answer = line.Split(' ', ':')[0].ToUpperInvariant() switch
            {
                "RCPT" when line.Contains("refused", StringComparison.Ordinal) => "550 5.1.1 No such user",
                "RCPT" when line.Contains("later", StringComparison.Ordinal) => "451 4.7.1 Greylisted",
                "MAIL" => Sender,
                "DATA" => "354 Go on",
                "QUIT" => "221 Bye",
                _ => "250 2.0.0 Ok",
            };
            if (answer[0] == '2' && line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase)) accepted.Add(line);
            await writer.WriteLineAsync(answer);
            if (answer[0] == '3')
            {
                while (await reader.ReadLineAsync(stop.Token) is { } text && text != ".") { }
                Delivered.Add(string.Join(' ', accepted));
                await writer.WriteLineAsync("250 2.0.0 Queued as 1");
            }
            if (answer.StartsWith("221", StringComparison.Ordinal)) return;
        }
    }
}
