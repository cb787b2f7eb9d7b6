using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;
using NodaTime;

namespace Mithi.Customers.Customers;

/// <summary>What is known and written about customers. Organisations themselves are the Kernel's.</summary>
/// <remarks>Each question first finds the organisation within the reader's reach; what is out of reach is not there.</remarks>
public sealed class CustomerStore(Db db, OrganisationStore organisations, EntitlementStore entitlements, SearchIndex search, AuditLog audit)
{
    /// <summary>The outbox's kind of a customer's document in the search index.</summary>
    public const string SearchKind = "customer";

    public async Task<Listing<CustomerLine>> ListAsync(
        string words, OrganisationKind kind, int page, CurrentPerson me, Instant now, CancellationToken ct)
    {
        var list = await organisations.ListAsync(words, kind, page, me, Permission.CustomerRead, ct);
        var ids = list.Rows.Select(o => o.Id.Value).ToArray();
        if (ids.Length == 0) return new([], list.Total, list.Page, list.PageRows);
        var (installed, until) = await db.ReadAsync(async tx => (
            await tx.QueryAsync<InstalledRow>("""
                select distinct organisation_id, product, version from customer_installation where organisation_id in @ids
                order by product, version
                """, new { ids }),
            await tx.QueryAsync<UntilRow>(
                "select organisation_id, until_date, time_zone from customer_subscription where organisation_id in @ids", new { ids })), ct);
        var entitled = await entitlements.WithinAsync(me, Permission.CustomerRead, ct);
        return new([.. list.Rows.Select(o => new CustomerLine(o,
            [.. installed.Where(i => i.OrganisationId == o.Id).Select(i => $"{i.Product} {i.Version}")],
            until.Where(u => u.OrganisationId == o.Id && u.EndsAt > now).Select(u => (LocalDate?)u.UntilDate)
                .Concat(entitled.Where(e => e.OrganisationId == o.Id && e.EndsAt > now).Select(e => (LocalDate?)e.UntilDate)).Min()))],
            list.Total, list.Page, list.PageRows);
    }

    /// <summary>Null when it is not there or out of reach.</summary>
    public async Task<CustomerFacts?> FactsAsync(OrganisationId id, CurrentPerson me, CancellationToken ct)
    {
        if (await organisations.FindAsync(id, me, ct) is not { } organisation) return null;
        var entitled = await entitlements.OfAsync(id, ct);
        return await db.ReadAsync(async tx => new CustomerFacts(organisation,
            await InstallationsAsync(tx, id),
            await SubscriptionsAsync(tx, id), entitled, await SetupAsync(tx, id, null)), ct);
    }

    /// <summary>A saved state; null for the newest that there is.</summary>
    public async Task<Setup?> SetupAsync(OrganisationId id, int? revision, CurrentPerson me, CancellationToken ct)
        => await organisations.FindAsync(id, me, ct) is null ? null : await db.ReadAsync(tx => SetupAsync(tx, id, revision), ct);

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<SetupEntry>> HistoryAsync(OrganisationId id, CurrentPerson me, CancellationToken ct)
        => await organisations.FindAsync(id, me, ct) is null ? [] : await db.ReadAsync(tx => tx.QueryAsync<SetupEntry>("""
            select revision, note, author_name, saved_at from customer_setup where organisation_id = @id
            order by revision desc limit @most
            """, new { id, most = Limits.RevisionsShown }), ct);

    /// <summary>Saves a new state unless somebody else has since <paramref name="revision"/> was shown (0: there was none).</summary>
    public async Task<CustomerResult> WriteSetupAsync(
        OrganisationId id, string body, string note, int revision, CurrentPerson me, Instant now, CancellationToken ct)
    {
        if (!CustomerRights.MayWriteSetup(me) || await organisations.FindAsync(id, me, ct) is not { } organisation)
            return new CustomerResult.Missing();
        return await db.WriteAsync<CustomerResult>(async tx =>
        {
            var newest = await tx.QuerySingleAsync<long>(
                "select coalesce(max(revision), 0) from customer_setup where organisation_id = @id", new { id });
            if (newest != revision) return new CustomerResult.Stale((int)newest);
            await tx.ExecuteAsync("""
                insert into customer_setup (organisation_id, revision, body, note, author_id, author_name, saved_at)
                values (@id, @next, @body, @note, @author, @Name, @now)
                """, new { id, next = newest + 1, body, note, author = me.Id?.Value, me.Name, now });
            await search.PutAsync(tx, new(SearchKind, id.ToString(), organisation.Name, body, $"/customers/{id}",
                Permission.CustomerRead, id, null, "en"));
            await audit.AddAsync(tx, me, "customer.setup", $"organisation:{id}", $"revision {newest + 1}");
            return new CustomerResult.Saved();
        }, ct);
    }

