using System.Globalization;
using System.Security.Cryptography;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Repository;

/// <summary>
/// The vendor's working copy of what is published, on the machine that signs: <c>metadata/N.root.json</c>,
/// <c>metadata/targets.json</c>, <c>metadata/PRODUCT.json</c> and <c>targets/PRODUCT/VERSION/ARCHIVE</c>.
/// What may be published already is never changed: a change makes the next version. A change of who signs a file stages that
/// file again too, for the new signers.
/// </summary>
/// <param name="folder">Where it is.</param>
/// <param name="time">From which expiry dates count.</param>
public sealed class ReleaseFolder(string folder, TimeProvider time)
{
    private string Metadata => Path.Join(folder, "metadata");

    /// <summary>All roots from version 1, the last perhaps still staged.</summary>
    public IReadOnlyList<byte[]> Roots()
    {
        var roots = new List<byte[]>();
        while (File.Exists(PathOfRoot(roots.Count + 1))) roots.Add(File.ReadAllBytes(PathOfRoot(roots.Count + 1)));
        return roots;
    }

    /// <summary>The newest root; null in an empty folder.</summary>
    public RootFile? Root() => Roots() is [.., var last] ? new RootFile(last) : null;

    /// <summary>The targets metadata of a role; null if it has none yet.</summary>
    public TargetsFile? Role(string role)
        => File.Exists(PathOf(role)) ? new TargetsFile(File.ReadAllBytes(PathOf(role)), role) : null;

    /// <summary>The products that <c>targets.json</c> delegates to.</summary>
    public IReadOnlyList<string> Products() => [.. Role(RoleNames.Targets)?.Delegations.Select(d => d.Role.Name) ?? []];

    /// <summary>What <c>publish</c> sends: everything that is signed.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.ThresholdNotMet"/>: something is staged and signatures are missing.</exception>
    public Proposal Proposal()
    {
        var missing = Missing();
        if (missing.Count > 0)
            throw new TrustException(TrustFault.ThresholdNotMet, missing[0].File, $"{missing[0].Votes} of {missing[0].Threshold} signatures are there");
        var roles = Products().Prepend(RoleNames.Targets).Where(r => File.Exists(PathOf(r)));
        return new Proposal(Roots(), roles.ToDictionary(r => r, r => File.ReadAllBytes(PathOf(r))));
    }

    /// <summary>The file on disk of a target that a product names.</summary>
    public string PathOf(Target target)
    {
        // The path was ours when it was signed, but the folder may have come from elsewhere.
        _ = PathEncoding.Target(target.Path);
        return Path.Join(folder, "targets", target.Path);
    }

    /// <summary>Every target that products name.</summary>
    public IReadOnlyList<Target> Targets() => [.. Products().SelectMany(p => Role(p)?.Targets.Values ?? [])];

    /// <summary>What still needs signatures, and how many are there; one line for each role that has to sign it.</summary>
    public IReadOnlyList<MissingSignatures> Missing() => [.. Signers().Where(s => s.Votes < s.Threshold)];

    /// <summary>Stages the next root: the first, one with other keys, or the same one with a later date.</summary>
    /// <param name="change">From the keys of the present root (empty for the first) to those of the next.</param>
    /// <returns>Its version.</returns>
    public long StageRoot(Func<IReadOnlyDictionary<string, RoleKeys>, IReadOnlyDictionary<string, RoleKeys>> change)
    {
        var root = Root();
        var roles = change(root?.Roles.ToDictionary(r => r.Key, r => RoleKeys.Of(r.Value)) ?? []);
        foreach (var (name, role) in roles) RequireReachable("root.json", name, role);
        var staged = Signers().Any(s => s.File.EndsWith(".root.json", StringComparison.Ordinal) && s.Votes < s.Threshold);
        var version = root is null ? 1 : staged ? root.Version : root.Version + 1;
        Write(PathOfRoot(version), new RootDraft(version, Expiry(Lifetimes.Root), roles).ToBytes());
        if (root is not null && !roles[RoleNames.Targets].SameAs(RoleKeys.Of(root.Roles[RoleNames.Targets]))) Renew(RoleNames.Targets);
        return version;
    }

    /// <summary>Stages targets metadata with other delegations, or the same with a later date.</summary>
    public void StageTargets(Func<IReadOnlyDictionary<string, RoleKeys>, IReadOnlyDictionary<string, RoleKeys>> change)
    {
        var file = Role(RoleNames.Targets);
        var draft = file is null
            ? new TargetsDraft(0, default, new Dictionary<string, Target>(), new Dictionary<string, RoleKeys>())
            : TargetsDraft.Of(file);
        var products = change(draft.Products);
        foreach (var (name, role) in products) RequireReachable(RoleNames.FileOf(name), name, role);
        Stage(RoleNames.Targets, file, draft with { Products = products });
        foreach (var (name, role) in products)
            if (draft.Products.TryGetValue(name, out var before) && !role.SameAs(before)) Renew(name);
    }

