using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Open sign-ins. A session counts while it is not expired, its stamp is the person's and nobody shut him out.</summary>
public sealed class SessionStore(Db db, AuditLog audit)
{
    /// <summary>Begins a session with a new secret: one that a browser brought along is never taken over.</summary>
    public Task<NewSession> StartAsync(PersonId person, string userAgent, string address, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => StartAsync(tx, person, userAgent, address, now), ct);

    public static async Task<NewSession> StartAsync(Tx tx, PersonId person, string userAgent, string address, Instant now)
    {
        await tx.ExecuteAsync("""
            delete from session where person_id = @person and (expires_at <= @now or id in (
                select id from session where person_id = @person order by seen_at desc, id desc limit 1000 offset @keep))
            """, new { person, now, keep = Limits.SessionsPerPersonMax - 1 });
        var secret = Secret.New();
        var expires = now + Limits.SessionIdleMax;
        var id = await tx.QuerySingleAsync<long>("""
            insert into session (secret_sha256, person_id, stamp, user_agent, address, created_at, seen_at, expires_at)
            select @hash, id, security_stamp, @userAgent, @address, @now, @now, @expires from person where id = @person
            returning id
            """, new
        {
            hash = Secret.Hash(secret), person, userAgent = Printable(userAgent), address, now, expires,
        });
        await tx.ExecuteAsync("update person set last_seen_at = @now where id = @person", new { person, now });
        return new(new(id), secret, expires);
    }

    /// <summary>Whose secret it is; null when it is nobody's, or no longer.</summary>
    internal Task<KnownSession?> KnowAsync(string secret, Instant now, CancellationToken ct)
        => db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<KnownSession>("""
            select s.id, s.created_at, s.seen_at, s.expires_at, p.id as person_id, p.organisation_id, p.role, p.name, p.email,
                p.language, case when p.time_zone = '' then o.time_zone else p.time_zone end as time_zone
            from session s join person p on p.id = s.person_id join organisation o on o.id = p.organisation_id
            where s.secret_sha256 = @hash and s.expires_at > @now and s.stamp = p.security_stamp
                and p.disabled = 0 and o.disabled = 0
            """, new { hash = Secret.Hash(secret), now }), ct);

    /// <summary>Notes that the session is in use and lets it live on, within its longest life.</summary>
    internal Task SeenAsync(KnownSession session, Instant now, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            var expires = Instant.Min(now + Limits.SessionIdleMax, session.CreatedAt + Limits.SessionLifeMax);
            await tx.ExecuteAsync("update session set seen_at = @now, expires_at = @expires where id = @Id",
                new { session.Id, now, expires });
            await tx.ExecuteAsync("update person set last_seen_at = @now where id = @PersonId", new { session.PersonId, now });
        }, ct);

    public Task<IReadOnlyList<Session>> OfAsync(PersonId person, Instant now, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<Session>("""
            select s.id, s.user_agent, s.address, s.created_at, s.seen_at, s.expires_at
            from session s join person p on p.id = s.person_id
            where s.person_id = @person and s.expires_at > @now and s.stamp = p.security_stamp
            order by s.seen_at desc, s.id desc
            """, new { person, now }), ct);

    /// <summary>Ends one of the person's own sessions; false when he has no such session.</summary>
    public Task<bool> EndAsync(CurrentPerson me, SessionId id, string action, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            if (await tx.ExecuteAsync("delete from session where id = @id and person_id = @person", new { id, person = me.Id }) == 0) return false;
            await audit.AddAsync(tx, me, action, $"session:{id}");
            return true;
        }, ct);

    /// <summary>Ends all of the person's own sessions but this one; answers how many.</summary>
    public Task<int> EndOthersAsync(CurrentPerson me, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            var ended = await tx.ExecuteAsync("delete from session where person_id = @Id and id <> @keep",
                new { me.Id, keep = me.Proof == SignInKind.Session ? me.ProofId : 0 });
            if (ended > 0) await audit.AddAsync(tx, me, "session.end-others", $"person:{me.Id}", $"{ended}");
            return ended;
        }, ct);

    /// <summary>Ends all sessions of somebody.</summary>
    internal static Task EndAllAsync(Tx tx, PersonId person)
        => tx.ExecuteAsync("delete from session where person_id = @person", new { person });

    private static string Printable(string text)
    {
        var clean = new string([.. text.Where(c => c is >= ' ' and <= '~').Take(Limits.UserAgentLengthMax)]);
        return clean.Length == 0 ? "?" : clean;
    }
}

/// <summary>A session with the person that it stands for.</summary>
internal sealed record KnownSession(
    SessionId Id, Instant CreatedAt, Instant SeenAt, Instant ExpiresAt, PersonId PersonId, OrganisationId OrganisationId,
    Role Role, string Name, string Email, string Language, string TimeZone)
{
    public CurrentPerson ToCurrentPerson(string browserLanguage) => new()
    {
        Id = PersonId, Organisation = OrganisationId, Role = Role, Name = Name, Email = Email,
        Language = Language.Length > 0 ? Language : browserLanguage,
        Zone = Zones.Find(TimeZone) ?? DateTimeZone.Utc, Proof = SignInKind.Session, ProofId = Id.Value, SignedInAt = CreatedAt,
    };
}
