using Mithi.Cli;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>The one rule that downloads ask, and the news of a fix.</summary>
public sealed class EntitlementStore(Db db)
{
    private const string Columns = """
        e.id, e.organisation_id, e.product, e.version_from, e.version_below, e.channel, e.until_date, e.time_zone, e.created_at
        """;

    /// <summary>
    /// Whether this organisation may have it: by an entitlement of its own, whether it is a customer or a partner. The vendor's
    /// own needs none.
    /// </summary>
    /// <param name="version">Null: any version.</param>
    /// <param name="channel">Null: any channel.</param>
    public Task<bool> IsEntitledAsync(
        OrganisationId organisation, string product, string? version, string? channel, Instant now, CancellationToken ct)
        => db.ReadAsync(tx => IsEntitledAsync(tx, organisation, product, version, channel, now), ct);

    /// <param name="byName">Only by an entitlement that names this one version: for a temporary fix, made for one customer.</param>
    public static async Task<bool> IsEntitledAsync(
        Tx tx, OrganisationId organisation, string product, string? version, string? channel, Instant now, bool byName = false)
    {
        var home = await OrganisationStore.GetAsync(tx, organisation);
        if (home is null or { Disabled: true }) return false;
        if (home.Kind == OrganisationKind.Vendor) return true;
        var rows = await tx.QueryAsync<Entitlement>(
            $"select {Columns} from entitlement e where e.organisation_id = @organisation and e.product = @product",
            new { organisation, product });
        return rows.Any(e => e.Gives(product, version, channel, now) && (!byName || e.IsOneVersion));
    }

    /// <summary>
    /// Whether who asks may have the bytes: staff always; a customer by its entitlement; a partner by its own or by that of a
    /// customer that it serves.
    /// </summary>
    /// <param name="byName">Only by an entitlement that names this one version: for a temporary fix, made for one customer.</param>
    public Task<bool> MayDownloadAsync(
        CurrentPerson me, string product, string version, string channel, Instant now, CancellationToken ct, bool byName = false)
    {
        var reach = me.Reach(Permission.ReleaseDownload);
        if (reach.All == 1) return Task.FromResult(true);
        if (!me.May(Permission.ReleaseDownload)) return Task.FromResult(false);
        return db.ReadAsync(async tx => (await WithinAsync(tx, reach, product)).Any(
            e => e.Gives(product, version, channel, now) && (!byName || e.IsOneVersion)), ct);
    }

    /// <summary>All entitlements within reach of a permission, so that a list can mark what its reader may have.</summary>
    public Task<IReadOnlyList<Entitlement>> WithinAsync(CurrentPerson me, Permission permission, CancellationToken ct)
        => db.ReadAsync(tx => WithinAsync(tx, me.Reach(permission), ""), ct);

    public Task<IReadOnlyList<Entitlement>> OfAsync(OrganisationId organisation, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<Entitlement>(
            $"select {Columns} from entitlement e where e.organisation_id = @organisation order by e.product, e.until_date, e.id",
            new { organisation }), ct);

    /// <summary>The organisations that are entitled to a version now, such as those to tell of a fix.</summary>
    public Task<IReadOnlyList<OrganisationId>> EntitledAsync(string product, string version, string channel, Instant now, CancellationToken ct)
        => db.ReadAsync<IReadOnlyList<OrganisationId>>(async tx =>
        {
            var rows = await tx.QueryAsync<Entitlement>($"""
                select {Columns} from entitlement e join organisation o on o.id = e.organisation_id
                where e.product = @product and o.disabled = 0
                """, new { product });
            return [.. rows.Where(e => e.Gives(product, version, channel, now)).Select(e => e.OrganisationId).Distinct()];
        }, ct);

    public Task<EntitlementId> AddAsync(OrganisationId organisation, EntitlementDraft draft, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => AddAsync(tx, organisation, draft, now), ct);

    /// <summary>The caller has checked that he may: see <see cref="Permission.CustomerManage"/>.</summary>
    public static async Task<EntitlementId> AddAsync(Tx tx, OrganisationId organisation, EntitlementDraft draft, Instant now)
    {
        Check.That(Zones.Find(draft.TimeZone) is not null);
        return new(await tx.QuerySingleAsync<long>("""
            insert into entitlement (organisation_id, product, version_from, version_below, channel, until_date, time_zone, created_at)
            values (@organisation, @Product, @VersionFrom, @VersionBelow, @Channel, @UntilDate, @TimeZone, @now) returning id
            """, new
        {
            organisation, draft.Product, draft.VersionFrom, draft.VersionBelow, draft.Channel, draft.UntilDate, draft.TimeZone, now,
        }));
    }

    /// <summary>False when the organisation has no such entitlement.</summary>
    public static async Task<bool> RemoveAsync(Tx tx, OrganisationId organisation, EntitlementId id)
        => await tx.ExecuteAsync(
            "delete from entitlement where id = @id and organisation_id = @organisation", new { id, organisation }) == 1;

    private static Task<IReadOnlyList<Entitlement>> WithinAsync(Tx tx, Reach reach, string product)
        => tx.QueryAsync<Entitlement>($"""
            select {Columns} from entitlement e join organisation o on o.id = e.organisation_id
            where o.disabled = 0 and {Reach.Sql("e.organisation_id", "0")} and (@product = '' or e.product = @product)
            """, new { product, reach.All, reach.Home, reach.Partner, reach.Me });
}
