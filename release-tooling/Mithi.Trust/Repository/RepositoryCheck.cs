using Mithi.Trust.Client;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Repository;

/// <summary>
/// Decides whether a proposed publication may become the published state: signs a snapshot and a timestamp for it and then
/// asks two clients, one that has the present state and one that starts at the first root. What either would refuse is
/// refused here, before anybody can see it.
/// </summary>
/// <param name="keys">The node's own keys.</param>
/// <param name="time">Says what has expired and when the new metadata will.</param>
public sealed class RepositoryCheck(OnlineKeys keys, TimeProvider time)
{
    /// <summary>Takes a proposal over the present state.</summary>
    /// <param name="published">Null for the first publication.</param>
    /// <param name="proposal">Signed by the vendor's offline keys.</param>
    /// <param name="ct">Ends the check.</param>
    /// <exception cref="TrustException">Why a client would refuse it.</exception>
    public async Task<Publication> AcceptAsync(PublishedState? published, Proposal proposal, CancellationToken ct)
    {
        var roots = Roots(published?.Roots ?? [], proposal.Roots);
        var roles = Roles(published?.Roles ?? new Dictionary<string, byte[]>(), proposal.Roles);
        if (!roles.TryGetValue(RoleNames.Targets, out var top))
            throw new TrustException(TrustFault.Missing, "targets.json", "the first publication needs it");
        RequireDelegated(new TargetsFile(top), proposal.Roles.Keys);

        var state = Sign(published, roots, roles, renewSnapshot: true);
        return await AskClientsAsync(published, state, ct);
    }

    /// <summary>Signs what is at half its life again, so that clients never see an expired snapshot or timestamp.</summary>
    /// <returns>Null if nothing is due.</returns>
    public async Task<Publication?> RenewAsync(PublishedState published, CancellationToken ct)
    {
        var (root, now) = (published.Root, time.GetUtcNow());
        var snapshotDue = Due(root, new SnapshotFile(published.Snapshot), Lifetimes.Snapshot, now);
        var timestampDue = Due(root, new TimestampFile(published.Timestamp), Lifetimes.Timestamp, now);
        if (!snapshotDue && !timestampDue) return null;
        var state = Sign(published, published.Roots, published.Roles, snapshotDue);
        return await AskClientsAsync(published, state, ct);
    }

    // Under the newest root the old signature may no longer count: a publication with new keys was cut off half way.
    private static bool Due(RootFile root, SignedFile file, TimeSpan lifetime, DateTimeOffset now)
        => file.Expires - now < lifetime / 2 || root.Roles[file.Type].Votes(file) < root.Roles[file.Type].Threshold;

    private static IReadOnlyList<byte[]> Roots(IReadOnlyList<byte[]> published, IReadOnlyList<byte[]> proposed)
    {
        var roots = published.ToList();
        foreach (var bytes in proposed)
        {
            var root = new RootFile(bytes);
            if (root.Version <= roots.Count)
                RequireSame("root.json", root.Version, roots[(int)root.Version - 1], bytes);
            else if (roots.Count > 0)
                roots.Add(RootChain.Next(new RootFile(roots[^1]), bytes, $"{root.Version}.root.json").Bytes.ToArray());
            else if (root.Version == 1)
                roots.Add(bytes);
            else
                throw new TrustException(TrustFault.VersionMismatch, "root.json", "the first root that a node gets must be version 1");
        }
        return roots.Count > 0 ? roots : throw new TrustException(TrustFault.NoTrustedRoot, "root.json", "the first publication needs it");
    }

    private static Dictionary<string, byte[]> Roles(
        IReadOnlyDictionary<string, byte[]> published, IReadOnlyDictionary<string, byte[]> proposed)
    {
        var roles = published.ToDictionary();
        foreach (var (role, bytes) in proposed)
        {
            var file = new TargetsFile(bytes, role);
            if (roles.TryGetValue(role, out var before))
            {
                var present = new TargetsFile(before, role);
                if (file.Version < present.Version)
                    throw new TrustException(TrustFault.Rollback, file.File, $"it goes back from version {present.Version} to {file.Version}");
                if (file.Version == present.Version) RequireSame(file.File, file.Version, before, bytes);
            }
            roles[role] = bytes;
        }
        return roles;
    }

