using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>What a one-time secret is good for. Stored by name.</summary>
public enum OneTimePurpose
{
    /// <summary>Makes the node's first administrator.</summary>
    FirstRun,
    Invitation,
    /// <summary>A forgotten password.</summary>
    Password,
    /// <summary>The password was right; the code of the authenticator is still to come.</summary>
    SecondStep,
    /// <summary>An authenticator's key that was shown and is not confirmed yet.</summary>
    NewTotp,
    /// <summary>A passkey's challenge.</summary>
    Passkey,
}

/// <summary>A one-time secret's row.</summary>
/// <param name="Detail">What the next step needs.</param>
internal sealed record OneTime(PersonId? PersonId, string Detail, Instant ExpiresAt, Instant UsedAt)
{
    public bool IsUsed => UsedAt > Instant.FromUnixTimeMilliseconds(0);
}

/// <summary>What looking at a one-time secret says.</summary>
internal enum OneTimeState { Good, Used, Expired, Unknown }

/// <summary>Secrets that are good once and not for long.</summary>
public sealed class OneTimeStore(Db db)
{
    /// <summary>Makes one and answers its secret, which is seen here only.</summary>
    internal static async Task<string> AddAsync(Tx tx, OneTimePurpose purpose, PersonId? person, string detail, Duration life, Instant now)
    {
        var secret = Secret.New();
        await tx.ExecuteAsync("""
            insert into one_time_link (secret_sha256, purpose, person_id, detail, created_at, expires_at)
            values (@hash, @purpose, @person, @detail, @now, @expires)
            """, new { hash = Secret.Hash(secret), purpose = purpose.ToString(), person, detail, now, expires = now + life });
        return secret;
    }

    internal Task<string> AddAsync(OneTimePurpose purpose, PersonId? person, string detail, Duration life, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => AddAsync(tx, purpose, person, detail, life, now), ct);

    /// <summary>Looks without using it up: a mail program that follows links must not.</summary>
    internal Task<(OneTimeState State, OneTime? Row)> LookAsync(string secret, OneTimePurpose purpose, Instant now, CancellationToken ct)
        => db.ReadAsync(tx => LookAsync(tx, secret, purpose, now), ct);

    internal static async Task<(OneTimeState State, OneTime? Row)> LookAsync(Tx tx, string secret, OneTimePurpose purpose, Instant now)
    {
        if (!Secret.LooksLikeOne(secret)) return (OneTimeState.Unknown, null);
        var row = await tx.QuerySingleOrDefaultAsync<OneTime>("""
            select person_id, detail, expires_at, used_at from one_time_link
            where secret_sha256 = @hash and purpose = @purpose
            """, new { hash = Secret.Hash(secret), purpose = purpose.ToString() });
        return row switch
        {
            null => (OneTimeState.Unknown, null),
            { IsUsed: true } => (OneTimeState.Used, row),
            _ when row.ExpiresAt <= now => (OneTimeState.Expired, row),
            _ => (OneTimeState.Good, row),
        };
    }

    /// <summary>Uses it up; null when it is unknown, used or expired. Of two that come at once, one wins.</summary>
    internal static async Task<OneTime?> UseAsync(Tx tx, string secret, OneTimePurpose purpose, Instant now)
        => !Secret.LooksLikeOne(secret) ? null : await tx.QuerySingleOrDefaultAsync<OneTime>("""
            update one_time_link set used_at = @now
            where secret_sha256 = @hash and purpose = @purpose and used_at = 0 and expires_at > @now
            returning person_id, detail, expires_at, used_at
            """, new { hash = Secret.Hash(secret), purpose = purpose.ToString(), now });

    internal Task<OneTime?> UseAsync(string secret, OneTimePurpose purpose, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => UseAsync(tx, secret, purpose, now), ct);

    /// <summary>Ends those of a kind that are still open, when a newer one takes their place.</summary>
    internal static Task EndAsync(Tx tx, OneTimePurpose purpose, PersonId? person, Instant now)
        => tx.ExecuteAsync("""
            update one_time_link set used_at = @now
            where purpose = @purpose and coalesce(person_id, 0) = @person and used_at = 0
            """, new { purpose = purpose.ToString(), person = person?.Value ?? 0, now });

    /// <summary>How many were mailed to a person since; those that were shown to others have no address in their detail.</summary>
    internal static Task<long> CountAsync(Tx tx, OneTimePurpose purpose, PersonId person, Instant since)
        => tx.QuerySingleAsync<long>("""
            select count(*) from one_time_link where purpose = @purpose and person_id = @person and created_at > @since and detail <> ''
            """, new { purpose = purpose.ToString(), person, since });
}
