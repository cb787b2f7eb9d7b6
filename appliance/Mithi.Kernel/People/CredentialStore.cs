using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>What a person proves himself with: the password's hash, the authenticator's key, recovery codes; and wrong guesses.</summary>
public sealed class CredentialStore(Db db)
{
    // The row that counts a person's wrong guesses from all networks together.
    private const string Everywhere = "";

    private const string Select = """
        select p.id, p.name, p.email, p.password_hash, p.totp_key, p.totp_last_step, p.recovery_codes
        from person p join organisation o on o.id = p.organisation_id
        """;

    /// <summary>
    /// Counts a guess before it is judged, so that a hundred at once are a hundred; null while too many were wrong.
    /// <see cref="ForgiveAsync"/> takes it back when it was right. Addresses that nobody has are counted alike.
    /// </summary>
    /// <remarks>
    /// Counted for the person and the network that the guess comes from, so that a stranger shuts the door for himself and
    /// not for the person; and for the person alone, with a higher limit, against guesses from many networks.
    /// </remarks>
    internal Task<Guess?> GuessAsync(string email, Caller caller, Instant now, CancellationToken ct)
        => db.WriteAsync(tx => GuessAsync(tx, email, caller, now), ct);

    internal static async Task<Guess?> GuessAsync(Tx tx, string email, Caller caller, Instant now)
    {
        var key = Secret.Hash(Email.Key(email));
        var here = await RowAsync(tx, key, caller.Network, now);
        if (here.LockedUntil > now) return null;
        var everywhere = await RowAsync(tx, key, Everywhere, now);
        var all = Math.Max(0, everywhere.Failures - (int)((now - everywhere.LastAt) / Limits.EverywhereStep)) + 1;
        if (all > Limits.EverywhereFailuresMax) return null;
        // A day without a wrong guess starts a clean sheet.
        var failures = now - here.LastAt > Duration.FromDays(1) ? 1 : here.Failures + 1;
        var lockedUntil = failures < Limits.FailuresFree ? default : now + LockFor(failures);
        await KeepAsync(tx, key, caller.Network, failures, lockedUntil, now);
        await KeepAsync(tx, key, Everywhere, all, default, now);
        var person = await tx.QuerySingleOrDefaultAsync<Credentials>(
            $"{Select} where p.email_key = @email and p.disabled = 0 and o.disabled = 0", new { email = Email.Key(email) });
        return new(person, failures >= Limits.FailuresFree);
    }

    /// <summary>Right in full: the sheet is clean, for this network and the person alone. Other networks' stay.</summary>
    internal static Task ForgiveAsync(Tx tx, string email, Caller caller)
        => tx.ExecuteAsync("delete from guess where email_sha256 = @key and address in (@Network, @Everywhere)",
            new { key = Secret.Hash(Email.Key(email)), caller.Network, Everywhere });

    /// <summary>All sheets of a person, for whoever opens the door from the inside.</summary>
    internal static Task ForgiveEverywhereAsync(Tx tx, string email)
        => tx.ExecuteAsync("delete from guess where email_sha256 = @key", new { key = Secret.Hash(Email.Key(email)) });

    /// <summary>Right so far: this guess does not count, earlier ones do.</summary>
    internal static Task TakeBackAsync(Tx tx, string email, Caller caller) => tx.ExecuteAsync(
        "update guess set failures = failures - 1, locked_until = 0 where email_sha256 = @key and address in (@Network, @Everywhere)",
        new { key = Secret.Hash(Email.Key(email)), caller.Network, Everywhere });

    internal Task<Credentials?> GetAsync(PersonId person, CancellationToken ct)
        => db.ReadAsync(tx => GetAsync(tx, person), ct);

    internal static Task<Credentials?> GetAsync(Tx tx, PersonId person)
        => tx.QuerySingleOrDefaultAsync<Credentials>(
            $"{Select} where p.id = @person and p.disabled = 0 and o.disabled = 0", new { person });

    /// <summary>Sets the hash and ends all sessions and open links.</summary>
    public static async Task SetPasswordAsync(Tx tx, PersonId person, string hash, Instant now)
    {
        await tx.ExecuteAsync("update person set password_hash = @hash, security_stamp = @stamp where id = @person",
            new { person, hash, stamp = Secret.NewStamp() });
        await tx.ExecuteAsync("update one_time_link set used_at = @now where person_id = @person and used_at = 0", new { person, now });
    }

