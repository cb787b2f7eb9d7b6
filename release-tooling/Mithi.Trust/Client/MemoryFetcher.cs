namespace Mithi.Trust.Client;

/// <summary>A repository that is not on a disk yet.</summary>
/// <param name="files">By the names that clients ask for.</param>
public sealed class MemoryFetcher(IReadOnlyDictionary<string, byte[]> files) : IFetcher
{
    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string path, CancellationToken ct)
        => Task.FromResult<Stream?>(files.TryGetValue(path, out var bytes) ? new MemoryStream(bytes, writable: false) : null);
}
