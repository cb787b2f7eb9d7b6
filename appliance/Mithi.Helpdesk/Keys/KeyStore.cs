using Mithi.Kernel.Data;
using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Keys;

/// <summary>Whether somebody uses keys. Who dictates or has a tremor switches them off: WCAG 2.1.4.</summary>
internal sealed class KeyStore(Db db)
{
    public async Task<bool> IsOnAsync(CurrentPerson me, CancellationToken ct)
        => me.May(Permission.TicketWork) && me.Id is { } person
            && (await db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<long?>("select keys from desk_choice where person_id = @person", new { person }), ct) ?? 1) == 1;

    public Task SetAsync(CurrentPerson me, bool on, CancellationToken ct) => db.WriteAsync(tx => tx.ExecuteAsync("""
        insert into desk_choice (person_id, keys) values (@person, @on) on conflict (person_id) do update set keys = excluded.keys
        """, new { person = me.Id?.Value ?? 0, on }), ct);
}