    /// <summary>Turns the authenticator on, off (null), and sets the recovery codes; ends all sessions.</summary>
    internal static Task SetTotpAsync(Tx tx, PersonId person, string? key, long lastStep, IEnumerable<string> recoveryCodes)
        => tx.ExecuteAsync("""
            update person set totp_key = @key, totp_last_step = @lastStep, recovery_codes = @codes, security_stamp = @stamp
            where id = @person
            """, new { person, key, lastStep, codes = string.Join('\n', recoveryCodes.Select(RecoveryCode.Hash)), stamp = Secret.NewStamp() });

    internal static Task SetRecoveryCodesAsync(Tx tx, PersonId person, IEnumerable<string> codes)
        => tx.ExecuteAsync("update person set recovery_codes = @codes where id = @person",
            new { person, codes = string.Join('\n', codes.Select(RecoveryCode.Hash)) });

    /// <summary>Uses up a time step; false when it, or a later one, was used before.</summary>
    internal static async Task<bool> UseStepAsync(Tx tx, PersonId person, long step)
        => await tx.ExecuteAsync("update person set totp_last_step = @step where id = @person and totp_last_step < @step",
            new { person, step }) == 1;

    /// <summary>Uses up a recovery code; false when it is none of the person's.</summary>
    internal static async Task<bool> UseRecoveryCodeAsync(Tx tx, Credentials person, string code)
    {
        var hash = RecoveryCode.Hash(code);
        var left = person.RecoveryHashes.Where(h => h != hash).ToArray();
        if (left.Length == person.RecoveryHashes.Count) return false;
        await tx.ExecuteAsync("update person set recovery_codes = @codes where id = @Id", new { person.Id, codes = string.Join('\n', left) });
        return true;
    }

    /// <summary>Takes away every passkey and token, those half made too, and ends all sessions: whoever made them stays outside.</summary>
    internal static async Task<RemovedKeys> RemoveKeysAsync(Tx tx, PersonId person, Instant now)
    {
        var removed = new RemovedKeys(
            await tx.ExecuteAsync("delete from passkey where person_id = @person", new { person }),
            await tx.ExecuteAsync("delete from api_token where person_id = @person", new { person }));
        await tx.ExecuteAsync("""
            update one_time_link set used_at = @now where person_id = @person and used_at = 0 and purpose in ('NewTotp', 'Passkey')
            """, new { person, now });
        await tx.ExecuteAsync("update person set security_stamp = @stamp where id = @person", new { person, stamp = Secret.NewStamp() });
        return removed;
    }

    internal Task<RemovedKeys> KeysAsync(PersonId person, CancellationToken ct) => db.ReadAsync(async tx => new RemovedKeys(
        (int)await tx.QuerySingleAsync<long>("select count(*) from passkey where person_id = @person", new { person }),
        (int)await tx.QuerySingleAsync<long>("select count(*) from api_token where person_id = @person", new { person })), ct);

    private static async Task<GuessRow> RowAsync(Tx tx, string key, string address, Instant now)
        => await tx.QuerySingleOrDefaultAsync<GuessRow>(
            "select failures, locked_until, last_at from guess where email_sha256 = @key and address = @address", new { key, address })
            ?? new(0, default, now);

    private static Task KeepAsync(Tx tx, string key, string address, int failures, Instant lockedUntil, Instant now) => tx.ExecuteAsync("""
        insert into guess (email_sha256, address, failures, locked_until, last_at) values (@key, @address, @failures, @lockedUntil, @now)
        on conflict (email_sha256, address) do update set failures = excluded.failures, locked_until = excluded.locked_until,
            last_at = excluded.last_at
        """, new { key, address, failures, lockedUntil = lockedUntil.ToUnixTimeMilliseconds(), now });

    private static Duration LockFor(int failures)
        => Duration.Min(Limits.LockFirst * (1 << Math.Min(failures - Limits.FailuresFree, 10)), Limits.LockMax);

    private sealed record GuessRow(int Failures, Instant LockedUntil, Instant LastAt);
}

/// <summary>A guess that may be judged.</summary>
/// <param name="Person">Null when nobody has the address: it is judged all the same.</param>
/// <param name="Locks">Whether this is the last one before the door stays shut for a while.</param>
internal sealed record Guess(Credentials? Person, bool Locks);

/// <summary>How many passkeys and tokens a person has, or had taken away.</summary>
public sealed record RemovedKeys(int Passkeys, int Tokens)
{
    public bool Any => Passkeys + Tokens > 0;
}

/// <summary>A person's credentials, of which no page ever shows one.</summary>
internal sealed record Credentials(
    PersonId Id, string Name, string Email, string? PasswordHash, string? TotpKey, long TotpLastStep, string RecoveryCodes)
{
    public bool HasTotp => TotpKey is not null;

    public bool HasPassword => PasswordHash is not null;

    public IReadOnlyList<string> RecoveryHashes => RecoveryCodes.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
