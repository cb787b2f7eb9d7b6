using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Joins;

/// <summary>A ticket that another is tied to.</summary>
/// <param name="Seq">The event that tied them.</param>
/// <param name="Role">What it is to the other.</param>
public sealed record TicketTie(long Seq, TicketId OtherId, LinkRole Role, string Subject, TicketState State);

/// <summary>A merge or split that can be taken back.</summary>
/// <param name="Seq">The event that did it.</param>
public sealed record TakeBack(long Seq, string Kind, TicketId Other, Instant At);

/// <summary>A text of a ticket that can be moved or shown elsewhere.</summary>
/// <param name="What">"message" or "note".</param>
internal sealed record Text(long Seq, string What, Side Side, PersonId? AuthorId, string AuthorName, Via Via, Instant PostedAt, TicketId? OriginId, long? OriginSeq)
{
    public bool IsNote => What == "note";

    public Origin OriginIn(TicketId ticket) => new(OriginId ?? ticket, OriginSeq ?? Seq, AuthorId, AuthorName, Via, PostedAt);
}

/// <summary>Questions about how tickets belong together.</summary>
internal static class JoinStore
{
    public static Task<IReadOnlyList<TicketTie>> TiesAsync(Tx tx, TicketId id) => tx.QueryAsync<TicketTie>("""
        select l.seq, l.other_id, l.role, t.subject, t.state from ticket_link l join ticket t on t.id = l.other_id
        where l.ticket_id = @id order by l.role, l.other_id limit @most
        """, new { id, most = Limits.LinksMax });

    public static async Task<bool> IsTiedAsync(Tx tx, TicketId id, TicketId other, LinkRole role) => await tx.QuerySingleAsync<long>(
        "select count(*) from ticket_link where ticket_id = @id and other_id = @other and role = @role", new { id, other, role = role.ToString() }) > 0;

    public static Task<long> CountAsync(Tx tx, TicketId id) => tx.QuerySingleAsync<long>("select count(*) from ticket_link where ticket_id = @id", new { id });

    /// <summary>Whether one reaches <paramref name="to"/> from <paramref name="from"/> by ties of one role alone.</summary>
    public static async Task<bool> ReachesAsync(Tx tx, TicketId from, TicketId to, LinkRole role) => await tx.QuerySingleAsync<long>("""
        with recursive reached (id) as (
            select cast(@from as bigint) union
            select l.other_id from reached r join ticket_link l on l.ticket_id = r.id and l.role = @role
        )
        select count(*) from reached where id = @to
        """, new { from, to, role = role.ToString() }) > 0;

    /// <summary>What is written in a ticket, in the order of time.</summary>
    public static Task<IReadOnlyList<Text>> TextsAsync(Tx tx, TicketId id) => tx.QueryAsync<Text>("""
        select seq, 'message' as what, side, author_id, author_name, via, posted_at, origin_id, origin_seq from ticket_message where ticket_id = @id
        union all
        select seq, 'note', 'Staff', author_id, author_name, via, posted_at, origin_id, origin_seq from ticket_note where ticket_id = @id
        order by posted_at, seq
        """, new { id });

    public static async Task<ILookup<long, TicketFile>> FilesAsync(Tx tx, TicketId id) => (await tx.QueryAsync<FileRow>(
        "select seq, blob, name, content_type, bytes from ticket_file where ticket_id = @id order by seq, number", new { id }))
        .ToLookup(f => f.Seq, f => new TicketFile(f.Blob, f.Name, f.ContentType, f.Bytes));

    public static Task<IReadOnlyList<Participant>> ParticipantsAsync(Tx tx, TicketId id) => tx.QueryAsync<Participant>(
        "select email, name from ticket_participant where ticket_id = @id order by email_key", new { id });

    /// <summary>The log without what was taken back.</summary>
    public static async Task<IReadOnlyList<TicketEvent>> CountingAsync(Tx tx, TicketId id)
    {
        var events = await TicketLog.EventsAsync(tx, id, bodies: false);
        var passed = TicketFold.Passed(events);
        return [.. events.Where(e => !passed.Contains(e.Seq))];
    }

    private sealed record FileRow(long Seq, Kernel.Blobs.BlobId Blob, string Name, string ContentType, long Bytes);
}
