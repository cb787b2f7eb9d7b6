using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>A person's changes to what he proves himself with. Each ends his sessions; the one that asked goes on as a new one.</summary>
internal sealed class OwnCredentials(Db db, Passwords passwords, CredentialStore credentials, AuditLog audit, TimeProvider time)
{
    public sealed record Changed(NewSession? Session, IReadOnlyList<string> RecoveryCodes);

    public sealed record TurnedOn(NewSession Session, IReadOnlyList<string> RecoveryCodes);

    /// <summary>Null when the present password is wrong, or too many were.</summary>
    public async Task<NewSession?> ChangePasswordAsync(CurrentPerson me, string current, string password, Caller caller, CancellationToken ct)
    {
        if (!await ProvesAsync(me, current, caller, ct)) return null;
        var hash = await passwords.HashAsync(password, ct);
        var now = time.GetCurrentInstant();
        return await db.WriteAsync(async tx =>
        {
            await CredentialStore.SetPasswordAsync(tx, me.Id!.Value, hash, now);
            await audit.AddAsync(tx, me, "person.password", $"person:{me.Id}", caller.Address);
            return await GoOnAsync(tx, me, caller, now);
        }, ct);
    }

    /// <summary>Null when the code is not that of the key.</summary>
    public Task<TurnedOn?> TurnOnAsync(CurrentPerson me, string secret, string code, Caller caller, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        return db.WriteAsync(async tx =>
        {
            var (state, row) = await OneTimeStore.LookAsync(tx, secret, OneTimePurpose.NewTotp, now);
            if (state != OneTimeState.Good || Totp.StepOf(row!.Detail, code.Replace(" ", ""), 0, now) is not { } step) return null;
            await OneTimeStore.UseAsync(tx, secret, OneTimePurpose.NewTotp, now);
            var codes = NewCodes();
            await CredentialStore.SetTotpAsync(tx, me.Id!.Value, row.Detail, step, codes);
            await audit.AddAsync(tx, me, "person.second-step-on", $"person:{me.Id}", caller.Address);
            return new TurnedOn(await GoOnAsync(tx, me, caller, now), codes);
        }, ct);
    }

    public async Task<Changed?> TurnOffAsync(CurrentPerson me, string password, Caller caller, CancellationToken ct)
    {
        if (!await ProvesAsync(me, password, caller, ct)) return null;
        var now = time.GetCurrentInstant();
        return await db.WriteAsync(async tx =>
        {
            await CredentialStore.SetTotpAsync(tx, me.Id!.Value, null, 0, []);
            await audit.AddAsync(tx, me, "person.second-step-off", $"person:{me.Id}", caller.Address);
            return new Changed(await GoOnAsync(tx, me, caller, now), []);
        }, ct);
    }

    public async Task<Changed?> NewCodesAsync(CurrentPerson me, string password, Caller caller, CancellationToken ct)
    {
        if (!await ProvesAsync(me, password, caller, ct)) return null;
        return await db.WriteAsync(async tx =>
        {
            var codes = NewCodes();
            await CredentialStore.SetRecoveryCodesAsync(tx, me.Id!.Value, codes);
            await audit.AddAsync(tx, me, "person.recovery-codes", $"person:{me.Id}");
            return new Changed(null, codes);
        }, ct);
    }

    /// <summary>
    /// Whether the person himself sits there, before something is made that lasts longer than his session: by his password,
    /// or, where he has none, by a sign-in of the last minutes.
    /// </summary>
    public async Task<bool> ConfirmsAsync(CurrentPerson me, string password, Caller caller, CancellationToken ct)
    {
        if (me.Id is not { } id || await credentials.GetAsync(id, ct) is not { } person) return false;
        if (person.HasPassword) return await ProvesAsync(me, password, caller, ct);
        return me.SignedInAt is { } since && time.GetCurrentInstant() - since <= Limits.FreshSignIn;
    }

    // A thief of an open session must not be able to guess the password here without the lock of the front door.
    private async Task<bool> ProvesAsync(CurrentPerson me, string password, Caller caller, CancellationToken ct)
    {
        if (me.Id is not { } id || await credentials.GetAsync(id, ct) is not { } person) return false;
        if (password.Length > Limits.PasswordLengthMax) password = "";
        var guess = await credentials.GuessAsync(person.Email, caller, time.GetCurrentInstant(), ct);
        var right = await passwords.IsRightAsync(guess?.Person?.PasswordHash, password, ct) && guess is not null;
        if (right) await db.WriteAsync(tx => CredentialStore.ForgiveAsync(tx, person.Email, caller), ct);
        return right;
    }

    private static Task<NewSession> GoOnAsync(Tx tx, CurrentPerson me, Caller caller, Instant now)
        => SessionStore.StartAsync(tx, me.Id!.Value, caller.UserAgent, caller.Address, now);

    private static string[] NewCodes() => [.. Enumerable.Range(0, Limits.RecoveryCodes).Select(_ => RecoveryCode.New())];
}
