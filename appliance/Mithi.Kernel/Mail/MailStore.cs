using System.Text.Json;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
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
public sealed class MailStore(Db db)
{
    static MailStore() => RowMapping.AddId<MailId>();

    internal Task<MailId> AddAsync(Tx tx, OutgoingMail mail, Instant now) => tx.QuerySingleAsync<MailId>("""
        insert into outgoing_mail (message_id, mail, subject, recipients, state, created_at)
        values (@MessageId, @json, @Subject, @recipients, 'Queued', @now)
        returning id
        """, new
    {
        mail.MessageId, json = JsonSerializer.Serialize(mail, JobJson.Options), mail.Subject,
        recipients = string.Join(", ", mail.To.Select(t => t.Address)), now,
    });

    internal async Task<QueuedMail?> FindAsync(MailId id, CancellationToken ct)
        => await db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<QueuedRow>(
            "select mail, state, created_at from outgoing_mail where id = @id", new { id }), ct) is { } row
            ? new(JsonSerializer.Deserialize<OutgoingMail>(row.Mail, JobJson.Options)!, row.State, row.CreatedAt) : null;

    /// <summary>The receipt: what the mail server said, and when.</summary>
    internal Task EndAsync(MailId id, MailState state, string answer, Instant now) => db.WriteAsync(tx => tx.ExecuteAsync("""
        update outgoing_mail set state = @state, answer = @answer, sent_at = @now where id = @id
        """, new { id, state = state.ToString(), answer = answer.Length > Limits.AnswerCharsMax ? answer[..Limits.AnswerCharsMax] : answer, now }),
        CancellationToken.None);

    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<MailLine>> ListAsync(int most, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<MailLine>("""
        select id, message_id, subject, recipients, state, created_at, sent_at, answer from outgoing_mail order by id desc limit @most
        """, new { most }), ct);

    private sealed record QueuedRow(string Mail, MailState State, Instant CreatedAt);
}

internal sealed record QueuedMail(OutgoingMail Mail, MailState State, Instant CreatedAt);
