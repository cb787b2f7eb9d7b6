using Microsoft.Extensions.Logging;
using Mithi.Archive;
using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;
using NodaTime;

namespace Mithi.Downloads.Publishing;

/// <summary>Takes publications: signed metadata over blobs that are here. One at a time; a reader always sees a whole snapshot.</summary>
/// <remarks>
/// Order: check everything, keep the channel and the publisher, write the metadata with the timestamp last, then the rows. The
/// files decide; rows that a kill left out are added at the next start, with what was kept.
/// </remarks>
internal sealed class Publications(DataFolder folder, BlobStore blobs, Db db, ReleaseStore store, Outbox outbox, AuditLog audit, TimeProvider time,
    ILogger<Publications> log) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);

    public string MetadataFolder { get; } = Path.Join(folder.Releases, "metadata");

    /// <summary>The node's own keys for snapshot and timestamp, made when first asked for.</summary>
    public OnlineKeys Keys => OnlineKeys.LoadOrCreate(Path.Join(folder.Keys, "releases"));

    /// <summary>Publishes, or refuses with the reason that a client would have.</summary>
    /// <returns>The version of the new snapshot.</returns>
    /// <exception cref="Trust.TrustException">The signatures, versions or dates are not what a client accepts.</exception>
    /// <exception cref="ArchiveException">An archive is not what its name says.</exception>
    /// <exception cref="UserException">An archive was not uploaded.</exception>
    public async Task<long> PublishAsync(Proposal proposal, string channel, CurrentPerson me, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            var published = PublishedState.Load(MetadataFolder);
            var publication = await new RepositoryCheck(Keys, time).AcceptAsync(published, proposal, ct);
            await EnsureSameBytesAsync(publication.State.Targets().Select(t => t.Target), ct);
            var releases = await NewAsync(publication, proposal, channel, ct);
            await store.PendAsync(releases, me, Instant.FromDateTimeOffset(time.GetUtcNow()), ct);
            publication.WriteTo(MetadataFolder);
            // From here clients see it; whoever hangs up now must not leave the rows behind.
            foreach (var release in releases) await IndexAsync(release, CancellationToken.None);
            await ReconcileAsync(me.Label, CancellationToken.None);
            return publication.SnapshotVersion;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Signs what is at half its life again.</summary>
    public async Task RenewAsync(CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            if (PublishedState.Load(MetadataFolder) is not { } published) return;
            var renewed = await new RepositoryCheck(Keys, time).RenewAsync(published, ct);
            renewed?.WriteTo(MetadataFolder);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Adds rows for what the metadata names and the table lacks.</summary>
    public async Task CatchUpAsync(CancellationToken ct)
    {
        if (PublishedState.Load(MetadataFolder) is not { } published) return;
        var known = await store.TargetsAsync(ct);
        foreach (var (_, target) in published.Targets().Where(t => !known.ContainsKey(t.Target.Path)))
        {
            try
            {
                await IndexAsync(Describe(target, Release.Unknown), ct);
            }
            catch (UserException e)
            {
                // Its file is not here, as after a restore of an old backup: the node serves all else.
                log.LogWarning("{Target} is published but cannot be offered: {Message} {Hint}", target.Path, e.Message, e.Hint);
            }
        }
        await ReconcileAsync("node", ct);
    }

    public void Dispose() => turn.Dispose();

    /// <summary>What no client could see before, and what is published again because its channel was lost.</summary>
    private async Task<IReadOnlyList<Release>> NewAsync(Publication publication, Proposal proposal, string channel, CancellationToken ct)
    {
        var unknown = (await store.UnknownAsync(ct)).ToHashSet();
        var again = proposal.Roles.SelectMany(r => new TargetsFile(r.Value, r.Key).Targets.Values).Where(t => unknown.Contains(t.Path));
        return [.. publication.NewTargets.Concat(again).DistinctBy(t => t.Path).Select(t => Describe(t, channel))];
    }

    // Whoever has downloaded it knows the name for those bytes; what changes gets a version of its own.
    private async Task EnsureSameBytesAsync(IEnumerable<Target> targets, CancellationToken ct)
    {
        var known = await store.TargetsAsync(ct);
        foreach (var target in targets)
            if (known.TryGetValue(target.Path, out var sha256) && sha256 != target.Digests.Sha256)
                throw new UserException($"{target.Path} was published before with other bytes.", "Give what has changed a version of its own.");
    }

    private async Task ReconcileAsync(string who, CancellationToken ct)
    {
        var named = PublishedState.Load(MetadataFolder)!.Targets().Select(t => t.Target.Path).ToHashSet();
        await db.WriteAsync(async tx =>
        {
            foreach (var target in await ReleaseStore.ReconcileAsync(tx, named)) await audit.AddAsync(tx, who, "release.withdraw", $"release:{target}");
        }, ct);
    }

    private Release Describe(Target target, string channel)
    {
        var parts = target.Path.Split('/');
        var name = parts.Length == 3 ? ArchiveName.TryParse(parts[2]) : null;
        if (name is null || name.TargetPath != target.Path)
            throw new UserException($"{target.Path} is no name of a release.", "A target is called product/version/archive, as mithi-release sign does it.");
        if (!BlobId.TryParse(target.Digests.Sha256, null, out var blob) || blobs.BytesOf(blob) != target.Length)
            throw new UserException($"{name} has not been uploaded, or not whole.", "Send it first: mithi-release publish does both.");
        var manifest = ArchiveReader.ManifestOf(blobs.PathOf(blob));
        if (manifest.Name != name)
            throw new UserException($"{name} says in its manifest that it is {manifest.Name}.", "Pack it again under its own name.");
        return new(0, name.Product, name.Version.ToString(), name.Version.SortKey, name.Kind, name.Platform, name.ToString(), target.Path,
            blob.Sha256, target.Length, channel, manifest.Base?.Version.ToString() ?? "", string.Join('\n', manifest.Fixes), manifest.Notes,
            Instant.FromDateTimeOffset(time.GetUtcNow()));
    }

    // The pending row has the last word on channel and publisher: only it was written before the metadata.
    private Task IndexAsync(Release found, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var pending = await ReleaseStore.PendingAsync(tx, found.Target);
        var release = pending is null ? found : found with { Channel = pending.Channel };
        await ReleaseStore.DoneAsync(tx, found.Target);
        if (!await ReleaseStore.AddAsync(tx, release)) return;
        await audit.AddAsync(tx, pending?.PersonId, pending?.Label ?? "node", "release.publish", $"release:{release.Product}/{release.Version}",
            $"{release.Name}, channel {release.Channel}");
        // Nobody is told of what nobody may have.
        if (release.Channel == Release.Unknown) return;
        await outbox.AddAsync(tx, "release.published", new
        {
            release.Product, release.Version, kind = release.Kind.Word(), release.Name, release.Channel, fixes = release.FixedTickets, release.Notes,
        });
    }, ct);
}
