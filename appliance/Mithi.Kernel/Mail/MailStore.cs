using System.Text.Json;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;
using NodaTime;

namespace Mithi.Kernel.Mail;

public readonly record struct MailId(long Value) : IId<MailId>
{
    public static MailId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out MailId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>A line of the list of mails.</summary>
/// <param name="Answer">The mail server's last words.</param>
public sealed record MailLine(
    MailId Id, string MessageId, string Subject, string Recipients, MailState State, Instant CreatedAt, Instant SentAt, string Answer);

/// <summary>Every mail that was given to us, and its receipt. All SQL of the feature is here.</summary>
/// <remarks>
/// A mail may hold a link that opens an account. Such a one rests sealed while it waits, and every mail's text is gone once it
/// has been sent or refused: neither the table nor a copy of it lets anybody in.
/// </remarks>
public sealed class MailStore(Db db, SecretBox box)
{
    static MailStore() => RowMapping.AddId<MailId>();

    internal Task<MailId> AddAsync(Tx tx, OutgoingMail mail, Instant now) => tx.QuerySingleAsync<MailId>("""
        insert into outgoing_mail (message_id, mail, subject, recipients, state, created_at)
        values (@MessageId, @json, @Subject, @recipients, 'Queued', @now)
        returning id
        """, new
    {
        mail.MessageId, json = mail.HoldsSecret ? box.Seal(Json(mail), Purpose(mail.MessageId!)) : Json(mail), mail.Subject,
        recipients = string.Join(", ", mail.To.Select(t => t.Address)), now,
    });

    /// <summary>Null when it is not there, or has ended.</summary>
    internal async Task<QueuedMail?> QueuedAsync(MailId id, CancellationToken ct)
        => await db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<QueuedRow>(
            "select message_id, mail, created_at from outgoing_mail where id = @id and state = 'Queued'", new { id }), ct) is { } row
            ? new(JsonSerializer.Deserialize<OutgoingMail>(Open(row), JobJson.Options)!, row.CreatedAt) : null;

    /// <summary>The receipt: what the mail server said, and when. The text goes.</summary>
    internal Task EndAsync(MailId id, MailState state, string answer, Instant now) => db.WriteAsync(tx => tx.ExecuteAsync("""
        update outgoing_mail set mail = '', state = @state, answer = @answer, sent_at = @now where id = @id
        """, new { id, state = state.ToString(), answer = answer.Length > Limits.AnswerCharsMax ? answer[..Limits.AnswerCharsMax] : answer, now }),
        CancellationToken.None);

    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<MailLine>> ListAsync(int most, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<MailLine>("""
        select id, message_id, subject, recipients, state, created_at, sent_at, answer from outgoing_mail order by id desc limit @most
        """, new { most }), ct);

    private static string Json(OutgoingMail mail) => JsonSerializer.Serialize(mail, JobJson.Options);

    private string Open(QueuedRow row) => row.Mail.StartsWith('{') ? row.Mail : box.Open(row.Mail, Purpose(row.MessageId));

    private static string Purpose(string messageId) => $"mail {messageId}";

    private sealed record QueuedRow(string MessageId, string Mail, Instant CreatedAt);
}

internal sealed record QueuedMail(OutgoingMail Mail, Instant CreatedAt);
