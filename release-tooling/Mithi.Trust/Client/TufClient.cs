using Mithi.Trust.Metadata;

namespace Mithi.Trust.Client;

/// <summary>The client workflow of TUF 1.0.34, section 5: from a trusted root to a verified target, or a refusal.</summary>
/// <remarks>
/// Every step persists what it verified before the next begins, so a refusal never loses what was right before it.
/// One instance is one view of the repository: the time is fixed by <see cref="RefreshAsync"/>. Not for two threads at once.
/// </remarks>
/// <param name="store">What is trusted so far.</param>
/// <param name="metadata">Where metadata comes from.</param>
/// <param name="time">Says what has expired, and when a server is stalling.</param>
public sealed class TufClient(IMetadataStore store, IFetcher metadata, TimeProvider time)
{
    private readonly Dictionary<string, TargetsFile> _loaded = [];
    private DateTimeOffset _start;
    private RootFile? _root;
    private TimestampFile? _timestamp;
    private SnapshotFile? _snapshot;

    /// <summary>The newest root; after <see cref="RefreshAsync"/>.</summary>
    public RootFile Root => _root ?? throw NotRefreshed();

    /// <summary>The newest timestamp; after <see cref="RefreshAsync"/>.</summary>
    public TimestampFile Timestamp => _timestamp ?? throw NotRefreshed();

    /// <summary>The newest snapshot; after <see cref="RefreshAsync"/>.</summary>
    public SnapshotFile Snapshot => _snapshot ?? throw NotRefreshed();

    /// <summary>The newest top-level targets; after <see cref="RefreshAsync"/>.</summary>
    public TargetsFile Targets => _loaded.GetValueOrDefault(RoleNames.Targets) ?? throw NotRefreshed();

    /// <summary>Sections 5.1 to 5.6.6: brings the four top-level roles up to date.</summary>
    /// <exception cref="TrustException">Something was refused; what was trusted before still is.</exception>
    public async Task RefreshAsync(CancellationToken ct)
    {
        _start = time.GetUtcNow();
        (_root, _timestamp, _snapshot) = (null, null, null);
        _loaded.Clear();

        var root = await UpdateRootAsync(LoadRoot(), ct);
        var timestamp = await UpdateTimestampAsync(root, ct);
        var snapshot = await UpdateSnapshotAsync(root, timestamp, ct);
        (_root, _timestamp, _snapshot) = (root, timestamp, snapshot);
        await TargetsOfAsync(root.Roles[RoleNames.Targets], ct);
    }

    /// <summary>The metadata of a role that the top-level targets delegate to, verified; for whoever mirrors everything.</summary>
    public Task<TargetsFile> DelegatedAsync(Delegation delegation, CancellationToken ct) => TargetsOfAsync(delegation.Role, ct);

    /// <summary>Section 5.6.7: who of those trusted for this path knows it? Depth first, in order, each role once.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.TargetUnknown"/>, or why a role on the way was refused.</exception>
    public async Task<Target> FindAsync(string path, CancellationToken ct)
    {
        var visited = new HashSet<string>();
        var open = new Stack<Role>([Root.Roles[RoleNames.Targets]]);
        while (open.TryPop(out var role) && visited.Count <= Limits.DelegationsVisitedMax)
        {
            if (!visited.Add(role.Name)) continue;
            var file = await TargetsOfAsync(role, ct);
            if (file.Targets.TryGetValue(path, out var target)) return target;

            var next = new List<Role>();
            foreach (var delegation in file.Delegations.Where(d => d.Covers(path)))
            {
                next.Add(delegation.Role);
                if (!delegation.Terminating) continue;
                // Nobody after it may answer for this path, neither here nor further up.
                open.Clear();
                break;
            }
            for (var i = next.Count - 1; i >= 0; i--) open.Push(next[i]);
        }
        throw new TrustException(TrustFault.TargetUnknown, path, "no role that is trusted for this path has it");
    }

    /// <summary>The path of a target below the repository's folder of targets, percent-encoded.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.PathUnsafe"/>.</exception>
    public string UrlPathOf(Target target)
        => PathEncoding.Target(Root.ConsistentSnapshot
            ? PathEncoding.Consistent(target.Path, target.Digests.First)
            : target.Path);

    /// <summary>Section 5.7: fetches a target into a file, unless the file already is that target.</summary>
    /// <param name="target">From <see cref="FindAsync"/>.</param>
    /// <param name="targets">Where targets come from.</param>
    /// <param name="file">Where it goes. Its folder is made; it appears only when every byte is verified.</param>
    /// <param name="ct">Ends the download.</param>
    /// <returns>False if the file was there already and nothing was asked for.</returns>
    public Task<bool> DownloadAsync(Target target, IFetcher targets, string file, CancellationToken ct)
        => new TargetDownload(target, UrlPathOf(target), time).RunAsync(targets, file, ct);

    private RootFile LoadRoot()
    {
        var bytes = store.Read(RoleNames.Root, Limits.RootBytesMax)
            ?? throw new TrustException(TrustFault.NoTrustedRoot, "root.json", "there is no trusted root here");
        var root = new RootFile(bytes);
        root.Roles[RoleNames.Root].Require(root);
        return root;
    }

