using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Settings;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Contacts of organisations, and who is calling. All SQL of theirs is here.</summary>
public sealed class ContactStore(Db db, SettingStore settings, AuditLog audit)
{
    private const string Columns = "c.id, c.organisation_id, c.person_id, c.name, c.title, c.created_at, c.revision";

    /// <summary>Everybody of an organisation, by name. The caller has checked that its reader may see the organisation.</summary>
    public Task<IReadOnlyList<Contact>> OfAsync(OrganisationId organisation, CancellationToken ct) => db.ReadAsync(tx => OfAsync(tx, organisation), ct);

    /// <inheritdoc cref="OfAsync(OrganisationId, CancellationToken)"/>
    public static async Task<IReadOnlyList<Contact>> OfAsync(Tx tx, OrganisationId organisation)
        => await WithWaysAsync(tx, await tx.QueryAsync<Contact>(
            $"select {Columns} from contact c where c.organisation_id = @organisation order by c.name, c.id", new { organisation }));

    /// <summary>Null when the organisation has no such contact.</summary>
    public static async Task<Contact?> GetAsync(Tx tx, OrganisationId organisation, ContactId id)
        => (await WithWaysAsync(tx, await tx.QueryAsync<Contact>(
            $"select {Columns} from contact c where c.id = @id and c.organisation_id = @organisation", new { id, organisation }))).SingleOrDefault();

    /// <summary>How numbers without a country's code are read.</summary>
    public ValueTask<string> CountryAsync(CancellationToken ct) => settings.TextAsync(ContactSettings.Country, ct);

    /// <summary>Saves a contact. The caller has checked that <paramref name="me"/> may write of this organisation.</summary>
    /// <param name="id">Null: a new one.</param>
    public async Task<ContactResult> SaveAsync(
        OrganisationId organisation, ContactId? id, ContactDraft draft, int revision, CurrentPerson me, Instant now, CancellationToken ct)
    {
        var country = await CountryAsync(ct);
        return await db.WriteAsync<ContactResult>(async tx =>
        {
            if (id is { } known)
            {
                if (await GetAsync(tx, organisation, known) is not { } current) return new ContactResult.Missing();
                if (current.Revision != revision) return new ContactResult.Stale(current);
                await tx.ExecuteAsync("update contact set name = @Name, title = @Title, revision = revision + 1 where id = @known", new { draft.Name, draft.Title, known });
            }
            else if (await IsFullAsync(tx, organisation)) return new ContactResult.TooMany();
            var saved = id ?? await InsertAsync(tx, organisation, null, draft.Name, draft.Title, now);
            await WriteWaysAsync(tx, saved, draft, country);
            await audit.AddAsync(tx, me, id is null ? "contact.add" : "contact.change", $"organisation:{organisation}", draft.Name);
            return new ContactResult.Saved(saved);
        }, ct);
    }

