namespace Mithi.Trust.Client;

/// <summary>Where a client keeps what it trusts.</summary>
public interface IMetadataStore
{
    /// <summary>The stored bytes of a role; null if there are none, or more than <paramref name="bytesMax"/>.</summary>
    byte[]? Read(string role, int bytesMax);

    /// <summary>Stores a verified file. A reader sees the old or the new one, also after a power cut.</summary>
    void Write(string role, ReadOnlySpan<byte> bytes);

    /// <summary>Forgets a role.</summary>
    void Delete(string role);
}

/// <summary>A client's memory for as long as a question takes: what would this client say?</summary>
public sealed class MemoryMetadata : IMetadataStore
{
    private readonly Dictionary<string, byte[]> _files = [];

    /// <inheritdoc/>
    public byte[]? Read(string role, int bytesMax)
        => _files.TryGetValue(role, out var bytes) && bytes.Length <= bytesMax ? bytes : null;

    /// <inheritdoc/>
    public void Write(string role, ReadOnlySpan<byte> bytes) => _files[role] = bytes.ToArray();

    /// <inheritdoc/>
    public void Delete(string role) => _files.Remove(role);
}
