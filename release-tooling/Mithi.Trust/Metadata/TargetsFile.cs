using Mithi.Trust.Keys;

namespace Mithi.Trust.Metadata;

/// <summary>Names targets and delegates paths to other roles. TUF 1.0.34, section 4.5.</summary>
public sealed class TargetsFile : SignedFile
{
    /// <summary>Reads the targets metadata of <paramref name="role"/>.</summary>
    /// <exception cref="TrustException">Its fault says why it was refused.</exception>
    public TargetsFile(ReadOnlyMemory<byte> bytes, string role = RoleNames.Targets)
        : base(bytes, RoleNames.FileOf(role), RoleNames.Targets)
    {
        RoleName = role;
        using var document = Open(bytes, File, out var signed);
        var targets = signed.Object("targets");
        Targets = targets.Members().ToDictionary(targets.Name, m => Target.Read(targets.Name(m), targets.Member(m)));
        if (signed.OptionalObject("delegations") is not { } delegations) return;
        DelegationKeys = Role.ReadKeys(delegations.Object("keys"));
        Delegations = [.. delegations.Objects("roles").Select(r => Delegation.Read(r, DelegationKeys))];
        if (Delegations.Select(d => d.Role.Name).Distinct().Count() != Delegations.Count)
            throw delegations.Wrong("a role is delegated to twice");
    }

    /// <summary>Whose metadata this is.</summary>
    public string RoleName { get; }

    /// <summary>By path.</summary>
    public IReadOnlyDictionary<string, Target> Targets { get; }

    /// <summary>In the order of search.</summary>
    public IReadOnlyList<Delegation> Delegations { get; } = [];

    /// <summary>The keys of delegated roles, by id.</summary>
    public IReadOnlyDictionary<string, PublicKey> DelegationKeys { get; } = new Dictionary<string, PublicKey>();
}

/// <summary>A file that a repository vouches for.</summary>
/// <param name="Path">Relative, with slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Digests">At least one that we can compute.</param>
/// <param name="Custom">What the signer added, as JSON text; null if nothing.</param>
public sealed record Target(string Path, long Length, FileDigests Digests, string? Custom)
{
    internal static Target Read(string path, JsonFields target) => new(
        path,
        target.Integer("length", min: 0),
        FileDigests.Read(target.Object("hashes")),
        target.OptionalObject("custom") is { } custom ? custom.Value.GetRawText() : null);
}
