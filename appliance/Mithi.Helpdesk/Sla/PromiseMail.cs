using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>Tells staff by mail that a promise ends soon or has ended. No customer is written to.</summary>
internal sealed class PromiseMail(MailQueue queue, SettingStore settings, NodeAddress node, Texts texts)
{
    public async Task SendAsync(Tx tx, Ticket ticket, ClockKind kind, Instant due, bool isBroken)
    {
        foreach (var reader in await ReadersAsync(tx, ticket))
        {
            var t = texts.For(reader.Language);
            var when = ReaderTime.Text(due, Zones.Find(reader.TimeZone) ?? DateTimeZone.Utc);
            var promise = t[TicketNames.Of(kind)];
            await queue.AddAsync(tx, new OutgoingMail
            {
                To = [new(reader.Email, reader.Name)],
                Subject = Plain(isBroken ? t["Overdue: #{0} {1}", ticket.Id, ticket.Subject] : t["Due soon: #{0} {1}", ticket.Id, ticket.Subject]),
                Text = $"{(isBroken ? t["{0} was promised by {1}.", promise, when] : t["{0} is promised by {1}.", promise, when])}\n\n{node.Public}/tickets/{ticket.Id}\n",
                IsAutomatic = true,
            });
        }
    }

    private async Task<IReadOnlyList<Reader>> ReadersAsync(Tx tx, Ticket ticket)
    {
        var whom = await settings.TextAsync(WarnSettings.Mail, tx.Ct);
        if (whom == "nobody" || (whom == "assignee" && ticket.AssigneeId is null)) return [];
        var readers = await tx.QueryAsync<Reader>("""
            select p.email, p.name, p.language, p.time_zone from person p join organisation o on o.id = p.organisation_id
            where p.disabled = 0 and o.disabled = 0 and (p.id = @assignee or (@assignee = 0 and p.role = @role)) order by p.id limit @most
            """, new { assignee = ticket.AssigneeId?.Value ?? 0, role = RoleOf(ticket.Level).ToString(), most = Limits.WarnedPeopleMax });
        return [.. readers.Where(r => MailQueue.IsAddress(r.Email))];
    }

    private static Role RoleOf(Level level) => level switch
    {
        Level.L1 => Role.SupportL1,
        Level.L2 => Role.SupportL2,
        Level.L3 => Role.SupportL3,
        _ => Role.Development,
    };

    private static string Plain(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);

    private sealed record Reader(string Email, string Name, string Language, string TimeZone);
}