    private static void RequireSame(string file, long version, byte[] published, byte[] proposed)
    {
        if (!published.AsSpan().SequenceEqual(proposed))
            throw new TrustException(TrustFault.SameVersionChanged, file, $"version {version} is published with other bytes");
    }

    private static void RequireDelegated(TargetsFile top, IEnumerable<string> proposed)
    {
        var known = top.Delegations.Select(d => d.Role.Name).Append(RoleNames.Targets).ToHashSet();
        if (proposed.FirstOrDefault(role => !known.Contains(role)) is { } stranger)
            throw new TrustException(TrustFault.KeyNotTrusted, RoleNames.FileOf(stranger), "targets.json does not delegate to this role");
    }

    private PublishedState Sign(
        PublishedState? published, IReadOnlyList<byte[]> roots, IReadOnlyDictionary<string, byte[]> roles, bool renewSnapshot)
    {
        var (root, now) = (new RootFile(roots[^1]), time.GetUtcNow());
        var snapshotKeys = keys.For(root.Roles[RoleNames.Snapshot]);
        var timestampKeys = keys.For(root.Roles[RoleNames.Timestamp]);

        var before = published is null ? null : new SnapshotFile(published.Snapshot);
        var snapshot = published is not null && !renewSnapshot
            ? published.Snapshot
            : Signatures.Add(new MetaDraft(RoleNames.Snapshot, (before?.Version ?? 0) + 1, now + Lifetimes.Snapshot,
                roles.Select(r => KeyValuePair.Create(RoleNames.FileOf(r.Key), MetaDraft.Of(new TargetsFile(r.Value, r.Key))))).ToBytes(),
                "snapshot.json", snapshotKeys);

        var version = published is null ? 1 : new TimestampFile(published.Timestamp).Version + 1;
        var timestamp = Signatures.Add(new MetaDraft(RoleNames.Timestamp, version, now + Lifetimes.Timestamp,
            [KeyValuePair.Create("snapshot.json", MetaDraft.Of(new SnapshotFile(snapshot)))]).ToBytes(), "timestamp.json", timestampKeys);
        return new PublishedState(roots, timestamp, snapshot, roles);
    }

    private async Task<Publication> AskClientsAsync(PublishedState? published, PublishedState state, CancellationToken ct)
    {
        var known = published?.Targets().Select(t => (t.Target.Path, t.Target.Digests.First)).ToHashSet() ?? [];
        var fresh = state.Targets().Where(t => !known.Contains((t.Target.Path, t.Target.Digests.First))).Select(t => t.Target).ToArray();
        var changed = state.Roles.Where(r => published is null || !published.Roles.TryGetValue(r.Key, out var before)
            || !before.AsSpan().SequenceEqual(r.Value)).Select(r => r.Key).ToHashSet();
        if (published is not null) await AskAsync(published.AsClient(), state, changed, fresh, ct);
        var beginner = new MemoryMetadata();
        beginner.Write(RoleNames.Root, state.Roots[0]);
        await AskAsync(beginner, state, changed, fresh, ct);
        return new Publication(state, new SnapshotFile(state.Snapshot).Version, fresh);
    }

    private async Task AskAsync(
        MemoryMetadata store, PublishedState state, IReadOnlySet<string> changed, IReadOnlyList<Target> fresh, CancellationToken ct)
    {
        var client = new TufClient(store, new MemoryFetcher(state.Files()), time);
        await client.RefreshAsync(ct);
        foreach (var delegation in client.Targets.Delegations.Where(d => state.Roles.ContainsKey(d.Role.Name)))
        {
            try
            {
                await client.DelegatedAsync(delegation, ct);
            }
            catch (TrustException e) when (e.Fault == TrustFault.Expired && !changed.Contains(delegation.Role.Name))
            {
                // A product that nobody signs any more must not keep the others from being published.
            }
        }
        foreach (var target in fresh)
        {
            var found = await client.FindAsync(target.Path, ct);
            if (found.Digests.First != target.Digests.First)
                throw new TrustException(TrustFault.DigestMismatch, target.Path, "another role answers for this path first");
            _ = client.UrlPathOf(found);
        }
    }
}
