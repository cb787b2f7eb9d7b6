using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Mithi.Trust;
using Mithi.Trust.Metadata;

namespace Mithi.Site.Downloads;

/// <summary>One target in pieces of 4 MiB, each on the disk before the next is asked for: a cut costs at most one piece.</summary>
/// <remarks>What is there from before is hashed again, never believed. The file gets its name when its whole hash is right.</remarks>
internal sealed class PieceDownload(HttpClient http, Uri url, Target target, TimeProvider time)
{
    public const string PartSuffix = ".part";

    public async Task<string> RunAsync(string file, Action<long, long> progress, CancellationToken ct)
    {
        if (File.Exists(file))
        {
            if (await IsRightAsync(file, ct)) return file;
            File.Delete(file);
        }
        var part = file + PartSuffix;
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        await using (var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
        {
            var have = await TakeUpAsync(output, hash, ct);
            while (have < target.Length)
            {
                progress(have, target.Length);
                have += await PieceAsync(output, hash, have, ct);
            }
            progress(have, target.Length);
            if (!RightHash(hash.GetHashAndReset()))
            {
                // One wrong byte somewhere: nothing tells where, so nothing of it is kept.
                output.SetLength(0);
                throw new TrustException(TrustFault.DigestMismatch, target.Path, "the bytes that came are not those that were signed");
            }
        }
        File.Move(part, file, overwrite: true);
        return file;
    }

    /// <summary>How much of an earlier attempt can be used: whole pieces only, hashed anew.</summary>
    private async Task<long> TakeUpAsync(FileStream output, IncrementalHash hash, CancellationToken ct)
    {
        var whole = Math.Min(output.Length, target.Length) / Limits.PieceBytes * Limits.PieceBytes;
        output.SetLength(whole);
        output.Position = 0;
        var buffer = new byte[1 << 20];
        while (await output.ReadAsync(buffer, ct) is var count and > 0) hash.AppendData(buffer, 0, count);
        return whole;
    }

    private async Task<long> PieceAsync(FileStream output, IncrementalHash hash, long from, CancellationToken ct)
    {
        using var bound = new CancellationTokenSource(Limits.PieceTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, bound.Token);
        var bytes = (int)Math.Min(Limits.PieceBytes, target.Length - from);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(from, from + bytes - 1);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(both.Token);
        if (answer.StatusCode == HttpStatusCode.PartialContent)
        {
            if (answer.Content.Headers.ContentRange?.From != from)
                throw new HttpRequestException($"The server sent the bytes from {answer.Content.Headers.ContentRange?.From}, not from {from}.");
        }
        else
        {
            // A server or proxy that knows no ranges sends it all: what comes before our place is passed over.
            await SkipAsync(body, from, both.Token);
        }
        var piece = new byte[bytes];
        await body.ReadExactlyAsync(piece, both.Token);
        output.Position = from;
        await output.WriteAsync(piece, ct);
        output.Flush(flushToDisk: true);
        hash.AppendData(piece);
        return bytes;
    }

    private static async Task SkipAsync(Stream body, long bytes, CancellationToken ct)
    {
        var buffer = new byte[64 << 10];
        while (bytes > 0)
        {
            var count = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)), ct);
            if (count == 0) throw new EndOfStreamException("The server's file is shorter than the signed one.");
            bytes -= count;
        }
    }

    private async Task<bool> IsRightAsync(string file, CancellationToken ct)
    {
        await using var input = File.OpenRead(file);
        return input.Length == target.Length && RightHash(await SHA256.HashDataAsync(input, ct));
    }

    private bool RightHash(byte[] hash)
    {
        var wanted = target.Digests.Sha256
            ?? throw new TrustException(TrustFault.DigestMismatch, target.Path, "the metadata names no SHA-256 for it");
        return CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(wanted));
    }
}
