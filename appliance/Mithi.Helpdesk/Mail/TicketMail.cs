using Mithi.Helpdesk.Chat;
using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Mail;

/// <summary>What customers are sent about tickets. It is given public text alone and reads no notes.</summary>
internal sealed class TicketMail(MailQueue queue, MailToken token, RatingToken rating, SettingStore settings, NodeAddress node, Texts texts)
{
    // Above this line quoted text begins in every mail program that quotes at all, and our trimmer knows it.
    public const string Line = "-- ";

    /// <summary>A public answer of staff, to everybody who takes part.</summary>
    public async Task SendReplyAsync(Tx tx, Ticket ticket, long seq, string body, IReadOnlyList<TicketFile> files, Instant now)
    {
        var rate = ticket.State == TicketState.Resolved && await RatingStore.OfAsync(tx, ticket.Id) is { ResolvedSeq: > 0 } rated
            ? Url($"/rate/{rating.Write(ticket.Id, rated.ResolvedSeq)}") : "";
        await SendAsync(tx, ticket, seq, t => $"{body}\n\n{Line}\n{t["Ticket #{0}: {1}", ticket.Id, ticket.Subject]}\n{Url(ticket)}\n"
            + (rate.Length > 0 ? $"\n{t["Was it solved well? Say so here, without signing in:"]}\n{rate}\n" : ""),
            files, await PeopleAsync(tx, ticket.Id), isAutomatic: false, now);
    }

    /// <summary>That there is a ticket now, of a mail or of what somebody wrote in the portal.</summary>
    /// <param name="answerBy">When the first response is due, with its zone; null when nothing is promised.</param>
    /// <param name="language">For a requester who has not chosen one; null: English.</param>
    public Task SendReceiptAsync(Tx tx, Ticket ticket, MailTo to, Via via, string? answerBy, string? language, Instant now) => SendAsync(tx, ticket, ticket.Seq, t =>
        $"""
        {(via == Via.Mail ? t["Thank you. Your mail has become ticket #{0}: {1}", ticket.Id, ticket.Subject] : t["Your ticket has been opened: #{0} {1}", ticket.Id, ticket.Subject])}

        {(answerBy is { } by ? t["We will answer by {0}.", by] : t["We will answer as soon as we can."])}
        {t["To add something, answer this mail."]}

        {Line}
        {Url(ticket)}
        """, [], [to], isAutomatic: true, now, language);

    /// <summary>What was said in a chat after its customer had left.</summary>
    public async Task SendChatAsync(Tx tx, Ticket ticket, IReadOnlyList<ChatLine> lines, Instant now) => await SendAsync(tx, ticket, lines[^1].Seq, t => $"""
        {t["This was said in the chat while you were away:"]}

        {string.Join('\n', lines.Select(l => $"{(l.Side == Side.Customer ? l.AuthorName : t["Support"])}: {l.Body}"))}

        {Line}
        {t["Ticket #{0}: {1}", ticket.Id, ticket.Subject]}
        {Url(ticket)}

        """, [], await PeopleAsync(tx, ticket.Id), isAutomatic: false, now);

    /// <summary>News of the house's own, such as a published fix.</summary>
    public async Task SendNewsAsync(Tx tx, Ticket ticket, long seq, string body, Instant now)
        => await SendAsync(tx, ticket, seq, t => $"{body}\n\n{Line}\n{t["Ticket #{0}: {1}", ticket.Id, ticket.Subject]}\n{Url(ticket)}\n",
            [], await PeopleAsync(tx, ticket.Id), isAutomatic: true, now);

    /// <summary>An address of this node, for mails.</summary>
    public string Url(string path) => node.Public + path;

    private string Url(Ticket ticket) => Url($"/tickets/{ticket.Id}");

