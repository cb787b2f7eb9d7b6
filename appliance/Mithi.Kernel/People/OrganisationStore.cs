using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Organisations. All SQL of theirs is here.</summary>
public sealed class OrganisationStore(Db db, AuditLog audit)
{
    private const string Select = """
        select o.id, o.kind, o.name, o.partner_id, coalesce(p.name, '') as partner_name, o.time_zone, o.disabled, o.created_at,
            o.revision
        from organisation o left join organisation p on p.id = o.partner_id
        """;

    /// <summary>Whatever the reach: for the house's own work.</summary>
    public Task<Organisation?> GetAsync(OrganisationId id, CancellationToken ct)
        => db.ReadAsync(tx => GetAsync(tx, id), ct);

    /// <summary>Null when it is not there or <paramref name="me"/> may not see it.</summary>
    public Task<Organisation?> FindAsync(OrganisationId id, CurrentPerson me, CancellationToken ct)
        => db.ReadAsync(tx => FindAsync(tx, id, me.Reach(Permission.CustomerRead)), ct);

    public Task<Organisation?> ByNameAsync(string name, CancellationToken ct) => db.ReadAsync(tx => ByNameAsync(tx, name), ct);

    /// <summary>The one organisation of kind Vendor, or null before the first run.</summary>
    public Task<Organisation?> VendorAsync(CancellationToken ct) => db.ReadAsync(VendorAsync, ct);

    /// <summary>Those within reach of <paramref name="permission"/>, by name.</summary>
    public Task<Listing<Organisation>> ListAsync(
        string words, OrganisationKind? kind, int page, CurrentPerson me, Permission permission, CancellationToken ct)
        => db.ReadAsync(async tx =>
        {
            var reach = me.Reach(permission);
            var values = new
            {
                words = words.Trim().ToLowerInvariant(), kind = kind?.ToString() ?? "",
                reach.All, reach.Home, reach.Partner, reach.Me, limit = Limits.PageRows, offset = (long)(page - 1) * Limits.PageRows,
            };
            var where = $"""
                where {Reach.Sql("o.id", "0")} and (@kind = '' or o.kind = @kind)
                    and (@words = '' or {Contains(tx, "lower(o.name)", "@words")})
                """;
            var total = await tx.QuerySingleAsync<long>($"select count(*) from organisation o {where}", values);
            var rows = await tx.QueryAsync<Organisation>(
                $"{Select} {where} order by o.name, o.id limit @limit offset @offset", values);
            return new Listing<Organisation>(rows, total, page, Limits.PageRows);
        }, ct);

    /// <summary>All that a form's choice may offer, at most a few hundred, by name.</summary>
    public Task<IReadOnlyList<Organisation>> ChoicesAsync(CurrentPerson me, Permission permission, CancellationToken ct)
        => db.ReadAsync(tx =>
        {
            var reach = me.Reach(permission);
            return tx.QueryAsync<Organisation>(
                $"{Select} where o.disabled = 0 and {Reach.Sql("o.id", "0")} order by o.name limit 500",
                new { reach.All, reach.Home, reach.Partner, reach.Me });
        }, ct);

    /// <summary>Makes one without asking for rights: for the first run, samples and imports.</summary>
    public Task<OrganisationResult> AddAsync(OrganisationDraft draft, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => AddAsync(tx, draft, now), ct);