    /// <summary>Copies an archive into the folder and stages its product's metadata with it.</summary>
    /// <param name="product">The role that will sign it.</param>
    /// <param name="version">The archive's version.</param>
    /// <param name="archive">The file.</param>
    /// <param name="custom">What to say about it, as a JSON object; null for nothing.</param>
    /// <param name="ct">Ends the copying.</param>
    /// <exception cref="TrustException"><see cref="TrustFault.SameVersionChanged"/>: the same name with other bytes is signed already.</exception>
    public async Task<Target> AddArchiveAsync(string product, string version, string archive, string? custom, CancellationToken ct)
    {
        var path = $"{product}/{version}/{Path.GetFileName(archive)}";
        _ = PathEncoding.Target(path);
        string digest;
        await using (var input = File.OpenRead(archive)) digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(input, ct));
        var target = new Target(path, new FileInfo(archive).Length, FileDigests.FromSha256(digest), custom);

        var file = Role(product);
        if (file?.Targets.GetValueOrDefault(path) is { } before && before.Digests.Sha256 != digest)
            throw new TrustException(TrustFault.SameVersionChanged, path, "it is signed already with other bytes; give the archive a new version");
        if (Path.GetFullPath(PathOf(target)) != Path.GetFullPath(archive))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(target))!);
            File.Copy(archive, PathOf(target), overwrite: true);
        }
        if (file?.Targets.ContainsKey(path) == true) return target;
        var targets = file?.Targets.ToDictionary() ?? [];
        targets[path] = target;
        Stage(product, file, new TargetsDraft(0, default, targets, new Dictionary<string, RoleKeys>()));
        return target;
    }

    /// <summary>Stages the metadata of a role as it is, for other signers or a later date.</summary>
    public void Renew(string role)
    {
        if (Role(role) is { } file) Stage(role, file, TargetsDraft.Of(file));
    }

    /// <summary>Signs whatever is staged and may be signed with these keys.</summary>
    /// <returns>The names of the files that got a signature.</returns>
    public IReadOnlyList<string> Sign(IReadOnlyCollection<SigningKey> keys)
    {
        var signed = new List<string>();
        foreach (var group in Signers().Where(s => s.Votes < s.Threshold).GroupBy(s => s.Path).ToList())
        {
            var able = keys.Where(k => group.Any(s => s.Role.Keys.ContainsKey(k.Public.Id))).ToArray();
            if (able.Length == 0) continue;
            Write(group.Key, Signatures.Add(File.ReadAllBytes(group.Key), group.First().File, able));
            signed.Add(group.First().File);
        }
        return signed;
    }

    // What carries a signature may be published, and published bytes never change. Versions may have gaps.
    private void Stage(string role, TargetsFile? before, TargetsDraft draft)
    {
        var version = before is null ? 1 : before.Signatures.Count > 0 ? before.Version + 1 : before.Version;
        Write(PathOf(role), (draft with { Version = version, Expires = Expiry(Lifetimes.Targets) }).ToBytes());
    }

    private static void RequireReachable(string file, string name, RoleKeys role)
    {
        if (role.Threshold < 1 || role.Keys.Count < role.Threshold)
            throw new TrustException(TrustFault.ThresholdNotMet, file, $"{name} would need {role.Threshold} of {role.Keys.Count} keys");
    }

    private IEnumerable<MissingSignatures> Signers()
    {
        var roots = Roots().Select((bytes, i) => new RootFile(bytes, $"{i + 1}.root.json")).ToArray();
        for (var i = 0; i < roots.Length; i++)
        {
            if (i > 0) yield return new(PathOfRoot(i + 1), roots[i], roots[i - 1].Roles[RoleNames.Root]);
            yield return new(PathOfRoot(i + 1), roots[i], roots[i].Roles[RoleNames.Root]);
        }
        if (roots.Length == 0 || Role(RoleNames.Targets) is not { } top) yield break;
        yield return new(PathOf(RoleNames.Targets), top, roots[^1].Roles[RoleNames.Targets]);
        foreach (var delegation in top.Delegations)
            if (Role(delegation.Role.Name) is { } file) yield return new(PathOf(delegation.Role.Name), file, delegation.Role);
    }

    private DateTimeOffset Expiry(TimeSpan lifetime) => time.GetUtcNow() + lifetime;

    private string PathOf(string role) => Path.Join(Metadata, RoleNames.LocalFileOf(role));

    private string PathOfRoot(long version) => Path.Join(Metadata, version.ToString(CultureInfo.InvariantCulture) + ".root.json");

    private void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Metadata);
        DurableFile.Write(path, bytes);
    }
}

/// <summary>How far a file is from being signed.</summary>
/// <param name="Path">The file on disk.</param>
/// <param name="Signed">The file.</param>
/// <param name="Role">One of the roles that have to sign it: a root needs its own and its predecessor's.</param>
public sealed record MissingSignatures(string Path, SignedFile Signed, Role Role)
{
    /// <summary>Its name.</summary>
    public string File => Signed.File;

    /// <summary>Distinct keys that have signed.</summary>
    public int Votes { get; } = Role.Votes(Signed);

    /// <summary>Distinct keys that must.</summary>
    public int Threshold => Role.Threshold;
}
