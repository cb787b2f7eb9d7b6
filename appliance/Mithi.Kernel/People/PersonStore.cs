using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>People, without their credentials : those have a store of their own.</summary>
public sealed class PersonStore(Db db, AuditLog audit, TimeProvider time)
{
    private const string From = "from person p join organisation o on o.id = p.organisation_id";
    private const string Select = $"""
        select p.id, p.organisation_id, o.name as organisation_name, o.kind as organisation_kind, p.role, p.name, p.email,
            p.language, p.time_zone, p.disabled, p.created_at, p.last_seen_at, p.revision
        {From}
        """;

    /// <summary>Whatever the reach: for the house's own work.</summary>
    public Task<Person?> GetAsync(PersonId id, CancellationToken ct) => db.ReadAsync(tx => GetAsync(tx, id), ct);

    public Task<Person?> ByEmailAsync(string email, CancellationToken ct) => db.ReadAsync(tx => ByEmailAsync(tx, email), ct);

    /// <summary>Null when it is not there or <paramref name="me"/> may not see it. Everybody sees himself.</summary>
    public Task<Person?> FindAsync(PersonId id, CurrentPerson me, CancellationToken ct)
        => db.ReadAsync(tx => FindAsync(tx, id, me, Permission.PersonRead), ct);

    public Task<bool> AnyAdministratorAsync(CancellationToken ct) => db.ReadAsync(AnyAdministratorAsync, ct);

    public static async Task<bool> AnyAdministratorAsync(Tx tx)
        => await tx.QuerySingleAsync<long>("select count(*) from (select 1 from person where role = 'Administrator' and disabled = 0 limit 1) one") > 0;

    /// <summary>Those within reach, by name; <paramref name="words"/> are looked for in name, address and organisation.</summary>
    public Task<Listing<Person>> ListAsync(string words, OrganisationId? organisation, int page, CurrentPerson me, CancellationToken ct)
        => db.ReadAsync(async tx =>
        {
            var reach = me.Reach(Permission.PersonRead);
            var values = new
            {
                words = words.Trim().ToLowerInvariant(), organisation = organisation?.Value ?? 0,
                reach.All, reach.Home, reach.Partner, reach.Me, limit = Limits.PageRows, offset = (long)(page - 1) * Limits.PageRows,
            };
            var where = $"""
                where {Reach.Sql("p.organisation_id", "p.id")} and (@organisation = 0 or p.organisation_id = @organisation)
                    and (@words = '' or {OrganisationStore.Contains(tx, "lower(p.name || ' ' || p.email || ' ' || o.name)", "@words")})
                """;
            var total = await tx.QuerySingleAsync<long>($"select count(*) {From} {where}", values);
            var rows = await tx.QueryAsync<Person>($"{Select} {where} order by p.name, p.id limit @limit offset @offset", values);
            return new Listing<Person>(rows, total, page, Limits.PageRows);
        }, ct);

    /// <summary>Everybody of an organisation who can sign in, by name: for choices such as a ticket's owner.</summary>
    public Task<IReadOnlyList<Person>> OfAsync(OrganisationId organisation, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<Person>(
            $"{Select} where p.organisation_id = @organisation and p.disabled = 0 order by p.name, p.id limit 500",
            new { organisation }), ct);

    /// <summary>Makes one without asking for rights: for the first run, the command line, samples and imports.</summary>
    public Task<PersonResult> AddAsync(PersonDraft draft, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => AddAsync(tx, draft, now), ct);

    /// <param name="isConfirmed">Whether who makes him vouches for the address: whoever holds the data folder, and the node's staff.</param>
    public static async Task<PersonResult> AddAsync(Tx tx, PersonDraft draft, Instant now, bool isConfirmed = true)
    {
        Check.That(draft.Role != Role.Public);
        Check.That(Email.IsAddress(draft.Email));
        var id = await tx.QuerySingleOrDefaultAsync<long?>("""
            insert into person (organisation_id, role, name, email, email_key, language, time_zone, security_stamp, created_at, confirmed_at)
            values (@OrganisationId, @role, @Name, @Email, @key, @Language, @TimeZone, @stamp, @now, case when @isConfirmed = 1 then @now else 0 end)
            on conflict (email_key) do nothing returning id
            """, new
        {
            draft.OrganisationId, role = draft.Role.ToString(), draft.Name, draft.Email, key = Email.Key(draft.Email),
            draft.Language, draft.TimeZone, stamp = Secret.NewStamp(), now, isConfirmed,
        });
        return id is { } value ? new PersonResult.Saved(new(value)) : new PersonResult.EmailTaken();
    }

