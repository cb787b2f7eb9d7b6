using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Mail;

/// <summary>What came in, what was made of it, and where the fetching stands. All SQL of the intake is here.</summary>
internal sealed class ArrivalStore(Db db)
{
    public Task<bool> IsKnownAsync(MailSource source, CancellationToken ct) => db.ReadAsync(tx => IsKnownAsync(tx, source), ct);

    public static async Task<bool> IsKnownAsync(Tx tx, MailSource source) => await tx.QuerySingleAsync<long>("""
        select count(*) from mail_arrival where mailbox = @Mailbox and uid_validity = @UidValidity and uid = @Uid
        """, source) > 0;

    /// <summary>Whether a mail with this Message-ID and this text, or of just these bytes, has been taken in, from whichever mailbox.</summary>
    /// <remarks>The bytes tell a mailbox that is read anew, with another validity, port or name, also of mails that have no Message-ID.</remarks>
    public static async Task<bool> IsSecondDeliveryAsync(Tx tx, ParsedMail mail, BlobId raw) => await tx.QuerySingleAsync<long>("""
        select count(*) from mail_arrival
        where ((@MessageId <> '' and message_id = @MessageId and body_hash = @BodyHash) or raw = @raw) and outcome <> 'Duplicate'
        """, new { mail.MessageId, mail.BodyHash, raw }) > 0;

    /// <summary>Whether a mail without a Message-ID came a short time ago to another mailbox of ours, its way being all that differs.</summary>
    public static async Task<bool> IsInOtherMailboxAsync(Tx tx, MailSource source, ParsedMail mail, Instant now) => mail.MessageId.Length == 0
        && await tx.QuerySingleAsync<long>("""
            select count(*) from mail_arrival where arrived_at > @since and mailbox <> @Mailbox and message_id = '' and body_hash = @BodyHash
                and sender = @From and subject = @Subject and outcome <> 'Duplicate'
            """, new { source.Mailbox, mail.BodyHash, mail.From, mail.Subject, since = now - Limits.SecondMailboxMax }) > 0;

    public static Task AddAsync(Tx tx, MailSource source, BlobId raw, ParsedMail? mail, MailOutcome outcome, string reason, TicketId? ticket, long? seq, Instant now)
        => tx.ExecuteAsync("""
            insert into mail_arrival (mailbox, uid_validity, uid, raw, message_id, body_hash, sender, subject, subject_key, outcome, reason,
                ticket_id, seq, arrived_at)
            values (@Mailbox, @UidValidity, @Uid, @raw, @messageId, @bodyHash, @sender, @subject, @subjectKey, @outcome, @reason, @ticket, @seq, @now)
            """, new
        {
            source.Mailbox, source.UidValidity, source.Uid, raw, messageId = mail?.MessageId ?? "", bodyHash = mail?.BodyHash ?? "",
            sender = mail?.From ?? "", subject = mail?.Subject ?? "", subjectKey = mail?.SubjectKey ?? "", outcome = outcome.ToString(), reason, ticket, seq, now,
        });

    /// <summary>The ticket whose conversation one of these ids belongs to; the first id that is known decides.</summary>
    public static async Task<TicketId?> ByIdsAsync(Tx tx, IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
            if (await tx.QuerySingleOrDefaultAsync<long?>("select min(ticket_id) from mail_id where message_id = @id", new { id }) is { } ticket)
                return new(ticket);
        return null;
    }

    public static async Task<TicketId?> ByThreadIndexAsync(Tx tx, ThreadIndex index)
        => await tx.QuerySingleOrDefaultAsync<long?>("select min(ticket_id) from mail_thread_index where root = @Root", new { index.Root }) is { } ticket ? new(ticket) : null;

    public static Task RememberAsync(Tx tx, TicketId ticket, ThreadIndex index, Instant now) => tx.ExecuteAsync("""
        insert into mail_thread_index (root, ticket_id, newest, at) values (@Root, @ticket, @Text, @now)
        on conflict (root, ticket_id) do update set newest = excluded.newest, at = excluded.at
        """, new { index.Root, index.Text, ticket, now });

    /// <summary>A ticket in which this sender wrote about the same a short time ago.</summary>
    public static async Task<TicketId?> LooksLikeAsync(Tx tx, TicketId but, string from, string subject, Instant now)
        => (await tx.QueryAsync<SubjectRow>("""
            select t.id, t.subject from ticket_participant p join ticket t on t.id = p.ticket_id
            where p.email_key = @key and t.id <> @but and t.public_updated_at > @since and t.state <> 'Merged' order by t.id desc limit @most
            """, new { key = Email.Key(from), but, since = now - Limits.SameSubjectMax, most = Limits.SameSubjectRows }))
            .FirstOrDefault(t => MailParser.ThreadSubject(t.Subject).Equals(MailParser.ThreadSubject(subject), StringComparison.OrdinalIgnoreCase))?.Id;

