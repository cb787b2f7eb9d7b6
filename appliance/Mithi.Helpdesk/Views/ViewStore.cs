using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Views;

/// <summary>Saved views: each sees his own and the shared ones.</summary>
internal sealed class ViewStore(Db db)
{
    static ViewStore() => RowMapping.AddId<ViewId>();

    public Task<IReadOnlyList<SavedView>> ListAsync(CurrentPerson me, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<SavedView>("""
        select id, owner_id, name, query from ticket_view where owner_id is null or owner_id = @myself order by lower(name), id limit @most
        """, new { myself = Of(me), most = 2 * Limits.ViewsMax }), ct);

    /// <summary>False when there is room for no more.</summary>
    public Task<bool> AddAsync(string name, TicketFilter filter, bool shared, CurrentPerson me, Instant now, CancellationToken ct)
    {
        long? owner = shared && me.May(Permission.HelpdeskManage) ? null : Of(me);
        return db.WriteAsync(async tx => await tx.ExecuteAsync("""
            insert into ticket_view (owner_id, name, query, changed_at) select @owner, @name, @query, @now
            where (select count(*) from ticket_view where coalesce(owner_id, 0) = coalesce(@owner, 0)) < @most
            """, new { owner, name, query = filter.Query, now, most = Limits.ViewsMax }) > 0, ct);
    }

    public Task<bool> RemoveAsync(ViewId id, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx => await tx.ExecuteAsync(
        "delete from ticket_view where id = @id and (owner_id = @myself or (owner_id is null and @manages = 1))",
        new { id, myself = Of(me), manages = me.May(Permission.HelpdeskManage) }) > 0, ct);

    private static long Of(CurrentPerson me) => me.Id?.Value ?? 0;
}
