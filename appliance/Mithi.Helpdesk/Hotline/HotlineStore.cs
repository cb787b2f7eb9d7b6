using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Hotline;

/// <summary>What is asked while somebody is on the phone.</summary>
internal sealed class HotlineStore(Db db, OrganisationStore organisations, PersonStore people, ICustomerRecords records, TimeProvider time)
{
    /// <summary>Null when there is no such organisation within reach.</summary>
    public async Task<CustomerAtWork?> CustomerAsync(OrganisationId id, CurrentPerson me, CancellationToken ct)
    {
        if (await organisations.FindAsync(id, me, ct) is not { } organisation) return null;
        var accounts = await people.OfAsync(id, ct);
        return await db.ReadAsync(async tx =>
        {
            var contacts = await ContactStore.OfAsync(tx, id);
            var record = await records.OfAsync(tx, id);
            var tickets = await tx.QueryAsync<OpenTicket>("""
                select id, subject, priority, state, requester_name, updated_at from ticket
                where organisation_id = @id and stopped_at is null order by public_updated_at desc, id desc limit @most
                """, new { id, most = Limits.HotlineTicketsMax });
            var callers = contacts.Select(c => new PossibleCaller(id, organisation.Name, c.Id, c.PersonId, c.Name, c.Emails.FirstOrDefault("") is { Length: > 0 } mail ? mail
                    : accounts.FirstOrDefault(p => p.Id == c.PersonId)?.Email ?? "", c.Phones.FirstOrDefault("")))
                .Concat(accounts.Where(p => contacts.All(c => c.PersonId != p.Id)).Select(p => new PossibleCaller(id, organisation.Name, null, p.Id, p.Name, p.Email, "")));
            return new CustomerAtWork(organisation, record, Agreement.Ruling(record.Agreements, time.GetCurrentInstant()),
                [.. callers.OrderBy(c => c.Name, StringComparer.CurrentCulture)], tickets);
        }, ct);
    }

    /// <summary>Who was chosen, as long as he is of that organisation and still goes by the name that was typed.</summary>
    public static async Task<PossibleCaller?> CallerAsync(Tx tx, OrganisationId organisation, string key, string name)
    {
        var (contact, person) = CallerKey.Read(key);
        if (contact is { } id && await ContactStore.GetAsync(tx, organisation, id) is { } known && known.Name == name)
        {
            var account = known.PersonId is { } holder ? await AccountAsync(tx, organisation, holder) : null;
            return new(organisation, "", known.Id, account?.Id, known.Name, known.Emails.FirstOrDefault(account?.Email ?? ""), "");
        }
        return person is { } own && await AccountAsync(tx, organisation, own) is { } found && found.Name == name
            ? new(organisation, "", null, found.Id, found.Name, found.Email, "") : null;
    }

    private static async Task<Person?> AccountAsync(Tx tx, OrganisationId organisation, PersonId id)
        => await PersonStore.GetAsync(tx, id) is { Disabled: false } person && person.OrganisationId == organisation ? person : null;
}
