using Mithi.Trust.Metadata;

namespace Mithi.Trust.Client;

/// <summary>One target into one file: bounded by its promised length, verified before the file gets its name.</summary>
internal sealed class TargetDownload(Target target, string urlPath, TimeProvider time)
{
    public async Task<bool> RunAsync(IFetcher targets, string file, CancellationToken ct)
    {
        if (target.Length > Limits.TargetBytesMax)
            throw new TrustException(TrustFault.LimitExceeded, target.Path, $"it has more than {Limits.TargetBytesMax} bytes");
        if (await IsThereAsync(file, ct)) return false;
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);

        var part = file + ".part";
        try
        {
            await FetchAsync(targets, part, ct);
            File.Move(part, file, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
        return true;
    }

    private async Task FetchAsync(IFetcher targets, string part, CancellationToken ct)
    {
        await using var source = await targets.OpenAsync(urlPath, ct)
            ?? throw new TrustException(TrustFault.Missing, target.Path, "the repository does not have it");
        await using var output = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None);
        using var digests = target.Digests.Start();
        var total = await new BoundedRead(source, target.Path, target.Length, time).CopyAsync(async piece =>
        {
            digests.Append(piece.Span);
            await output.WriteAsync(piece, ct);
        }, ct);
        if (total != target.Length)
            throw new TrustException(TrustFault.LengthMismatch, target.Path, $"it has {total} bytes, not {target.Length}");
        digests.Require(target.Path);
        output.Flush(flushToDisk: true);
    }

    private async Task<bool> IsThereAsync(string file, CancellationToken ct)
    {
        if (!File.Exists(file) || new FileInfo(file).Length != target.Length) return false;
        await using var input = File.OpenRead(file);
        using var digests = target.Digests.Start();
        try
        {
            await new BoundedRead(input, target.Path, target.Length, time).CopyAsync(piece =>
            {
                digests.Append(piece.Span);
                return ValueTask.CompletedTask;
            }, ct);
            digests.Require(target.Path);
            return true;
        }
        catch (TrustException)
        {
            return false;
        }
    }
}
