using Mithi.Trust.Keys;

namespace Mithi.Trust.Metadata;

/// <summary>The root of trust: names the keys of the top-level roles. TUF 1.0.34, section 4.3.</summary>
public sealed class RootFile : SignedFile
{
    /// <summary>Reads a root.</summary>
    /// <exception cref="TrustException">Its fault says why it was refused.</exception>
    public RootFile(ReadOnlyMemory<byte> bytes, string file = "root.json") : base(bytes, file, RoleNames.Root)
    {
        using var document = Open(bytes, file, out var signed);
        ConsistentSnapshot = signed.Has("consistent_snapshot") && signed.Flag("consistent_snapshot");
        Keys = Role.ReadKeys(signed.Object("keys"));
        var roles = signed.Object("roles");
        Roles = RoleNames.TopLevel.ToDictionary(name => name, name => Role.Read(name, roles.Object(name), Keys));
    }

    /// <summary>Whether file names carry a version or a digest in front.</summary>
    public bool ConsistentSnapshot { get; }

    /// <summary>All keys by id.</summary>
    public IReadOnlyDictionary<string, PublicKey> Keys { get; }

    /// <summary>The four top-level roles by name.</summary>
    public IReadOnlyDictionary<string, Role> Roles { get; }
}
