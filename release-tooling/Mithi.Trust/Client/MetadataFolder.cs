using Mithi.Trust.Metadata;

namespace Mithi.Trust.Client;

/// <summary>What a client trusts, on its disk: one file a role, un-versioned, the bytes as they were served.</summary>
public sealed class MetadataFolder(string folder) : IMetadataStore
{
    /// <summary>Puts the first root in place: what follows is only as trustworthy as the way it came here.</summary>
    /// <remarks>Its signatures are checked whenever it is loaded, like those of every later root.</remarks>
    /// <exception cref="TrustException">It is not root metadata.</exception>
    public void Init(ReadOnlyMemory<byte> root)
    {
        if (root.Length > Limits.RootBytesMax)
            throw new TrustException(TrustFault.LimitExceeded, "root.json", $"it has more than {Limits.RootBytesMax} bytes");
        _ = new RootFile(root);
        Write(RoleNames.Root, root.Span);
    }

    /// <inheritdoc/>
    public byte[]? Read(string role, int bytesMax)
    {
        var file = new FileInfo(PathOf(role));
        // A larger file was not written by us; the role is fetched again.
        return file.Exists && file.Length <= bytesMax ? File.ReadAllBytes(file.FullName) : null;
    }

    /// <inheritdoc/>
    public void Write(string role, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(folder);
        DurableFile.Write(PathOf(role), bytes);
    }

    /// <inheritdoc/>
    public void Delete(string role) => File.Delete(PathOf(role));

    private string PathOf(string role) => $"{folder}{Path.DirectorySeparatorChar}{RoleNames.LocalFileOf(role)}";
}
