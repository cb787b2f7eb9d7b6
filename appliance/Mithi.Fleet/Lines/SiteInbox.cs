using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Mithi.Fleet.Orders;
using Mithi.Fleet.Sites;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using NodaTime;

namespace Mithi.Fleet.Lines;

/// <summary>Writes down what a site tells of itself. What it says is shown, never believed beyond its own site.</summary>
internal sealed partial class SiteInbox(Db db, Outbox outbox, AuditLog audit, TimeProvider time)
{
    /// <summary>Notes a connection; a paired machine without an approved plan is asked for one if it owes one.</summary>
    public Task ConnectedAsync(SiteId id, bool intercepted, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await SiteStore.GetAsync(tx, id) is not { } site) return;
        var now = time.GetCurrentInstant();
        await tx.ExecuteAsync("update site set seen_at = @now, intercepted = @intercepted where id = @id", new { id, now, intercepted });
        if (!site.IsPaired || site.ApprovedPlan.Length > 0 || site.ThePlan?.SheetRevision == site.SheetRevision) return;
        var asked = await tx.QuerySingleAsync<long>("""
            select count(*) from site_order where site_id = @id and machine = @Machine and state in ('Waiting', 'Sent') and expires_at > @now
            """, new { id, site.Machine, now });
        if (asked == 0) await OrderStore.AddAsync(tx, site, new MakePlan(site.TheSheet), "the node", now);
    }, ct);

    public Task SeenAsync(SiteId id, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync("update site set seen_at = @now where id = @id", new { id, now = time.GetCurrentInstant() }), ct);

    /// <summary>Writes a message of the paired machine; false when it is of no kind that is kept.</summary>
    public Task<bool> TakeAsync(SiteId id, int machine, ControlMessage message, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        // A machine that was let go while its message was under way writes nothing any more.
        if (await SiteStore.GetAsync(tx, id) is not { } site || site.Machine != machine || !site.IsPaired) return false;
        var now = time.GetCurrentInstant();
        switch (message)
        {
            case FactsMessage facts:
                await KeepAsync(tx, id, "facts", Json(facts.Facts, ProtocolJson.Default.Facts), now);
                return true;
            case PlanMessage plan:
                await KeepAsync(tx, id, "plan", Json(plan.Plan, ProtocolJson.Default.PlanProposal), now);
                if (plan.Plan.SheetRevision == site.SheetRevision) await OrderStore.EndPlansAsync(tx, site, now);
                return true;
            case StepsMessage steps:
                await KeepAsync(tx, id, "steps", Json([.. steps.Steps], ProtocolJson.Default.ListStep), now);
                return true;
            case FaultMessage fault:
                await KeepAsync(tx, id, "fault", Json(fault, ProtocolJson.Default.FaultMessage), now);
                await tx.ExecuteAsync("update site set state = 'Attention' where id = @id and state <> 'Planned'", new { id });
                return true;
            case FaultClearedMessage cleared:
                if (site.TheFault?.Code == cleared.Code) await ClearFaultAsync(tx, site);
                return true;
            case ReportMessage report:
                await ReportAsync(tx, site, report.Report, now);
                return true;
            case ResultMessage result:
                await ResultAsync(tx, site, result, now);
                return true;
            case LogMessage log:
                await LogAsync(tx, site, log.Entries);
                return true;
            default:
                return false;
        }
    }, ct);

    /// <summary>A new token for downloads; the one before ends.</summary>
    public Task<NewApiToken> TokenAsync(SiteId id, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var site = (await SiteStore.GetAsync(tx, id))!;
        var now = time.GetCurrentInstant();
        if (site.TokenId is { } old) await TokenStore.EndAsync(tx, site.OrganisationId, new(old));
        var token = await TokenStore.AddAsync(
            tx, site.OrganisationId, $"site {id}", [Permission.ReleaseRead, Permission.ReleaseDownload], now + Limits.TokenLife, now);
        await tx.ExecuteAsync("update site set token_id = @token where id = @id", new { id, token = token.Id });
        return token;
    }, ct);

    private async Task ReportAsync(Tx tx, Site site, SiteReport report, Instant now)
    {
        await KeepAsync(tx, site.Id, "report", Json(report, ProtocolJson.Default.SiteReport), now);
        if (!report.Installed) return;
        var state = report.Healthy && site.TheFault is null ? SiteState.Green : SiteState.Attention;
        // Told when it is good and either new or good again; a listener hears it at least once and takes it as often as it comes.
        var isNews = report.Healthy
            && (site.State != SiteState.Green || site.Product != report.Product || site.Version != report.Version);
        await tx.ExecuteAsync("update site set state = @state, product = @Product, version = @Version where id = @Id",
            new { site.Id, state = state.ToString(), report.Product, report.Version });
        if (state != site.State || isNews)
            await audit.AddAsync(tx, $"site:{site.Id}", "site.report", $"site:{site.Id}", $"{state}, {report.Product} {report.Version}");
        if (isNews)
            await outbox.AddAsync(tx, "site.installed",
                new { site.OrganisationId, siteId = site.Id, report.Product, report.Version });
    }

    private async Task ResultAsync(Tx tx, Site site, ResultMessage result, Instant now)
    {
        if (!await OrderStore.EndAsync(tx, site, result, now)) return;
        await audit.AddAsync(tx, $"site:{site.Id}", "site.result", $"site:{site.Id}", $"{result.CommandId}: {result.Outcome} {result.FaultCode}");
    }

    private static async Task ClearFaultAsync(Tx tx, Site site)
    {
        var state = site.TheReport is { Installed: true, Healthy: true } ? SiteState.Green
            : site.TheReport is { Installed: true } ? SiteState.Attention
            : site.ApprovedPlan.Length > 0 ? SiteState.Installing : SiteState.Paired;
        await tx.ExecuteAsync("update site set fault = '', state = @state where id = @Id", new { site.Id, state = state.ToString() });
    }

    private static async Task LogAsync(Tx tx, Site site, IReadOnlyList<LogEntry> entries)
    {
        foreach (var entry in entries)
            await tx.ExecuteAsync("""
                insert into site_log (site_id, machine, number, at, level, step, text)
                values (@Id, @Machine, @Number, @at, @level, @step, @text) on conflict (site_id, machine, number) do nothing
                """, new
            {
                site.Id, site.Machine, entry.Number, at = Instant.FromDateTimeOffset(entry.At), level = Cut(entry.Level, 10),
                step = Cut(entry.Step, Protocol.Limits.NameCharsMax), text = Cut(entry.Text, Protocol.Limits.LogTextCharsMax),
            });
        if (entries.Count == 0) return;
        await tx.ExecuteAsync("update site set log_through = @through where id = @Id and log_through < @through",
            new { site.Id, through = entries.Max(e => e.Number) });
        // What a machine says grows without end, and one that was taken over says whatever it likes: the oldest goes.
        await tx.ExecuteAsync("""
            delete from site_log where site_id = @Id and machine = @Machine and number <= (
                select number from site_log where site_id = @Id and machine = @Machine order by number desc limit 1 offset @keep)
            """, new { site.Id, site.Machine, keep = Limits.LogRowsMax });
    }

    private static Task KeepAsync(Tx tx, SiteId id, string what, string json, Instant now) => tx.ExecuteAsync(what switch
    {
        "facts" => "update site set facts = @json, seen_at = @now where id = @id",
        "plan" => "update site set plan = @json, seen_at = @now where id = @id",
        "steps" => "update site set steps = @json, seen_at = @now where id = @id",
        "fault" => "update site set fault = @json, seen_at = @now where id = @id",
        _ => "update site set report = @json, seen_at = @now where id = @id",
    }, new { id, json, now });

    /// <summary>A text of a machine as it may be kept.</summary>
    public static string Cut(string text, int most)
    {
        var clean = text.Replace('\0', ' ');
        if (clean.Length <= most) return clean;
        // Half of a character beyond the first plane is none, and no database takes it.
        return clean[..(char.IsHighSurrogate(clean[most - 1]) ? most - 1 : most)];
    }

    // PostgreSQL's text takes no NUL; no message of ours has one. Escapes are taken one by one, so that a backslash that is
    // itself escaped and happens to stand before "u0000" stays what it is.
    private static string Json<T>(T message, JsonTypeInfo<T> type)
        => Escape().Replace(Encoding.UTF8.GetString(ProtocolJson.Write(message, type)), e => e.Value == @"\u0000" ? "" : e.Value);

    [GeneratedRegex(@"\\(?:u0000|.)", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
