using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>API tokens of people, and of organisations alone (a site, another node).</summary>
public sealed class TokenStore(Db db, AuditLog audit)
{
    /// <summary>Makes a token that can do at most what its person can; null when he has as many as he may have.</summary>
    /// <param name="permissions">Empty: all of the person's, also those that he is given later.</param>
    /// <param name="life">At most a year.</param>
    public Task<NewApiToken?> AddAsync(
        PersonId person, string name, IReadOnlyCollection<Permission> permissions, Duration life, Instant now, CancellationToken ct)
    {
        Check.That(life > Duration.Zero && life <= Limits.TokenLifeMax);
        return db.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("delete from api_token where person_id = @person and expires_at <= @now", new { person, now });
            var held = await tx.QuerySingleAsync<long>("select count(*) from api_token where person_id = @person", new { person });
            if (held >= Limits.TokensPerPersonMax) return null;
            var home = await tx.QuerySingleAsync<OrganisationId>(
                "select organisation_id from person where id = @person", new { person });
            var token = await InsertAsync(tx, home, person, name, permissions, now, now + life);
            var can = permissions.Count == 0 ? "everything the person may" : TokenPermissions.Format(permissions);
            var owner = await tx.QuerySingleAsync<string>("select name from person where id = @person", new { person });
            await audit.AddAsync(tx, SignIn.As(person, owner), "token.add", $"token:{token.Id}", $"{name}: {can}");
            return token;
        }, ct);
    }

    /// <summary>Makes a token of an organisation alone: it can do just what is listed.</summary>
    public Task<NewApiToken> AddAsync(OrganisationId organisation, string name, IReadOnlyCollection<Permission> permissions,
        Instant expires, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => AddAsync(tx, organisation, name, permissions, expires, now), ct);

    /// <inheritdoc cref="AddAsync(OrganisationId, string, IReadOnlyCollection{Permission}, Instant, Instant, CancellationToken)"/>
    public static Task<NewApiToken> AddAsync(
        Tx tx, OrganisationId organisation, string name, IReadOnlyCollection<Permission> permissions, Instant expires, Instant now)
    {
        Check.That(permissions.Count > 0);
        return InsertAsync(tx, organisation, null, name, permissions, now, expires);
    }

    public Task<IReadOnlyList<ApiToken>> OfAsync(PersonId person, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<ApiToken>("""
            select id, name, permissions, created_at, used_at, expires_at from api_token where person_id = @person
            order by created_at desc, id desc
            """, new { person }), ct);

    /// <summary>Ends a token at its next request; false when the person has no such token.</summary>
    public Task<bool> EndAsync(CurrentPerson me, ApiTokenId id, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            if (await tx.ExecuteAsync("delete from api_token where id = @id and person_id = @person", new { id, person = me.Id }) == 0) return false;
            await audit.AddAsync(tx, me, "token.end", $"token:{id}");
            return true;
        }, ct);

    /// <summary>Ends a token of an organisation, such as that of a site which is replaced.</summary>
    public static async Task<bool> EndAsync(Tx tx, OrganisationId organisation, ApiTokenId id)
        => await tx.ExecuteAsync("delete from api_token where id = @id and organisation_id = @organisation and person_id is null",
            new { id, organisation }) == 1;

    /// <summary>Whose token it is; null when it is nobody's, or no longer.</summary>
    internal async Task<KnownToken?> KnowAsync(string text, Instant now, CancellationToken ct)
    {
        if (!TokenText.IsWellFormed(text)) return null;
        return await db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<KnownToken>("""
            select t.id, t.name as token_name, t.permissions, t.used_at, t.person_id, t.organisation_id,
                o.kind as organisation_kind, coalesce(p.role, '') as role, coalesce(p.name, '') as name,
                coalesce(p.email, '') as email, coalesce(p.language, '') as language,
                case when coalesce(p.time_zone, '') = '' then o.time_zone else p.time_zone end as time_zone
            from api_token t join organisation o on o.id = t.organisation_id left join person p on p.id = t.person_id
            where t.secret_sha256 = @hash and t.expires_at > @now and coalesce(p.disabled, 0) = 0 and o.disabled = 0
            """, new { hash = Secret.Hash(text), now }), ct);
    }

    internal Task UsedAsync(ApiTokenId id, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync("update api_token set used_at = @now where id = @id", new { id, now }), ct);

    private static async Task<NewApiToken> InsertAsync(Tx tx, OrganisationId organisation, PersonId? person, string name,
        IReadOnlyCollection<Permission> permissions, Instant now, Instant expires)
    {
        Check.That(name.Length is > 0 and <= Limits.TokenNameLengthMax);
        var text = TokenText.New();
        var id = await tx.QuerySingleAsync<long>("""
            insert into api_token (secret_sha256, name, organisation_id, person_id, permissions, created_at, expires_at)
            values (@hash, @name, @organisation, @person, @permissions, @now, @expires) returning id
            """, new
        {
            hash = Secret.Hash(text), name, organisation, person, permissions = TokenPermissions.Format(permissions), now, expires,
        });
        return new(new(id), text, expires);
    }
}

/// <summary>A token with whom it stands for.</summary>
internal sealed record KnownToken(
    ApiTokenId Id, string TokenName, string Permissions, Instant UsedAt, PersonId? PersonId, OrganisationId OrganisationId,
    OrganisationKind OrganisationKind, string Role, string Name, string Email, string Language, string TimeZone)
{
    public CurrentPerson ToCurrentPerson(string browserLanguage) => new()
    {
        Id = PersonId, Organisation = OrganisationId, Name = PersonId is null ? TokenName : Name, Email = Email,
        Role = PersonId is null ? OwnRole : Enum.Parse<Role>(Role),
        Only = TokenPermissions.Parse(Permissions, emptyMeansAll: PersonId is not null),
        Language = Language.Length > 0 ? Language : browserLanguage,
        Zone = Zones.Find(TimeZone) ?? DateTimeZone.Utc, Proof = SignInKind.Token, ProofId = Id.Value,
    };

    // How far a listed permission of an organisation's token reaches: over the organisation, and a partner's customers.
    private Role OwnRole => OrganisationKind switch
    {
        OrganisationKind.Vendor => People.Role.ReleaseEngineer,
        OrganisationKind.Partner => People.Role.Partner,
        _ => People.Role.CustomerAdministrator,
    };
}