    /// <summary>Makes one on behalf of <paramref name="me"/>: a partner makes customers of its own and nothing else.</summary>
    public Task<OrganisationResult> AddAsync(OrganisationDraft draft, CurrentPerson me, Instant now, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            if (!MayMake(me, draft)) return new OrganisationResult.Missing();
            var added = await AddAsync(tx, draft, now);
            if (added is OrganisationResult.Saved saved)
                await audit.AddAsync(tx, me, "organisation.add", $"organisation:{saved.Id}", $"{draft.Kind}, {draft.Name}");
            return added;
        }, ct);

    public static async Task<OrganisationResult> AddAsync(Tx tx, OrganisationDraft draft, Instant now)
    {
        Check.That(Zones.Find(draft.TimeZone) is not null);
        var id = await tx.QuerySingleOrDefaultAsync<long?>("""
            insert into organisation (kind, name, partner_id, time_zone, created_at)
            values (@kind, @Name, @PartnerId, @TimeZone, @now) on conflict (name) do nothing returning id
            """, new { kind = draft.Kind.ToString(), draft.Name, draft.PartnerId, draft.TimeZone, now });
        return id is { } value ? new OrganisationResult.Saved(new(value)) : new OrganisationResult.NameTaken();
    }

    /// <summary>Changes name, partner and zone. The kind stays: what hangs on it is decided when it is made.</summary>
    public Task<OrganisationResult> ChangeAsync(
        OrganisationId id, OrganisationDraft draft, int revision, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<OrganisationResult>(async tx =>
        {
            if (await FindAsync(tx, id, me.Reach(Permission.CustomerManage)) is not { } current)
                return new OrganisationResult.Missing();
            if (current.Revision != revision) return new OrganisationResult.Stale(current);
            // Who serves a customer is the node's decision, not the partner's.
            if (me.ScopeOf(Permission.CustomerManage) != Scope.All) draft = draft with { PartnerId = current.PartnerId };
            var taken = await tx.QuerySingleAsync<long>(
                "select count(*) from organisation where name = @Name and id <> @id", new { draft.Name, id });
            if (taken > 0) return new OrganisationResult.NameTaken();
            await tx.ExecuteAsync("""
                update organisation set name = @Name, partner_id = @PartnerId, time_zone = @TimeZone, revision = revision + 1
                where id = @id
                """, new { id, draft.Name, draft.PartnerId, draft.TimeZone });
            await audit.AddAsync(tx, me, "organisation.change", $"organisation:{id}", $"{current.Name} -> {draft.Name}, {draft.TimeZone}");
            return new OrganisationResult.Saved(id);
        }, ct);

    /// <summary>Shuts an organisation's people and tokens out, or lets them in again; false when out of reach.</summary>
    public Task<bool> DisableAsync(OrganisationId id, bool disabled, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            // The node's own organisation can't be shut out by its own people: nobody would be left to let it in.
            if (await FindAsync(tx, id, me.Reach(Permission.CustomerManage)) is not { } it || it.Id == me.Organisation) return false;
            await tx.ExecuteAsync(
                "update organisation set disabled = @disabled, revision = revision + 1 where id = @id", new { id, disabled });
            await audit.AddAsync(tx, me, disabled ? "organisation.disable" : "organisation.enable", $"organisation:{id}");
            return true;
        }, ct);

    internal static Task<Organisation?> ByNameAsync(Tx tx, string name)
        => tx.QuerySingleOrDefaultAsync<Organisation>($"{Select} where o.name = @name", new { name });

    internal static Task<Organisation?> VendorAsync(Tx tx)
        => tx.QuerySingleOrDefaultAsync<Organisation>($"{Select} where o.kind = 'Vendor' order by o.id limit 1");

    public static Task<Organisation?> GetAsync(Tx tx, OrganisationId id)
        => tx.QuerySingleOrDefaultAsync<Organisation>($"{Select} where o.id = @id", new { id });

    private static bool MayMake(CurrentPerson me, OrganisationDraft draft) => me.ScopeOf(Permission.CustomerManage) switch
    {
        Scope.All => draft.Kind != OrganisationKind.Vendor,
        Scope.Customers => draft.Kind == OrganisationKind.Customer && draft.PartnerId is { } partner && partner == me.Organisation,
        _ => false,
    };

    private static Task<Organisation?> FindAsync(Tx tx, OrganisationId id, Reach reach)
        => tx.QuerySingleOrDefaultAsync<Organisation>($"{Select} where o.id = @id and {Reach.Sql("o.id", "0")}",
            new { id, reach.All, reach.Home, reach.Partner, reach.Me });

    // "like" has no common meaning in the two engines; a plain search for a part has, under two names.
    internal static string Contains(Tx tx, string text, string part)
        => tx.Engine == DbEngine.Sqlite ? $"instr({text}, {part}) > 0" : $"strpos({text}, {part}) > 0";
}
