using System.Text;
using Mithi.Fleet.Sites;
using Mithi.Kernel.Data;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using NodaTime;

namespace Mithi.Fleet.Orders;

/// <summary>Orders to sites: durable before they are sent, until they are answered or their time is over.</summary>
internal sealed class OrderStore(Db db)
{
    private const string Columns =
        "id, site_id, counter, body, state, given_by, given_at, expires_at, ended_at, outcome, detail, fault";

    /// <summary>Queues an order in the caller's transaction, with the site's next counter.</summary>
    public static async Task AddAsync(Tx tx, Site site, CommandOrder order, string by, Instant now)
    {
        // Of two plans that were asked for, only the newer is wanted.
        if (order is MakePlan)
            await tx.ExecuteAsync("""
                update site_order set state = 'Dropped', ended_at = @now
                where site_id = @Id and state = 'Waiting' and kind = 'make-plan'
                """, new { site.Id, now });
        var counter = await tx.QuerySingleAsync<long>(
            "update site set last_counter = last_counter + 1 where id = @Id returning last_counter", new { site.Id });
        await tx.ExecuteAsync("""
            insert into site_order (site_id, machine, counter, kind, body, state, given_by, given_at, expires_at)
            select id, machine, @counter, @kind, @body, 'Waiting', @by, @now, @expires from site where id = @Id
            """, new
        {
            site.Id, counter, kind = OrderWords.Kind(order), by, now, expires = now + Duration.FromTimeSpan(Protocol.Limits.CommandLifetime),
            body = Encoding.UTF8.GetString(ProtocolJson.Write(order, ProtocolJson.Default.CommandOrder)),
        });
    }

    /// <summary>What the site's machine has still to be told, in order.</summary>
    public Task<IReadOnlyList<SiteOrder>> OpenAsync(Site site, Instant now, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<SiteOrder>($"""
            select {Columns} from site_order
            where site_id = @Id and machine = @Machine and state in ('Waiting', 'Sent') and expires_at > @now order by counter
            """, new { site.Id, site.Machine, now }), ct);

    public Task SentAsync(OrderId id, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync("update site_order set state = 'Sent' where id = @id and state = 'Waiting'", new { id }), ct);

    /// <summary>The newest orders first.</summary>
    public Task<IReadOnlyList<SiteOrder>> LatestAsync(SiteId site, int most, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<SiteOrder>(
            $"select {Columns} from site_order where site_id = @site order by counter desc limit @most", new { site, most }), ct);

    /// <summary>A plan came: that is the answer to having asked for one.</summary>
    public static Task EndPlansAsync(Tx tx, Site site, Instant now) => tx.ExecuteAsync("""
        update site_order set state = 'Done', ended_at = @now
        where site_id = @Id and machine = @Machine and kind = 'make-plan' and state in ('Waiting', 'Sent')
        """, new { site.Id, site.Machine, now });

    /// <summary>Whether the site is still bringing its product to another version.</summary>
    public static async Task<bool> IsChangingAsync(Tx tx, Site site, Instant now) => await tx.QuerySingleAsync<long>("""
        select count(*) from site_order
        where site_id = @Id and machine = @Machine and kind in ('apply-release', 'roll-back') and state in ('Waiting', 'Sent')
            and expires_at > @now
        """, new { site.Id, site.Machine, now }) > 0;

    /// <summary>An answer; once only, and only by the site that was told.</summary>
    public static async Task<bool> EndAsync(Tx tx, Site site, ResultMessage result, Instant now)
    {
        if (!result.CommandId.StartsWith("order-", StringComparison.Ordinal)
            || !OrderId.TryParse(result.CommandId["order-".Length..], null, out var id)) return false;
        return await tx.ExecuteAsync("""
            update site_order set state = @state, ended_at = @now, outcome = @outcome, detail = @detail, fault = @fault
            where id = @id and site_id = @site and machine = @Machine and state in ('Waiting', 'Sent')
            """, new
        {
            id, site = site.Id, site.Machine, now, state = result.Ok ? "Done" : "Failed", outcome = Cut(result.Outcome),
            detail = Cut(result.Detail), fault = Cut(result.FaultCode ?? ""),
        }) == 1;
    }

    private static string Cut(string text) => text.Length > 2_000 ? text[..2_000] : text;
}
