using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Helpdesk.Ratings;

/// <summary>What is said of a ticket's last resolution.</summary>
/// <param name="ResolvedSeq">The entry that resolved it; 0 when it is not resolved.</param>
/// <param name="Rating">Null: nothing yet.</param>
/// <param name="Times">How often something was said of it.</param>
internal sealed record Rated(long ResolvedSeq, Rating? Rating, string Comment, Instant? At, int Times);

/// <summary>What customers said of how their tickets were resolved.</summary>
internal sealed class RatingStore(Db db)
{
    /// <summary>Null for a ticket whose log has not been read for it yet.</summary>
    public static Task<Rated?> OfAsync(Tx tx, TicketId id) => tx.QuerySingleOrDefaultAsync<Rated>("""
        select f.resolved_seq, f.rating, coalesce(e.body, '') as comment, f.rated_at as at, f.rated as times
        from ticket_fact f left join ticket_event e on e.ticket_id = f.ticket_id and e.seq = f.rated_seq where f.ticket_id = @id
        """, new { id });

    public Task<Rated?> OfAsync(TicketId id, CancellationToken ct) => db.ReadAsync(tx => OfAsync(tx, id), ct);
}
