using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Drafts;

/// <summary>Drafts, each its writer's own.</summary>
internal sealed class DraftStore(Db db)
{
    /// <summary>Keeps what is typed; nothing typed is no draft.</summary>
    /// <param name="seen">The last entry that the writer's page had: a save that was under way while he sent comes from before his own message.</param>
    public Task<DraftResult> KeepAsync(TicketId id, DraftKind kind, string body, string then, long seen, CurrentPerson me, Instant now, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            if (me.Id is not { } person || await TicketStore.FindAsync(tx, id, me, Needed(kind)) is null) return DraftResult.Missing;
            if (await HasWrittenAsync(tx, id, kind, person, seen)) return DraftResult.Sent;
            if (body.Length == 0)
            {
                await RemoveAsync(tx, id, kind, me);
                return DraftResult.Kept;
            }
            await tx.ExecuteAsync("delete from draft where saved_at < @old", new { old = now - Limits.DraftLifeMax });
            await tx.ExecuteAsync("""
                insert into draft (person_id, ticket_id, kind, body, then_state, saved_at) values (@person, @id, @kind, @body, @then, @now)
                on conflict (person_id, ticket_id, kind) do update set body = excluded.body, then_state = excluded.then_state, saved_at = excluded.saved_at
                """, new { person, id, kind = kind.ToString(), body, then, now });
            return DraftResult.Kept;
        }, ct);

    /// <summary>What this person has not sent on a ticket and may still write there.</summary>
    public async Task<IReadOnlyList<Draft>> OfAsync(TicketId id, CurrentPerson me, CancellationToken ct)
    {
        if (me.Id is not { } person) return [];
        var drafts = await db.ReadAsync(tx => tx.QueryAsync<Draft>(
            "select kind, body, then_state, saved_at from draft where person_id = @person and ticket_id = @id order by kind", new { person, id }), ct);
        return [.. drafts.Where(d => me.May(Needed(d.Kind)))];
    }

    public Task RemoveAsync(TicketId id, DraftKind kind, CurrentPerson me, CancellationToken ct) => db.WriteAsync(tx => RemoveAsync(tx, id, kind, me), ct);

    /// <summary>Forgets what has just been sent, in the transaction that keeps it.</summary>
    public static Task RemoveAsync(Tx tx, TicketId id, DraftKind kind, CurrentPerson me) => tx.ExecuteAsync(
        "delete from draft where person_id = @person and ticket_id = @id and kind = @kind", new { person = me.Id?.Value ?? 0, id, kind = kind.ToString() });

    private static Permission Needed(DraftKind kind) => kind == DraftKind.Reply ? Permission.TicketReply : Permission.TicketNote;

    private static async Task<bool> HasWrittenAsync(Tx tx, TicketId id, DraftKind kind, PersonId person, long seen) => await tx.QuerySingleAsync<long>(
        $"select count(*) from {(kind == DraftKind.Reply ? "ticket_message" : "ticket_note")} where ticket_id = @id and author_id = @person and seq > @seen",
        new { id, person, seen }) > 0;
}
