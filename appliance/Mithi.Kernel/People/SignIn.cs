using System.Net;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Where a sign-in comes from, for the list of sessions and the audit log.</summary>
internal sealed record Caller(string UserAgent, string Address)
{
    /// <summary>What wrong guesses are counted by; never empty.</summary>
    public string Network => IPAddress.TryParse(Address, out var address) ? AddressGate.KeyOf(address) : "?";
}

/// <summary>What a step of a sign-in led to.</summary>
internal abstract record SignInStep
{
    private SignInStep() { }

    /// <summary>Wrong, unknown or shut for a while: the same answer for all three.</summary>
    public sealed record Refused : SignInStep;

    /// <summary>The password was right; a code is still to come.</summary>
    /// <param name="Secret">Goes into the form that asks for it.</param>
    public sealed record CodeNeeded(string Secret) : SignInStep;

    /// <summary>The first step is too long ago.</summary>
    public sealed record Lapsed : SignInStep;

    public sealed record Done(NewSession Session) : SignInStep;
}

/// <summary>Signing in, by password and code or by passkey. Unknown people cost the same time and writes as known ones.</summary>
internal sealed class SignIn(Db db, Passwords passwords, CredentialStore credentials, AuditLog audit, TimeProvider time)
{
    public async Task<SignInStep> ByPasswordAsync(string email, string password, Caller caller, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        var guess = await credentials.GuessAsync(email, caller, now, ct);
        var right = await passwords.IsRightAsync(guess?.Person?.PasswordHash, password, ct);
        return await db.WriteAsync(async tx =>
        {
            if (!right || guess?.Person is not { } person) return await RefuseAsync(tx, email, guess, caller);
            if (!person.HasTotp) return await OpenAsync(tx, person, "password", caller, now);
            await CredentialStore.TakeBackAsync(tx, email, caller);
            return new SignInStep.CodeNeeded(
                await OneTimeStore.AddAsync(tx, OneTimePurpose.SecondStep, person.Id, "", Limits.StepLife, now));
        }, ct);
    }

    /// <param name="code">Six digits of the authenticator, or a recovery code.</param>
    public Task<SignInStep> ByCodeAsync(string secret, string code, Caller caller, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        return db.WriteAsync(async tx =>
        {
            var (state, row) = await OneTimeStore.LookAsync(tx, secret, OneTimePurpose.SecondStep, now);
            if (state != OneTimeState.Good || await CredentialStore.GetAsync(tx, row!.PersonId!.Value) is not { HasTotp: true } person)
                return new SignInStep.Lapsed();
            var guess = await CredentialStore.GuessAsync(tx, person.Email, caller, now);
            if (guess is null || await ProofAsync(tx, person, code, now) is not { } proof)
                return await RefuseAsync(tx, person.Email, guess, caller);
            await OneTimeStore.UseAsync(tx, secret, OneTimePurpose.SecondStep, now);
            return await OpenAsync(tx, person, proof, caller, now);
        }, ct);
    }

    /// <summary>For a passkey that the framework has verified, and for a link that set a password.</summary>
    public static async Task<SignInStep> OpenAsync(
        Tx tx, AuditLog audit, Credentials person, string proof, Caller caller, Instant now)
    {
        await CredentialStore.ForgiveAsync(tx, person.Email, caller);
        var session = await SessionStore.StartAsync(tx, person.Id, caller.UserAgent, caller.Address, now);
        await audit.AddAsync(tx, As(person.Id, person.Name), "person.sign-in", $"person:{person.Id}", $"{proof}, {caller.Address}");
        return new SignInStep.Done(session);
    }

    /// <summary>Somebody as the audit log names him, before the request itself is his.</summary>
    public static CurrentPerson As(PersonId id, string name) => new() { Id = id, Name = name, Zone = DateTimeZone.Utc };

    private Task<SignInStep> OpenAsync(Tx tx, Credentials person, string proof, Caller caller, Instant now)
        => OpenAsync(tx, audit, person, proof, caller, now);

    private static async Task<string?> ProofAsync(Tx tx, Credentials person, string code, Instant now)
    {
        var digits = code.Replace(" ", "");
        if (Totp.StepOf(person.TotpKey!, digits, person.TotpLastStep, now) is { } step)
            return await CredentialStore.UseStepAsync(tx, person.Id, step) ? "password and code" : null;
        return await CredentialStore.UseRecoveryCodeAsync(tx, person, code) ? "password and recovery code" : null;
    }

    private async Task<SignInStep> RefuseAsync(Tx tx, string email, Guess? guess, Caller caller)
    {
        // Whoever types his password into the wrong field must not find it in the log.
        var subject = guess?.Person is { } person ? $"person:{person.Id}" : Email.IsAddress(email) ? $"mail:{Email.Key(email)}" : "mail:?";
        var action = guess is null ? "person.sign-in-locked" : "person.sign-in-refused";
        await audit.AddAsync(tx, "public", action, subject, caller.Address + (guess is { Locks: true } ? ", locked for a while" : ""));
        return new SignInStep.Refused();
    }
}
