using System.Security.Cryptography;
using System.Text;
using Mithi.Fleet.Orders;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;

namespace Mithi.Fleet.Sites;

/// <summary>Sites as people see and change them. What a site itself tells is written by <c>SiteInbox</c>.</summary>
internal sealed class SiteStore(Db db, AuditLog audit, TimeProvider time)
{
    private const string Select = """
        select s.id, s.code, s.organisation_id, o.name as organisation_name, s.name, s.state, s.sheet, s.sheet_revision, s.device,
            s.machine, s.log_through, s.intercepted, s.facts, s.plan, s.approved_plan, s.steps, s.fault, s.report, s.product,
            s.version, s.token_id, s.seen_at, s.created_at
        from site s join organisation o on o.id = s.organisation_id
        """;

    /// <summary>Null when it is not there or out of reach.</summary>
    public Task<Site?> FindAsync(SiteId id, CurrentPerson me, Permission permission, CancellationToken ct)
        => db.ReadAsync(tx => FindAsync(tx, id, me, permission), ct);

    /// <summary>For the site itself: by the id in its stamp.</summary>
    public Task<Site?> ByCodeAsync(string code, CancellationToken ct)
        => db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<Site>($"{Select} where s.code = @code", new { code }), ct);

    /// <summary>For the house's own work.</summary>
    public Task<Site?> GetAsync(SiteId id, CancellationToken ct) => db.ReadAsync(tx => GetAsync(tx, id), ct);

    public static Task<Site?> GetAsync(Tx tx, SiteId id)
        => tx.QuerySingleOrDefaultAsync<Site>($"{Select} where s.id = @id", new { id });

    public static Task<Site?> FindAsync(Tx tx, SiteId id, CurrentPerson me, Permission permission)
    {
        var reach = me.Reach(permission);
        return tx.QuerySingleOrDefaultAsync<Site>($"{Select} where s.id = @id and {Reach.Sql("s.organisation_id", "0")}",
            new { id, reach.All, reach.Home, reach.Partner, reach.Me });
    }

    /// <summary>The board: what needs somebody first, then by name.</summary>
    public Task<Listing<SiteRow>> ListAsync(string words, SiteState? state, int page, CurrentPerson me, CancellationToken ct)
        => db.ReadAsync(async tx =>
        {
            var reach = me.Reach(Permission.SiteRead);
            var values = new
            {
                words = words.Trim().ToLowerInvariant(), state = state?.ToString() ?? "", reach.All, reach.Home, reach.Partner, reach.Me,
                limit = Limits.PageRows, offset = (long)(page - 1) * Limits.PageRows,
            };
            // The engines have no common word for "contains"; replacing has one meaning in both.
            var where = $"""
                where {Reach.Sql("s.organisation_id", "0")} and (@state = '' or s.state = @state)
                    and (@words = '' or replace(lower(s.name || ' ' || o.name), @words, '') <> lower(s.name || ' ' || o.name))
                """;
            var total = await tx.QuerySingleAsync<long>(
                $"select count(*) from site s join organisation o on o.id = s.organisation_id {where}", values);
            var rows = await tx.QueryAsync<SiteRow>($"""
                select s.id, o.name as organisation_name, s.name, s.state, s.product, s.version, s.seen_at
                from site s join organisation o on o.id = s.organisation_id {where}
                order by case s.state when 'Attention' then 0 when 'Paired' then 1 when 'Installing' then 2 when 'Planned' then 3 else 4 end,
                    o.name, s.name, s.id limit @limit offset @offset
                """, values);
            return new Listing<SiteRow>(rows, total, page, Limits.PageRows);
        }, ct);

    /// <summary>The names of some sites that the reader may see, for what is known from connections alone.</summary>
    public Task<IReadOnlyList<SiteRow>> RowsAsync(IReadOnlyList<SiteId> ids, CurrentPerson me, CancellationToken ct)
        => db.ReadAsync<IReadOnlyList<SiteRow>>(async tx =>
        {
            var rows = new List<SiteRow>();
            foreach (var id in ids)
                if (await FindAsync(tx, id, me, Permission.SiteRead) is { } s)
                    rows.Add(new(s.Id, s.OrganisationName, s.Name, s.State, s.Product, s.Version, s.SeenAt));
            return rows;
        }, ct);

    public Task<SiteResult> AddAsync(OrganisationId organisation, string name, SiteSheet sheet, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<SiteResult>(async tx =>
        {
            var reach = me.Reach(Permission.SitePlan);
            var known = await tx.QuerySingleAsync<long>(
                $"select count(*) from organisation o where o.id = @organisation and o.disabled = 0 and {Reach.Sql("o.id", "0")}",
                new { organisation, reach.All, reach.Home, reach.Partner, reach.Me });
            if (known == 0) return new SiteResult.Missing();
            var id = await tx.QuerySingleAsync<SiteId>("""
                insert into site (code, organisation_id, name, state, sheet, sheet_revision, created_at)
                values (@code, @organisation, @name, 'Planned', @sheet, @Revision, @now) returning id
                """, new
            {
                code = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 24), organisation, name,
                sheet = Json(sheet), sheet.Revision, now = time.GetCurrentInstant(),
            });
            await audit.AddAsync(tx, me, "site.create", $"site:{id}", $"{name}, {sheet.Product} {sheet.Version}");
            return new SiteResult.Done(id);
        }, ct);

    /// <summary>Changes what is wanted. A machine that is paired and has not begun makes a new plan of it.</summary>
    public Task<SiteResult> ChangeAsync(SiteId id, string name, int before, SiteSheet sheet, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<SiteResult>(async tx =>
        {
            if (await FindAsync(tx, id, me, Permission.SitePlan) is not { } site) return new SiteResult.Missing();
            if (site.SheetRevision != before) return new SiteResult.Stale();
            await tx.ExecuteAsync("update site set name = @name, sheet = @sheet, sheet_revision = @Revision where id = @id",
                new { id, name, sheet = Json(sheet), sheet.Revision });
            await audit.AddAsync(tx, me, "site.sheet", $"site:{id}", $"revision {sheet.Revision}: {sheet.Product} {sheet.Version}");
            if (site.IsPaired && site.ApprovedPlan.Length == 0)
                await OrderStore.AddAsync(tx, site, new MakePlan(sheet), me.Name, time.GetCurrentInstant());
            return new SiteResult.Done(id);
        }, ct);

    /// <summary>The machine whose code was entered becomes the site's.</summary>
    public Task<SiteResult> PairAsync(SiteId id, string device, bool intercepted, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<SiteResult>(async tx =>
        {
            if (await FindAsync(tx, id, me, Permission.SiteCommand) is not { } site) return new SiteResult.Missing();
            if (site.IsPaired) return new SiteResult.NotNow("This site is paired with another machine.");
            await tx.ExecuteAsync("""
                update site set state = 'Paired', device = @device, machine = machine + 1, log_through = 0, intercepted = @intercepted,
                    facts = '', plan = '', approved_plan = '', steps = '', fault = '', report = ''
                where id = @id
                """, new { id, device, intercepted });
            await audit.AddAsync(tx, me, "site.pair", $"site:{id}", $"machine {device[..16]}");
            var paired = (await GetAsync(tx, id))!;
            await OrderStore.AddAsync(tx, paired, new MakePlan(paired.TheSheet), me.Name, time.GetCurrentInstant());
            return new SiteResult.Done(id);
        }, ct);

    /// <summary>Notes that a wrong code was typed.</summary>
    public Task NoteWrongCodeAsync(SiteId id, int triesLeft, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync(tx => audit.AddAsync(tx, me, "site.pair-wrong", $"site:{id}", $"{triesLeft} tries left"), ct);

    /// <summary>The plan that was read may be carried out, and no other.</summary>
    public Task<SiteResult> ApproveAsync(SiteId id, string planId, string digest, bool mayDestroy, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<SiteResult>(async tx =>
        {
            if (await FindAsync(tx, id, me, Permission.SiteCommand) is not { } site) return new SiteResult.Missing();
            if (site.ThePlan is not { } plan || !site.CanApprove) return new SiteResult.Stale();
            if (plan.PlanId != planId || plan.Digest != digest) return new SiteResult.Stale();
            if (PlanRisk.Of(site) != PlanRisk.None && !mayDestroy)
                return new SiteResult.NotNow("Confirm first that what is on the disk may be destroyed.");
            await tx.ExecuteAsync("update site set state = 'Installing', approved_plan = @planId, steps = '', fault = '' where id = @id",
                new { id, planId });
            await OrderStore.AddAsync(tx, site, new ApprovePlan(planId, digest), me.Name, time.GetCurrentInstant());
            await audit.AddAsync(tx, me, "site.approve", $"site:{id}", $"plan {planId}, digest {digest}");
            return new SiteResult.Done(id);
        }, ct);

    /// <summary>An order to the machine that the site has.</summary>
    public Task<SiteResult> OrderAsync(SiteId id, CommandOrder order, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<SiteResult>(async tx =>
        {
            if (await FindAsync(tx, id, me, Permission.SiteCommand) is not { } site) return new SiteResult.Missing();
            if (!site.IsPaired) return new SiteResult.NotNow("No machine is paired with this site.");
            if (order is ApplyRelease or RollBack && await OrderStore.IsChangingAsync(tx, site, time.GetCurrentInstant()))
                return new SiteResult.NotNow("The site has not finished what it was told before.");
            await OrderStore.AddAsync(tx, site, order, me.Name, time.GetCurrentInstant());
            await audit.AddAsync(tx, me, "site.order", $"site:{id}", OrderWords.English(order));
            return new SiteResult.Done(id);
        }, ct);

    /// <summary>Lets the machine go, so that another can be paired. Its token ends and its open orders are dropped.</summary>
    public Task<SiteResult> ReleaseMachineAsync(SiteId id, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<SiteResult>(async tx =>
        {
            if (await FindAsync(tx, id, me, Permission.SiteCommand) is not { } site) return new SiteResult.Missing();
            if (!site.IsPaired) return new SiteResult.NotNow("No machine is paired with this site.");
            if (site.TokenId is { } token) await TokenStore.EndAsync(tx, site.OrganisationId, new(token));
            await tx.ExecuteAsync("""
                update site set state = 'Planned', device = '', facts = '', plan = '', approved_plan = '', steps = '', fault = '',
                    report = '', intercepted = 0, token_id = null
                where id = @id
                """, new { id });
            await tx.ExecuteAsync(
                "update site_order set state = 'Dropped', ended_at = @now where site_id = @id and state in ('Waiting', 'Sent')",
                new { id, now = time.GetCurrentInstant() });
            await audit.AddAsync(tx, me, "site.release-machine", $"site:{id}", $"machine {site.Device[..16]}");
            return new SiteResult.Done(id);
        }, ct);

    public Task NoteMediumAsync(SiteId id, string what, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync(tx => audit.AddAsync(tx, me, "site.medium", $"site:{id}", what), ct);

    /// <summary>The newest lines of the present machine's log, oldest first.</summary>
    public Task<IReadOnlyList<LogRow>> LogAsync(Site site, int most, CancellationToken ct)
        => db.ReadAsync<IReadOnlyList<LogRow>>(async tx => [.. (await tx.QueryAsync<LogRow>("""
            select number, at, level, step, text from site_log where site_id = @Id and machine = @Machine
            order by number desc limit @most
            """, new { site.Id, site.Machine, most })).Reverse()], ct);

    internal static string Json(SiteSheet sheet)
        => Encoding.UTF8.GetString(ProtocolJson.Write(sheet, ProtocolJson.Default.SiteSheet));
}
