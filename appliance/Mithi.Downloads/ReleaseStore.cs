using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Downloads;

/// <summary>Published archives and the record of their transfers.</summary>
internal sealed class ReleaseStore(Db db)
{
    private const string Columns = """
        id, product, version, version_key, kind, platform, name, target, sha256, bytes, channel, base_version, fixes, notes, published_at
        """;

    /// <summary>Newest version first.</summary>
    /// <param name="product">Empty: of all products.</param>
    public Task<IReadOnlyList<Release>> ListAsync(string product, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<Release>($"""
            select {Columns} from release where withdrawn = 0 and (@product = '' or product = @product) order by product, version_key desc, name
            """, new { product }), ct);

    public Task<Release?> FindAsync(string product, string version, string name, CancellationToken ct)
        => db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<Release>(
            $"select {Columns} from release where product = @product and version = @version and name = @name and withdrawn = 0",
            new { product, version, name }), ct);

    /// <summary>The releases of a version that a link can mean: the whole build first.</summary>
    public Task<IReadOnlyList<Release>> OfVersionAsync(string product, string version, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<Release>($"""
            select {Columns} from release where product = @product and version = @version and withdrawn = 0 order by base_version, id
            """, new { product, version }), ct);

    /// <summary>SHA-256 by target, also of those that were withdrawn: a name once given stays that of the same bytes.</summary>
    public async Task<IReadOnlyDictionary<string, string>> TargetsAsync(CancellationToken ct)
        => (await db.ReadAsync(tx => tx.QueryAsync<TargetRow>("select target, sha256, withdrawn from release"), ct)).ToDictionary(r => r.Target, r => r.Sha256);

    /// <summary>Withdraws what the metadata no longer names, and brings back what it names again.</summary>
    /// <returns>The targets that are withdrawn now and were not before.</returns>
    public static async Task<IReadOnlyList<string>> ReconcileAsync(Tx tx, IReadOnlySet<string> named)
    {
        var gone = new List<string>();
        foreach (var row in await tx.QueryAsync<TargetRow>("select target, sha256, withdrawn from release"))
        {
            var withdrawn = !named.Contains(row.Target);
            if (withdrawn == row.Withdrawn) continue;
            await tx.ExecuteAsync("update release set withdrawn = @withdrawn where target = @Target", new { withdrawn, row.Target });
            if (withdrawn) gone.Add(row.Target);
        }
        return gone;
    }

    /// <summary>Those whose channel nobody knows any more.</summary>
    public Task<IReadOnlyList<string>> UnknownAsync(CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<string>("select target from release where channel = @Unknown", new { Release.Unknown }), ct);

    /// <summary>Keeps for whom each of these is published and by whom, before anybody can see it.</summary>
    public Task PendAsync(IReadOnlyList<Release> releases, CurrentPerson me, Instant now, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        foreach (var release in releases)
            await tx.ExecuteAsync("""
                insert into release_pending (target, channel, person_id, label, at) values (@Target, @Channel, @Id, @label, @now)
                on conflict (target) do update set channel = excluded.channel, person_id = excluded.person_id, label = excluded.label,
                    at = excluded.at
                """, new { release.Target, release.Channel, me.Id, label = me.Name.Length > 0 ? me.Name : me.Label, now });
    }, ct);

    /// <summary>What was kept of a publication that was cut off; null when nothing was.</summary>
    public static Task<Pending?> PendingAsync(Tx tx, string target) => tx.QuerySingleOrDefaultAsync<Pending>(
        "select channel, person_id, label from release_pending where target = @target", new { target });

    public static Task DoneAsync(Tx tx, string target) => tx.ExecuteAsync("delete from release_pending where target = @target", new { target });

    /// <summary>False when it was there already. One whose channel was unknown gets the one that is given now.</summary>
    public static async Task<bool> AddAsync(Tx tx, Release release) => await tx.ExecuteAsync("""
        insert into release (product, version, version_key, kind, platform, name, target, sha256, bytes, channel, base_version, fixes, notes,
            published_at)
        values (@Product, @Version, @VersionKey, @kind, @Platform, @Name, @Target, @Sha256, @Bytes, @Channel, @BaseVersion, @Fixes, @Notes,
            @PublishedAt)
        on conflict (target) do update set channel = excluded.channel where release.channel = 'unknown' and excluded.channel <> 'unknown'
        """, new
    {
        release.Product, release.Version, release.VersionKey, kind = release.Kind.ToString(), release.Platform, release.Name, release.Target,
        release.Sha256, release.Bytes, release.Channel, release.BaseVersion, release.Fixes, release.Notes, release.PublishedAt,
    }) == 1;

    public Task<long> StartTransferAsync(Release release, CurrentPerson me, string address, long from, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => tx.QuerySingleAsync<long>("""
            insert into download (release_id, who, organisation_id, address, started_at, range_from)
            values (@Id, @Label, @Organisation, @address, @now, @from) returning id
            """, new { release.Id, me.Label, me.Organisation, address, now, from }), ct);

    public Task EndTransferAsync(long id, long bytes, bool complete, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync(
            "update download set bytes = @bytes, complete = @complete where id = @id", new { id, bytes, complete }), ct);

    private sealed record TargetRow(string Target, string Sha256, bool Withdrawn);
}

/// <summary>For whom and by whom something is about to be published.</summary>
internal sealed record Pending(string Channel, PersonId? PersonId, string Label);