    public async Task<CustomerResult> EntitleAsync(
        OrganisationId id, EntitlementDraft draft, CurrentPerson me, Instant now, CancellationToken ct)
    {
        if (!CustomerRights.MaySell(me) || await organisations.FindAsync(id, me, ct) is null) return new CustomerResult.Missing();
        if ((await entitlements.OfAsync(id, ct)).Count >= Limits.EntitlementsMax) return new CustomerResult.TooMany();
        return await db.WriteAsync<CustomerResult>(async tx =>
        {
            await EntitlementStore.AddAsync(tx, id, draft, now);
            await audit.AddAsync(tx, me, "customer.entitle", $"organisation:{id}",
                $"{draft.Product} [{draft.VersionFrom}, {draft.VersionBelow}) {draft.Channel} until {draft.UntilDate}");
            return new CustomerResult.Saved();
        }, ct);
    }

    public async Task<CustomerResult> EndEntitlementAsync(OrganisationId id, EntitlementId entitlement, CurrentPerson me, CancellationToken ct)
    {
        if (!CustomerRights.MaySell(me) || await organisations.FindAsync(id, me, ct) is null) return new CustomerResult.Missing();
        return await db.WriteAsync<CustomerResult>(async tx =>
        {
            if (!await EntitlementStore.RemoveAsync(tx, id, entitlement)) return new CustomerResult.Missing();
            await audit.AddAsync(tx, me, "customer.end-entitlement", $"organisation:{id}", $"entitlement:{entitlement}");
            return new CustomerResult.Saved();
        }, ct);
    }

    /// <summary>What a site tells of itself. Telling it twice is as telling it once.</summary>
    public Task InstalledAsync(OrganisationId organisation, long site, string product, string version, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync("""
            insert into customer_installation (organisation_id, site_id, product, version, first_at, changed_at)
            values (@organisation, @site, @product, @version, @now, @now)
            on conflict (site_id, product) do update set organisation_id = excluded.organisation_id, version = excluded.version,
                changed_at = case when customer_installation.version = excluded.version
                    then customer_installation.changed_at else excluded.changed_at end
            """, new { organisation, site, product, version, now }), ct);

    internal static Task<IReadOnlyList<Installation>> InstallationsAsync(Tx tx, OrganisationId id) => tx.QueryAsync<Installation>("""
        select organisation_id, site_id, product, version, first_at, changed_at from customer_installation
        where organisation_id = @id order by product, site_id
        """, new { id });

    internal static async Task<IReadOnlyList<Subscription>> SubscriptionsAsync(Tx tx, OrganisationId id)
    {
        var rows = await tx.QueryAsync<Subscription>("""
            select id, organisation_id, plan, calendar, hotline, retroactive, until_date, time_zone, created_at, revision
            from customer_subscription where organisation_id = @id order by until_date desc, id desc
            """, new { id });
        var targets = await tx.QueryAsync<TargetRow>("""
            select t.subscription_id, t.priority, t.response_minutes, t.resolution_minutes, t.next_response_minutes
            from customer_target t join customer_subscription s on s.id = t.subscription_id
            where s.organisation_id = @id order by t.priority
            """, new { id });
        return [.. rows.Select(s => s with
        {
            Targets = [.. targets.Where(t => t.SubscriptionId == s.Id).Select(t => new Target(t.Priority, t.ResponseMinutes, t.ResolutionMinutes, t.NextResponseMinutes))],
        })];
    }

    private static Task<Setup?> SetupAsync(Tx tx, OrganisationId id, int? revision) => tx.QuerySingleOrDefaultAsync<Setup>("""
        select revision, body, note, author_name, saved_at from customer_setup
        where organisation_id = @id and (@revision = 0 or revision = @revision) order by revision desc limit 1
        """, new { id, revision = revision ?? 0 });

    private sealed record InstalledRow(OrganisationId OrganisationId, string Product, string Version);

    private sealed record UntilRow(OrganisationId OrganisationId, LocalDate UntilDate, string TimeZone)
    {
        public Instant EndsAt => (Zones.Find(TimeZone) ?? DateTimeZone.Utc).AtStartOfDay(UntilDate.PlusDays(1)).ToInstant();
    }

    private sealed record TargetRow(SubscriptionId SubscriptionId, Priority Priority, int ResponseMinutes, int ResolutionMinutes, int? NextResponseMinutes);
}