    /// <summary>Whether this address takes part in the ticket, as its requester or by having written before.</summary>
    public static async Task<bool> IsParticipantAsync(Tx tx, TicketId ticket, string email) => await tx.QuerySingleAsync<long>(
        "select count(*) from ticket_participant where ticket_id = @ticket and email_key = @key", new { ticket, key = Email.Key(email) }) > 0;

    /// <summary>Counts an automatic answer against the breakers; false when one of them is open, and then none may be sent.</summary>
    /// <param name="mailbox">Where the mail came in that is answered, with what its subject shares with others; null when it is none.</param>
    public static async Task<bool> MayAnswerAsync(Tx tx, string email, TicketId ticket, (string Mailbox, string SubjectKey)? mailbox, Instant now)
    {
        var key = Email.Key(email);
        var toTicket = await tx.QuerySingleAsync<long>(
            "select count(*) from mail_automatic where email_key = @key and ticket_id = @ticket", new { key, ticket });
        var inHour = await tx.QuerySingleAsync<long>(
            "select count(*) from mail_automatic where email_key = @key and at > @since", new { key, since = now - Duration.FromHours(1) });
        var alike = mailbox is not { } at ? 0 : await tx.QuerySingleAsync<long>(
            "select count(*) from mail_arrival where mailbox = @Mailbox and subject_key = @SubjectKey and arrived_at > @since",
            new { at.Mailbox, at.SubjectKey, since = now - Limits.AlikeSubjectsWindow });
        if (toTicket > 0 || inHour >= Limits.AutomaticPerHourMax || alike >= Limits.AlikeSubjectsMax) return false;
        await tx.ExecuteAsync("insert into mail_automatic (email_key, ticket_id, at) values (@key, @ticket, @now)", new { key, ticket, now });
        return true;
    }

    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<ArrivalLine>> ListAsync(long? before, int most, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<ArrivalLine>("""
        select id, sender, subject, outcome, reason, ticket_id, raw, arrived_at from mail_arrival
        where (@before = 0 or id < @before) order by id desc limit @most
        """, new { before = before ?? 0, most }), ct);

    public Task<BlobId?> RawAsync(long id, CancellationToken ct)
        => db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<BlobId?>("select raw from mail_arrival where id = @id", new { id }), ct);

    public Task<IReadOnlyList<MailboxLine>> MailboxesAsync(CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<MailboxLine>(
        "select mailbox, uid_validity, last_uid, checked_at, error from mail_box order by mailbox"), ct);

    /// <summary>The notes of a ticket that are mails whose sender waits to be confirmed. Staff's own mails are none of them.</summary>
    public Task<IReadOnlyList<long>> HeldAsync(TicketId ticket, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<long>(
        $"select seq from mail_arrival where ticket_id = @ticket and {Waits}", new { ticket }), ct);

    public static Task<HeldRow?> HeldAsync(Tx tx, TicketId ticket, long seq) => tx.QuerySingleOrDefaultAsync<HeldRow>(
        $"select id, sender, message_id from mail_arrival where ticket_id = @ticket and seq = @seq and {Waits}", new { ticket, seq });

    public static Task ConfirmAsync(Tx tx, HeldRow held, long seq)
        => tx.ExecuteAsync("update mail_arrival set outcome = 'Replied', seq = @seq where id = @Id", new { held.Id, seq });

    private const string Waits = "outcome = 'Held' and reason <> 'From staff'";

    public sealed record HeldRow(long Id, string Sender, string MessageId);

    private sealed record SubjectRow(TicketId Id, string Subject);

    /// <summary>Notes how far a mailbox is read, or why it can't be.</summary>
    public Task NoteAsync(string mailbox, long uidValidity, long lastUid, string error, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync("""
            insert into mail_box (mailbox, uid_validity, last_uid, checked_at, error) values (@mailbox, @uidValidity, @lastUid, @now, @error)
            on conflict (mailbox) do update set uid_validity = excluded.uid_validity, last_uid = excluded.last_uid,
                checked_at = excluded.checked_at, error = excluded.error
            """, new { mailbox, uidValidity, lastUid, error, now }), ct);
}

/// <summary>Where the fetching of a mailbox stands.</summary>
public sealed record MailboxLine(string Mailbox, long UidValidity, long LastUid, Instant CheckedAt, string Error);
