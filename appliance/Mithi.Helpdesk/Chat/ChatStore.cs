using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Helpdesk.Chat;

/// <summary>What was said in chats and not read yet. All SQL of it is here.</summary>
internal static class ChatStore
{
    /// <summary>Staff said something: it is mailed a while after the last of it, unless it is read before.</summary>
    public static Task SaidAsync(Tx tx, TicketId id, long seq, Instant now) => tx.ExecuteAsync("""
        insert into chat_unread (ticket_id, first_seq, last_seq, due_at) values (@id, @seq, @seq, @due)
        on conflict (ticket_id) do update set last_seq = excluded.last_seq, due_at = excluded.due_at
        """, new { id, seq, due = now + Limits.ChatMailAfter });

    /// <summary>The customer was shown all up to an entry.</summary>
    public static Task ReadAsync(Tx tx, TicketId id, long seen)
        => tx.ExecuteAsync("delete from chat_unread where ticket_id = @id and last_seq <= @seen", new { id, seen });

    public static Task<bool> IsUnreadAsync(Tx tx, TicketId id) => tx.QuerySingleAsync<bool>("select count(*) from chat_unread where ticket_id = @id", new { id });

    public static Task<IReadOnlyList<TicketId>> DueAsync(Tx tx, Instant now) => tx.QueryAsync<TicketId>(
        "select ticket_id from chat_unread where due_at <= @now order by due_at limit @most", new { now, most = Limits.ChatMailsAtOnce });

    /// <summary>Takes what is due of one ticket out of the table; null when it has been read meanwhile, or somebody goes on talking.</summary>
    public static Task<long?> TakeAsync(Tx tx, TicketId id, Instant now) => tx.QuerySingleOrDefaultAsync<long?>(
        "delete from chat_unread where ticket_id = @id and due_at <= @now returning first_seq", new { id, now });

    /// <summary>What was said in a chat from an entry on, without anything else of the ticket; no more than a page's worth.</summary>
    public static Task<IReadOnlyList<ChatLine>> LinesAsync(Tx tx, TicketId id, long first) => tx.QueryAsync<ChatLine>("""
        select seq, side, author_name, body from ticket_message where ticket_id = @id and seq >= @first and via = 'Chat' order by seq limit @most
        """, new { id, first, most = Limits.ConversationRows });
}

internal sealed record ChatLine(long Seq, Side Side, string AuthorName, string Body);