    /// <inheritdoc cref="SaveAsync"/>
    public Task<bool> RemoveAsync(OrganisationId organisation, ContactId id, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await GetAsync(tx, organisation, id) is not { } contact) return false;
        await tx.ExecuteAsync("delete from contact where id = @id", new { id });
        await audit.AddAsync(tx, me, "contact.remove", $"organisation:{organisation}", contact.Name);
        return true;
    }, ct);

    /// <summary>Keeps the number of somebody who called, so that he is found by it the next time. Nothing when it is his already, or no number.</summary>
    /// <param name="contact">Null: known by his account, or not at all.</param>
    public async Task RememberAsync(Tx tx, OrganisationId organisation, ContactId? contact, PersonId? person, string name, string phone, Instant now)
    {
        if (PhoneNumber.Key(phone, await CountryAsync(tx.Ct)) is not { } key) return;
        var known = contact is { } chosen ? await GetAsync(tx, organisation, chosen)
            : (await OfAsync(tx, organisation)).FirstOrDefault(c => person is null ? c.PersonId is null && c.Name == name : c.PersonId == person);
        if (known is null && (name.Length == 0 || await IsFullAsync(tx, organisation)) || known?.Phones.Count >= Limits.WaysPerContactMax) return;
        var id = known?.Id ?? await InsertAsync(tx, organisation, person, name, "", now);
        await tx.ExecuteAsync("""
            insert into contact_phone (contact_id, place, phone, phone_key) values (@id, @place, @phone, @key) on conflict (contact_id, phone_key) do nothing
            """, new { id, place = (known?.Phones.Count ?? 0) + 1, phone = phone.Trim(), key });
    }

    /// <summary>Who may be calling: by number, by mail address, or by a part of a name, whichever the words are.</summary>
    public async Task<IReadOnlyList<PossibleCaller>> FindAsync(string words, CurrentPerson me, Permission permission, CancellationToken ct)
    {
        words = words.Trim();
        if (words.Length == 0) return [];
        var numbers = PhoneNumber.Beginnings(words, await CountryAsync(ct));
        var reach = me.Reach(permission);
        return await db.ReadAsync(async tx =>
        {
            var found = new List<PossibleCaller>();
            foreach (var number in numbers) found.AddRange(await ByNumberAsync(tx, number, reach));
            if (words.Any(char.IsLetter) && words.Length <= Limits.EmailLengthMax) found.AddRange(await ByWordsAsync(tx, words.ToLowerInvariant(), reach));
            return (IReadOnlyList<PossibleCaller>)[.. found.DistinctBy(c => (c.OrganisationId, c.ContactId, c.PersonId)).Take(Limits.CallersMax)];
        }, ct);
    }

    private static Task<IReadOnlyList<PossibleCaller>> ByNumberAsync(Tx tx, string number, Reach reach) => tx.QueryAsync<PossibleCaller>($"""
        select c.organisation_id, o.name as organisation_name, c.id as contact_id, c.person_id, c.name, {FirstAddress} as email, ph.phone
        from contact_phone ph join contact c on c.id = ph.contact_id join organisation o on o.id = c.organisation_id
        where ph.phone_key >= @number and ph.phone_key < @behind and {Reach.Sql("o.id", "0")}
        order by o.name, c.name, c.id limit @most
        """, new { number, behind = PhoneNumber.Behind(number) ?? "a", reach.All, reach.Home, reach.Partner, reach.Me, most = Limits.CallersMax });

    private static async Task<IReadOnlyList<PossibleCaller>> ByWordsAsync(Tx tx, string words, Reach reach)
    {
        var values = new { words, reach.All, reach.Home, reach.Partner, reach.Me, most = Limits.CallersMax };
        var contacts = await tx.QueryAsync<PossibleCaller>($"""
            select c.organisation_id, o.name as organisation_name, c.id as contact_id, c.person_id, c.name, {FirstAddress} as email, '' as phone
            from contact c join organisation o on o.id = c.organisation_id
            where ({OrganisationStore.Contains(tx, "lower(c.name)", "@words")}
                    or exists (select 1 from contact_address a where a.contact_id = c.id and {OrganisationStore.Contains(tx, "a.email_key", "@words")}))
                and {Reach.Sql("o.id", "0")}
            order by o.name, c.name, c.id limit @most
            """, values);
        // Who is a contact and has an account is found as a contact.
        var people = await tx.QueryAsync<PossibleCaller>($"""
            select p.organisation_id, o.name as organisation_name, null as contact_id, p.id as person_id, p.name, p.email, '' as phone
            from person p join organisation o on o.id = p.organisation_id
            where o.kind <> 'Vendor' and ({OrganisationStore.Contains(tx, "lower(p.name)", "@words")} or {OrganisationStore.Contains(tx, "p.email_key", "@words")})
                and not exists (select 1 from contact c where c.person_id = p.id) and {Reach.Sql("o.id", "p.id")}
            order by o.name, p.name, p.id limit @most
            """, values);
        var organisations = await tx.QueryAsync<PossibleCaller>($"""
            select o.id as organisation_id, o.name as organisation_name, null as contact_id, null as person_id, '' as name, '' as email, '' as phone
            from organisation o
            where o.kind <> 'Vendor' and {OrganisationStore.Contains(tx, "lower(o.name)", "@words")} and {Reach.Sql("o.id", "0")}
            order by o.name, o.id limit @most
            """, values);
        return [.. contacts, .. people, .. organisations];
    }

    private const string FirstAddress = "coalesce((select a.email from contact_address a where a.contact_id = c.id order by a.place limit 1), (select p.email from person p where p.id = c.person_id), '')";

    private static async Task<bool> IsFullAsync(Tx tx, OrganisationId organisation)
        => await tx.QuerySingleAsync<long>("select count(*) from contact where organisation_id = @organisation", new { organisation }) >= Limits.ContactsMax;

    private static async Task<ContactId> InsertAsync(Tx tx, OrganisationId organisation, PersonId? person, string name, string title, Instant now)
        => new(await tx.QuerySingleAsync<long>("""
            insert into contact (organisation_id, person_id, name, title, created_at) values (@organisation, @person, @name, @title, @now) returning id
            """, new { organisation, person, name, title, now }));

    private static async Task WriteWaysAsync(Tx tx, ContactId id, ContactDraft draft, string country)
    {
        Check.That(draft.Phones.Count <= Limits.WaysPerContactMax && draft.Emails.Count <= Limits.WaysPerContactMax);
        await tx.ExecuteAsync("delete from contact_phone where contact_id = @id", new { id });
        await tx.ExecuteAsync("delete from contact_address where contact_id = @id", new { id });
        foreach (var (phone, i) in draft.Phones.Select((p, i) => (p, i)))
            await tx.ExecuteAsync("""
                insert into contact_phone (contact_id, place, phone, phone_key) values (@id, @place, @phone, @key) on conflict (contact_id, phone_key) do nothing
                """, new { id, place = i + 1, phone, key = PhoneNumber.Key(phone, country) });
        foreach (var (email, i) in draft.Emails.Select((e, i) => (e, i)))
            await tx.ExecuteAsync("""
                insert into contact_address (contact_id, place, email, email_key) values (@id, @place, @email, @key) on conflict (contact_id, email_key) do nothing
                """, new { id, place = i + 1, email, key = Email.Key(email) });
    }

    private static async Task<IReadOnlyList<Contact>> WithWaysAsync(Tx tx, IReadOnlyList<Contact> contacts)
    {
        if (contacts.Count == 0) return contacts;
        var ids = string.Join(", ", contacts.Select(c => c.Id));
        var phones = (await tx.QueryAsync<Way>($"select contact_id, phone as text from contact_phone where contact_id in ({ids}) order by place")).ToLookup(w => w.ContactId, w => w.Text);
        var emails = (await tx.QueryAsync<Way>($"select contact_id, email as text from contact_address where contact_id in ({ids}) order by place")).ToLookup(w => w.ContactId, w => w.Text);
        return [.. contacts.Select(c => c with { Phones = [.. phones[c.Id]], Emails = [.. emails[c.Id]] })];
    }

    private sealed record Way(ContactId ContactId, string Text);
}
