using System.Net;
using System.Text;
using System.Text.Json;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Publishing;

/// <summary>The node's API for releases, from the outside. wiki-content/administrators-manual/release-engineer.md.</summary>
/// <remarks>What may pass is tried again, bounded: no answer, 408, 429, 5xx. A refusal is said at once.</remarks>
internal sealed class NodeClient(HttpClient http, TimeProvider time, Action<string> say)
{
    /// <summary>Whether the node has a blob.</summary>
    public async Task<bool> HasBlobAsync(string sha256, CancellationToken ct)
    {
        var (status, body) = await SendAsync(() => new(HttpMethod.Head, BlobPath(sha256)), Limits.AnswerMax, ct);
        return status switch
        {
            HttpStatusCode.OK or HttpStatusCode.NoContent => true,
            HttpStatusCode.NotFound => false,
            _ => throw Refused(status, body, "look for an archive"),
        };
    }

    /// <summary>Sends a blob. The node checks its digest, so a torn upload never counts as one.</summary>
    public async Task SendBlobAsync(string sha256, string path, Action<long, long> progress, CancellationToken ct)
    {
        var bytes = new FileInfo(path).Length;
        var limit = Limits.AnswerMax + TimeSpan.FromSeconds((double)bytes / Limits.UploadBytesPerSecondMin);
        var (status, body) = await SendAsync(() =>
        {
            var content = new StreamContent(new CountedStream(File.OpenRead(path), progress), 128 << 10);
            content.Headers.ContentLength = bytes;
            content.Headers.ContentType = new("application/octet-stream");
            // A node that refuses says so before the body is on its way.
            return new(HttpMethod.Put, BlobPath(sha256)) { Content = content, Headers = { ExpectContinue = true } };
        }, limit, ct);
        if (status is not (HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent)) throw Refused(status, body, $"send {Path.GetFileName(path)}");
    }

    /// <summary>Publishes signed metadata.</summary>
    /// <returns>The version of the snapshot that the node made.</returns>
    public async Task<long> PublishAsync(byte[] request, CancellationToken ct)
    {
        var (status, body) = await SendAsync(() => new(HttpMethod.Post, "api/releases/publish")
        {
            Content = new ByteArrayContent(request) { Headers = { ContentType = new("application/json") } },
        }, Limits.AnswerMax, ct);
        if (status != HttpStatusCode.OK) throw Refused(status, body, "publish");
        try
        {
            using var answer = JsonDocument.Parse(body);
            return answer.RootElement.GetProperty("snapshot").GetInt64();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException("The node published, but its answer does not say which snapshot. Is it a node?", e);
        }
    }

    private static string BlobPath(string sha256) => $"api/releases/blobs/{sha256}";

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(Func<HttpRequestMessage> request, TimeSpan limit, CancellationToken ct)
    {
        var pause = Limits.FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (status, body) = await SendOnceAsync(request, limit, ct);
                if (attempt == Limits.TriesMax || !MayPass(status)) return (status, body);
                say($"The node answered {(int)status}; trying again ({attempt + 1} of {Limits.TriesMax}).");
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !ct.IsCancellationRequested)
            {
                if (attempt == Limits.TriesMax || e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
                    throw new IOException($"{http.BaseAddress} can't be reached after {attempt} tries: {Reason(e, limit)}", e);
                say($"{Reason(e, limit)}; trying again ({attempt + 1} of {Limits.TriesMax}).");
            }
            await Task.Delay(pause, time, ct);
            pause *= 2;
        }
    }

    private async Task<(HttpStatusCode Status, string Body)> SendOnceAsync(Func<HttpRequestMessage> make, TimeSpan limit, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        using var request = make();
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(either.Token);
        var buffer = new byte[Limits.AnswerBytesMax];
        var count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, either.Token);
        return (answer.StatusCode, Encoding.UTF8.GetString(buffer, 0, count));
    }

    private static bool MayPass(HttpStatusCode status)
        => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status is 500 or >= 502 and <= 504;

    private static string Reason(Exception e, TimeSpan limit) => e switch
    {
        OperationCanceledException => $"it did not answer within {limit.TotalSeconds:0} s",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"its certificate or pin was refused ({(e.InnerException ?? e).Message})",
        _ => (e.InnerException ?? e).Message,
    };

    private static Exception Refused(HttpStatusCode status, string body, string what)
    {
        var said = Said(body) is { Length: > 0 } words ? $" It said: {words}" : "";
        var message = $"The node refused to {what} ({(int)status}).{said}";
        return status switch
        {
            HttpStatusCode.Unauthorized => new UserException(message, "The token is unknown, expired or revoked: make another at the node and put it into the token file."),
            HttpStatusCode.Forbidden => new UserException(message, "The token's owner may not publish releases: an administrator of the node gives that right."),
            HttpStatusCode.NotFound => new UserException(message, "The address is right but this API is not there: name the vendor's node itself, without a path."),
            HttpStatusCode.Conflict => new UserException(message, "Something else was published there since: fetch the node's state, sign on top of it, and publish again."),
            HttpStatusCode.RequestEntityTooLarge => new UserException(message, "The archive is larger than the node takes: its administrator can raise the limit."),
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => new UserException(message, "Correct that, sign again, and publish again: what was sent already is not sent twice."),
            _ when (int)status is >= 300 and < 400 => new UserException(message, "It points elsewhere: name the node's own address with --node."),
            _ => new HttpRequestException($"{message} Try later: what was sent already is not sent twice.", null, status),
        };
    }

    // Problem details if the node gives them; a proxy's page is cut to what a person can use.
    private static string Said(string body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            if (problem.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var name in new[] { "detail", "message", "error", "title" })
                {
                    if (problem.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String) return Printable(text.GetString()!);
                }
            }
        }
        catch (JsonException)
        {
            // Not JSON: taken as it is.
        }
        return Printable(body);
    }

    private static string Printable(string text)
        => new string([.. text.Take(400).Select(c => char.IsControl(c) ? ' ' : c)]).Trim();

    private sealed class CountedStream(Stream from, Action<long, long> progress) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => from.Length;

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await from.ReadAsync(buffer, cancellationToken);
            progress(_read += count, from.Length);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = from.Read(buffer, offset, count);
            progress(_read += read, from.Length);
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) from.Dispose();
            base.Dispose(disposing);
        }
    }
}
