namespace Mithi.Trust.Metadata;

/// <summary>What a timestamp or a snapshot says of another metadata file. TUF 1.0.34, section 4.4.</summary>
/// <param name="Version">The version it must have.</param>
/// <param name="Length">The bytes it must have, if named.</param>
/// <param name="Digests">Its digests, if named.</param>
public sealed record MetaFile(long Version, long? Length, FileDigests? Digests)
{
    internal static MetaFile Read(JsonFields meta) => new(
        meta.Integer("version", min: 1),
        meta.Has("length") ? meta.Integer("length", min: 0) : null,
        meta.OptionalObject("hashes") is { } hashes ? FileDigests.Read(hashes) : null);

    /// <summary>Section 5.5.2, 5.6.2: the digests, if any, come before anything else.</summary>
    internal void RequireBytes(ReadOnlySpan<byte> bytes, string file)
    {
        if (Length is { } length && bytes.Length != length)
            throw new TrustException(TrustFault.LengthMismatch, file, $"it has {bytes.Length} bytes, not {length}");
        Digests?.Require(bytes, file);
    }

    /// <summary>Section 5.5.4, 5.6.4.</summary>
    internal void RequireVersion(SignedFile file)
    {
        if (file.Version != Version)
            throw new TrustException(TrustFault.VersionMismatch, file.File, $"it is version {file.Version}, not {Version}");
    }

    /// <summary>Whether a file that we already have is the one that is meant, so that nothing needs to be fetched.</summary>
    internal bool Is(SignedFile file)
    {
        try
        {
            RequireVersion(file);
            RequireBytes(file.Bytes.Span, file.File);
            return true;
        }
        catch (TrustException)
        {
            return false;
        }
    }
}