    private async Task SendAsync(Tx tx, Ticket ticket, long seq, Func<ReaderTexts, string> text, IReadOnlyList<TicketFile> files,
        IReadOnlyList<MailTo> to, bool isAutomatic, Instant now, string? otherwise = null)
    {
        if (to.Count == 0) return;
        var support = await settings.TextAsync(IntakeSettings.Address, tx.Ct);
        var host = support.Length > 0 ? support[(support.IndexOf('@') + 1)..] : new Uri(node.Public).Host.Trim('[', ']');
        // An older program kept whatever a mail called itself; one such id must not keep the answer from everybody.
        var thread = (await tx.QueryAsync<string>("select message_id from mail_id where ticket_id = @Id order by at, message_id", new { ticket.Id }))
            .Where(MailQueue.IsMessageId).ToArray();
        var messageId = token.MessageId(ticket.Id, seq, host);
        var language = await LanguageAsync(tx, ticket, otherwise);
        // The first id holds a thread together for programs that lost the middle; the newest are what they look for.
        IReadOnlyList<string> references = thread.Length <= Limits.ReferencesMax ? thread : [thread[0], .. thread.TakeLast(Limits.ReferencesMax - 1)];
        var plus = support.Length > 0 && await settings.FlagAsync(IntakeSettings.PlusAddress, tx.Ct);
        await queue.AddAsync(tx, new OutgoingMail
        {
            To = to,
            Subject = Subject(ticket),
            Text = text(texts.For(language)),
            MessageId = messageId,
            InReplyTo = references.Count > 0 ? references[^1] : null,
            References = references,
            ReplyTo = support.Length > 0 ? new(plus ? token.PlusAddress(ticket.Id, support) : support) : null,
            IsAutomatic = isAutomatic,
            Headers = await ThreadIndexAsync(tx, ticket.Id) is { } index ? new Dictionary<string, string> { ["Thread-Index"] = index } : [],
            Attachments = [.. files.Select(f => new MailAttachment(f.Blob, f.Name, f.ContentType))],
        });
        await RememberAsync(tx, ticket.Id, messageId, ours: true, now);
    }

    private static Task<string?> ThreadIndexAsync(Tx tx, TicketId id)
        => tx.QuerySingleOrDefaultAsync<string?>("select newest from mail_thread_index where ticket_id = @id order by at desc, root limit 1", new { id });

    /// <summary>Keeps a Message-ID of the conversation, so that answers to it find the ticket; nothing when no header can carry it.</summary>
    public static Task RememberAsync(Tx tx, TicketId id, string messageId, bool ours, Instant now) => !MailQueue.IsMessageId(messageId) ? Task.CompletedTask : tx.ExecuteAsync("""
        insert into mail_id (message_id, ticket_id, ours, at) values (@messageId, @id, @ours, @now)
        on conflict (message_id, ticket_id) do nothing
        """, new { messageId, id, ours, now });

    /// <summary>Never changes: programs that thread by subject keep the conversation together.</summary>
    private static string Subject(Ticket ticket) => $"[#{ticket.Id}] {new string([.. ticket.Subject.Select(c => char.IsControl(c) ? ' ' : c)])}";

    /// <summary>Everybody who takes part, but those who are shut out, alone or with their organisation.</summary>
    private static async Task<IReadOnlyList<MailTo>> PeopleAsync(Tx tx, TicketId id)
        => [.. (await tx.QueryAsync<MailTo>("""
            select t.email as address, t.name from ticket_participant t
            where t.ticket_id = @id and not exists (select 1 from person p join organisation o on o.id = p.organisation_id
                where p.email_key = t.email_key and (p.disabled = 1 or o.disabled = 1))
            order by t.email_key limit 100
            """, new { id })).Where(p => MailQueue.IsAddress(p.Address))];

    /// <summary>The language that the requester reads.</summary>
    public static async Task<string> LanguageAsync(Tx tx, Ticket ticket, string? otherwise = null)
        => ticket.RequesterId is { } id && await PersonStore.GetAsync(tx, id) is { Language.Length: > 0 } person ? person.Language : otherwise ?? "en";
}