    /// <summary>Makes one on behalf of <paramref name="me"/>: in an organisation within his reach, with a role not above his.</summary>
    public Task<PersonResult> AddAsync(PersonDraft draft, CurrentPerson me, Instant now, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            if (await KindAsync(tx, draft.OrganisationId, me) is not { } kind) return new PersonResult.Missing();
            if (!RoleRank.Choices(me, kind).Contains(draft.Role)) return new PersonResult.RoleRefused();
            // A customer or a partner could name an address of somebody else: that one has to use a link that is mailed there.
            var added = await AddAsync(tx, draft, now, isConfirmed: me.IsStaff);
            if (added is PersonResult.Saved saved)
                await audit.AddAsync(tx, me, "person.add", $"person:{saved.Id}", $"{draft.Email}, {draft.Role}");
            return added;
        }, ct);

    /// <summary>Changes name, address, role, language and zone on behalf of <paramref name="me"/>. The organisation stays.</summary>
    public Task<PersonResult> ChangeAsync(PersonId id, PersonDraft draft, int revision, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<PersonResult>(async tx =>
        {
            if (await FindAsync(tx, id, me, Permission.PersonManage) is not { } current) return new PersonResult.Missing();
            if (!RoleRank.MayGive(me, current.Role)) return new PersonResult.RoleRefused();
            if (current.Revision != revision) return new PersonResult.Stale(current);
            if (draft.Role != current.Role)
            {
                if (!RoleRank.Choices(me, current.OrganisationKind).Contains(draft.Role)) return new PersonResult.RoleRefused();
                if (await IsLastAdministratorAsync(tx, current)) return new PersonResult.LastAdministrator();
            }
            var key = Email.Key(draft.Email);
            var taken = await tx.QuerySingleAsync<long>(
                "select count(*) from person where email_key = @key and id <> @id", new { key, id });
            if (taken > 0) return new PersonResult.EmailTaken();
            // A changed role or address is a changed credential: open sessions end and sign in anew.
            var stamp = draft.Role != current.Role || key != Email.Key(current.Email) ? Secret.NewStamp() : "";
            await tx.ExecuteAsync("""
                update person set role = @role, name = @Name, email = @Email, email_key = @key, language = @Language,
                    time_zone = @TimeZone, revision = revision + 1,
                    security_stamp = case when @stamp = '' then security_stamp else @stamp end,
                    confirmed_at = case when @isNewAddress = 0 then confirmed_at when @isStaff = 1 then @now else 0 end
                where id = @id
                """, new
            {
                id, role = draft.Role.ToString(), draft.Name, draft.Email, key, draft.Language, draft.TimeZone, stamp,
                isNewAddress = key != Email.Key(current.Email), isStaff = me.IsStaff, now = time.GetCurrentInstant(),
            });
            await audit.AddAsync(tx, me, "person.change", $"person:{id}",
                $"{current.Email}, {current.Role} -> {draft.Email}, {draft.Role}");
            return new PersonResult.Saved(id);
        }, ct);

    /// <summary>One's own name, language and zone.</summary>
    public Task ChangeProfileAsync(PersonId id, string name, string language, string timeZone, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync("""
            update person set name = @name, language = @language, time_zone = @timeZone, revision = revision + 1 where id = @id
            """, new { id, name, language, timeZone }), ct);

    /// <summary>Shuts somebody out, at his next request, or lets him in again.</summary>
    public Task<PersonResult> DisableAsync(PersonId id, bool disabled, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync<PersonResult>(async tx =>
        {
            if (await FindAsync(tx, id, me, Permission.PersonManage) is not { } current) return new PersonResult.Missing();
            if (!RoleRank.MayGive(me, current.Role)) return new PersonResult.RoleRefused();
            var done = await DisableAsync(tx, current, disabled);
            if (done is PersonResult.Saved)
                await audit.AddAsync(tx, me, disabled ? "person.disable" : "person.enable", $"person:{id}", current.Email);
            return done;
        }, ct);

    /// <summary>Whether the person and his role are within reach of <paramref name="me"/>'s hand.</summary>
    internal Task<bool> ManagesAsync(PersonId id, CurrentPerson me, CancellationToken ct)
        => db.ReadAsync(async tx => await ManagedAsync(tx, id, me) is not null, ct);

    /// <summary>The person, if he and his role are within reach of <paramref name="me"/>'s hand: to send links, end sessions.</summary>
    internal static async Task<Person?> ManagedAsync(Tx tx, PersonId id, CurrentPerson me)
        => await FindAsync(tx, id, me, Permission.PersonManage) is { } person && RoleRank.MayGive(me, person.Role) ? person : null;

    public static Task<Person?> GetAsync(Tx tx, PersonId id)
        => tx.QuerySingleOrDefaultAsync<Person>($"{Select} where p.id = @id", new { id });

    /// <summary>In a transaction of the caller's, such as that which makes a ticket of a mail.</summary>
    public static Task<Person?> ByEmailAsync(Tx tx, string email)
        => tx.QuerySingleOrDefaultAsync<Person>($"{Select} where p.email_key = @key", new { key = Email.Key(email) });

    /// <summary>
    /// Who a mail from this address is from: somebody who has shown that he reads it, and who is not shut out, nor his
    /// organisation. Null for anybody else: an address that a person merely bears proves nothing.
    /// </summary>
    public static Task<Person?> SenderAsync(Tx tx, string email) => tx.QuerySingleOrDefaultAsync<Person>(
        $"{Select} where p.email_key = @key and p.confirmed_at > 0 and p.disabled = 0 and o.disabled = 0", new { key = Email.Key(email) });

    /// <summary>He has used what was mailed to this address. Nothing when he has another one by now.</summary>
    internal static Task ConfirmAsync(Tx tx, PersonId id, string emailKey, Instant now) => tx.ExecuteAsync(
        "update person set confirmed_at = @now where id = @id and email_key = @emailKey and confirmed_at = 0", new { id, emailKey, now });

    /// <summary>Without asking for rights, for the command line.</summary>
    internal static async Task<PersonResult> DisableAsync(Tx tx, Person person, bool disabled)
    {
        if (disabled && await IsLastAdministratorAsync(tx, person)) return new PersonResult.LastAdministrator();
        await tx.ExecuteAsync("""
            update person set disabled = @disabled, security_stamp = @stamp, revision = revision + 1 where id = @Id
            """, new { person.Id, disabled, stamp = Secret.NewStamp() });
        return new PersonResult.Saved(person.Id);
    }

    internal static Task<IReadOnlyList<Person>> AllAsync(Tx tx) => tx.QueryAsync<Person>($"{Select} order by p.email_key");

    private static async Task<bool> IsLastAdministratorAsync(Tx tx, Person person)
        => person.Role == Role.Administrator && await tx.QuerySingleAsync<long>(
            "select count(*) from person where role = 'Administrator' and disabled = 0 and id <> @Id", new { person.Id }) == 0;

    private static Task<Person?> FindAsync(Tx tx, PersonId id, CurrentPerson me, Permission permission)
    {
        var reach = me.Reach(permission);
        var self = permission == Permission.PersonRead ? me.Id?.Value ?? 0 : 0;
        return tx.QuerySingleOrDefaultAsync<Person>(
            $"{Select} where p.id = @id and (p.id = @self or {Reach.Sql("p.organisation_id", "p.id")})",
            new { id, self, reach.All, reach.Home, reach.Partner, reach.Me });
    }

    private static async Task<OrganisationKind?> KindAsync(Tx tx, OrganisationId id, CurrentPerson me)
    {
        var reach = me.Reach(Permission.PersonManage);
        var kind = await tx.QuerySingleOrDefaultAsync<string?>(
            $"select o.kind from organisation o where o.id = @id and {Reach.Sql("o.id", "0")}",
            new { id, reach.All, reach.Home, reach.Partner, reach.Me });
        return kind is null ? null : Enum.Parse<OrganisationKind>(kind);
    }
}
