namespace Mithi.Trust.Client;

/// <summary>Reads what a repository sends, never more than was promised and never waiting for ever.</summary>
internal sealed class BoundedRead(Stream source, string file, long bytesMax, TimeProvider time)
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>Gives the bytes piece by piece to <paramref name="take"/>; ends at the source's end.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.LimitExceeded"/>, <see cref="TrustFault.Unreachable"/>.</exception>
    public async Task<long> CopyAsync(Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken ct)
    {
        var buffer = new byte[(int)Math.Min(ChunkBytes, Math.Max(1, bytesMax + 1))];
        long total = 0;
        while (true)
        {
            var count = await ReadAsync(buffer, ct);
            if (count == 0) return total;
            total += count;
            if (total > bytesMax)
                throw new TrustException(TrustFault.LimitExceeded, file, $"it goes on past {bytesMax} bytes");
            await take(buffer.AsMemory(0, count));
        }
    }

    /// <summary>Gives all bytes at once; for metadata, whose limits fit in memory.</summary>
    public async Task<byte[]> AllAsync(CancellationToken ct)
    {
        using var all = new MemoryStream();
        await CopyAsync(piece => { all.Write(piece.Span); return ValueTask.CompletedTask; }, ct);
        return all.ToArray();
    }

    private async Task<int> ReadAsync(byte[] buffer, CancellationToken ct)
    {
        using var stall = new CancellationTokenSource(Limits.StallMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, stall.Token);
        try
        {
            return await source.ReadAsync(buffer, both.Token);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new TrustException(TrustFault.Unreachable, file, e.Message, e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new TrustException(TrustFault.Unreachable, file, "the server sends nothing any more", e);
        }
    }
}