    private async Task<RootFile> UpdateRootAsync(RootFile root, CancellationToken ct)
    {
        for (var step = 0; step < Limits.RootStepsMax; step++)
        {
            var name = $"{root.Version + 1}.root.json";
            if (await FetchAsync(name, Limits.RootBytesMax, ct) is not { } bytes) break;
            var next = RootChain.Next(root, bytes, name);
            // 5.3.11, but before the new root is kept: a power cut or an expired root between the two must not leave
            // fast-forwarded files behind that nobody would look at again.
            if (RootChain.OnlineKeysRotated(root, next))
            {
                store.Delete(RoleNames.Timestamp);
                store.Delete(RoleNames.Snapshot);
            }
            store.Write(RoleNames.Root, bytes);
            root = next;
        }
        root.RequireFresh(_start);
        return root;
    }

    private async Task<TimestampFile> UpdateTimestampAsync(RootFile root, CancellationToken ct)
    {
        var role = root.Roles[RoleNames.Timestamp];
        var trusted = Local(RoleNames.Timestamp, role, Limits.TimestampBytesMax, bytes => new TimestampFile(bytes));
        var bytes = await RequireAsync("timestamp.json", Limits.TimestampBytesMax, ct);
        var timestamp = new TimestampFile(bytes);
        role.Require(timestamp);
        if (trusted is not null)
        {
            if (timestamp.Version < trusted.Version)
                throw new TrustException(TrustFault.Rollback, timestamp.File, $"it goes back from version {trusted.Version} to {timestamp.Version}");
            // 5.4.3.1: the same version says nothing new, whatever else it says; the one we have must still be fresh.
            if (timestamp.Version == trusted.Version)
            {
                trusted.RequireFresh(_start);
                return trusted;
            }
            if (timestamp.Snapshot.Version < trusted.Snapshot.Version)
                throw new TrustException(TrustFault.Rollback, timestamp.File,
                    $"its snapshot goes back from version {trusted.Snapshot.Version} to {timestamp.Snapshot.Version}");
        }
        timestamp.RequireFresh(_start);
        store.Write(RoleNames.Timestamp, bytes);
        return timestamp;
    }

    private async Task<SnapshotFile> UpdateSnapshotAsync(RootFile root, TimestampFile timestamp, CancellationToken ct)
    {
        var role = root.Roles[RoleNames.Snapshot];
        var meta = timestamp.Snapshot;
        var trusted = Local(RoleNames.Snapshot, role, Limits.SnapshotBytesMax, bytes => new SnapshotFile(bytes));
        if (trusted is not null && meta.Is(trusted) && trusted.IsFresh(_start)) return trusted;
        var bytes = await RequireAsync(NameOf(root, RoleNames.Snapshot, meta), Bound(meta, Limits.SnapshotBytesMax), ct);
        meta.RequireBytes(bytes, "snapshot.json");
        var snapshot = new SnapshotFile(bytes);
        role.Require(snapshot);
        meta.RequireVersion(snapshot);
        if (trusted is not null) snapshot.RequireNotOlder(trusted);
        snapshot.RequireFresh(_start);
        store.Write(RoleNames.Snapshot, bytes);
        return snapshot;
    }

    // Whoever delegates says which keys count, so what was loaded for one delegator is checked again for another.
    private async Task<TargetsFile> TargetsOfAsync(Role role, CancellationToken ct)
    {
        if (_loaded.TryGetValue(role.Name, out var loaded))
        {
            role.Require(loaded);
            return loaded;
        }
        var meta = Snapshot.Meta.GetValueOrDefault(RoleNames.FileOf(role.Name))
            ?? throw new TrustException(TrustFault.NotInSnapshot, RoleNames.FileOf(role.Name), "the snapshot does not list it");
        var trusted = Local(role.Name, role, Limits.TargetsBytesMax, bytes => new TargetsFile(bytes, role.Name));
        if (trusted is null || !meta.Is(trusted) || !trusted.IsFresh(_start))
        {
            var bytes = await RequireAsync(NameOf(Root, role.Name, meta), Bound(meta, Limits.TargetsBytesMax), ct);
            meta.RequireBytes(bytes, RoleNames.FileOf(role.Name));
            trusted = new TargetsFile(bytes, role.Name);
            role.Require(trusted);
            meta.RequireVersion(trusted);
            trusted.RequireFresh(_start);
            store.Write(role.Name, bytes);
        }
        return _loaded[role.Name] = trusted;
    }

    // A stored file that is damaged or signed by keys that are no longer trusted is as good as none: 5.3.11.
    private T? Local<T>(string name, Role role, int bytesMax, Func<byte[], T> read) where T : SignedFile
    {
        if (store.Read(name, bytesMax) is not { } bytes) return null;
        try
        {
            var file = read(bytes);
            role.Require(file);
            return file;
        }
        catch (TrustException)
        {
            return null;
        }
    }

    private static string NameOf(RootFile root, string role, MetaFile meta)
        => (root.ConsistentSnapshot ? $"{meta.Version}." : "") + Uri.EscapeDataString(role) + ".json";

    private static long Bound(MetaFile meta, int limit) => Math.Min(meta.Length ?? limit, limit);

    private async Task<byte[]> RequireAsync(string name, long bytesMax, CancellationToken ct)
        => await FetchAsync(name, bytesMax, ct)
            ?? throw new TrustException(TrustFault.Missing, name, "the repository does not have it");

    private async Task<byte[]?> FetchAsync(string name, long bytesMax, CancellationToken ct)
    {
        await using var stream = await metadata.OpenAsync(name, ct);
        return stream is null ? null : await new BoundedRead(stream, name, bytesMax, time).AllAsync(ct);
    }

    private static InvalidOperationException NotRefreshed() => new("RefreshAsync comes first and must have succeeded.");
}
