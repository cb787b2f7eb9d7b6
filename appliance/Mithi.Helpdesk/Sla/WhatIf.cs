using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>Counts the tickets of the past by other promises, and writes nothing: what would another calendar or target have changed?</summary>
internal sealed class WhatIf(Db db, ContractStore contracts)
{
    private const int AtOnce = 5_000;

    /// <param name="change">The promises as they are, to what they would have been.</param>
    /// <param name="since">Tickets that were opened then or later; the newest of them, if there are too many.</param>
    public async Task<WhatIfAnswer> AskAsync(Func<ContractBooks, ContractBooks> change, Instant since, Instant now, CancellationToken ct)
    {
        var books = await db.ReadAsync(contracts.BooksAsync, ct);
        var (other, lines) = (change(books), new List<WhatIfLine>());
        var (looked, broken, kept, moved) = (0, 0, 0, 0);
        for (var last = long.MaxValue; looked < Limits.WhatIfTickets;)
        {
            var most = Math.Min(AtOnce, Limits.WhatIfTickets - looked);
            var some = await db.ReadAsync(tx => tx.QueryAsync<PastRow>("""
                select c.ticket_id, t.organisation_id, t.subject, c.facts from ticket_clock c join ticket t on t.id = c.ticket_id
                where c.ticket_id < @last and t.opened_at >= @since order by c.ticket_id desc limit @most
                """, new { last, since, most }), ct);
            foreach (var row in some) Compare(row);
            looked += some.Count;
            if (some.Count < most) return new(looked, false, broken, kept, moved, lines);
            last = some[^1].TicketId.Value;
        }
        return new(looked, true, broken, kept, moved, lines);

        void Compare(PastRow row)
        {
            var facts = ClockText.Read(row.Facts);
            var (before, after) = (TicketClocks.Of(facts, books.Of(row.OrganisationId)), TicketClocks.Of(facts, other.Of(row.OrganisationId)));
            foreach (var kind in TicketClocks.Kinds)
            {
                if (before.Of(kind) is not { } was || after.Of(kind) is not { } would || was.DueAt == would.DueAt) continue;
                moved++;
                var (isBroken, wouldBreak) = (was.StateAt(now) == ClockState.Breached, would.StateAt(now) == ClockState.Breached);
                if (isBroken == wouldBreak) continue;
                if (wouldBreak) broken++;
                else kept++;
                if (lines.Count < Limits.WhatIfRows) lines.Add(new(row.TicketId, row.Subject, kind, was.DueAt, would.DueAt, wouldBreak));
            }
        }
    }

    private sealed record PastRow(TicketId TicketId, OrganisationId? OrganisationId, string Subject, string Facts);
}
