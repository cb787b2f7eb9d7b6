using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Chat;

/// <summary>Mails what was said in a chat to a customer who had left before he read it: once, all of it.</summary>
internal sealed class ChatMailJob(Db db, TicketMail mail, TimeProvider time) : IRecurringJob
{
    public string Name => "helpdesk.chat-mail";

    public Duration Interval => Duration.FromMinutes(1);

    public async Task RunAsync(CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        foreach (var id in await db.ReadAsync(tx => ChatStore.DueAsync(tx, now), ct)) await db.WriteAsync(tx => MailAsync(tx, id, now), ct);
    }

    private async Task MailAsync(Tx tx, TicketId id, Instant now)
    {
        if (await ChatStore.TakeAsync(tx, id, now) is not { } first || await TicketStore.GetAsync(tx, id) is not { } ticket) return;
        var lines = await ChatStore.LinesAsync(tx, id, first);
        if (lines.Count > 0) await mail.SendChatAsync(tx, ticket, lines, now);
    }
}
