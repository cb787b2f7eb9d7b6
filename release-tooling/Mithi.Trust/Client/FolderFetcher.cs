namespace Mithi.Trust.Client;

/// <summary>A repository in a folder: a stick that was carried to a site, or a mirror's own files.</summary>
public sealed class FolderFetcher(string folder) : IFetcher
{
    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string path, CancellationToken ct)
    {
        var at = Path.GetFullPath(folder);
        foreach (var segment in path.Split('/'))
        {
            var name = Uri.UnescapeDataString(segment);
            if (name is "" or "." or ".." || name.Contains('/') || name.Contains('\0'))
                throw new TrustException(TrustFault.PathUnsafe, path, "it leads out of the repository's folder");
            at = at + Path.DirectorySeparatorChar + name;
        }
        try
        {
            return Task.FromResult<Stream?>(new FileStream(at, FileMode.Open, FileAccess.Read, FileShare.Read, 0, useAsync: true));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrustException(TrustFault.Unreachable, path, e.Message, e);
        }
    }
}
