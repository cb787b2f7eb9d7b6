using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Mail;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>What became of a link that sets a password.</summary>
internal abstract record LinkResult
{
    private LinkResult() { }

    public sealed record Gone(OneTimeState State) : LinkResult;

    /// <summary>The link is still good; the new password is not.</summary>
    public sealed record Wrong(Credentials Person, FormErrors Errors) : LinkResult;

    /// <param name="Session">Null when the person still has to sign in, with the code of his authenticator.</param>
    public sealed record Set(NewSession? Session) : LinkResult;
}

/// <summary>Invitations and forgotten passwords: one-time links that set a password.</summary>
internal sealed class PasswordLinks(
    Db db, Passwords passwords, JobQueue jobs, MailQueue mail, Texts texts, Menu menu, AuditLog audit, NodeAddress address, TimeProvider time)
{
    /// <summary>Asks for a link by mail. Whether anybody has the address is found out later, by the job, and never told.</summary>
    public Task AskAsync(string email, Caller caller, CancellationToken ct)
        => db.WriteAsync(tx => jobs.AddAsync(tx, ForgottenJob.JobKind, new Forgotten(Email.Key(email), caller.Address), key: Email.Key(email)), ct);

    /// <summary>Makes a link for somebody within reach of <paramref name="me"/> mails it and ends older ones; null when out of reach.</summary>
    /// <returns>The address of the link, to hand over when no mail arrives.</returns>
    public Task<string?> SendAsync(PersonId id, CurrentPerson me, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            if (await PersonStore.ManagedAsync(tx, id, me) is not { Disabled: false } person) return null;
            var hasPassword = (await CredentialStore.GetAsync(tx, id))?.PasswordHash is not null;
            var purpose = hasPassword ? OneTimePurpose.Password : OneTimePurpose.Invitation;
            await audit.AddAsync(tx, me, hasPassword ? "person.password-link" : "person.invite", $"person:{id}", person.Email);
            await OneTimeStore.EndAsync(tx, purpose, person.Id, time.GetCurrentInstant());
            await MakeAsync(tx, person, purpose);
            // A link of its own: whoever uses this one has not shown that he reads what is mailed to the address.
            return await UrlAsync(tx, person, purpose, "");
        }, ct);

    /// <summary>Makes a link in a transaction of the caller's, and mails it.</summary>
    public async Task<string> MakeAsync(Tx tx, Person person, OneTimePurpose purpose)
    {
        var url = await UrlAsync(tx, person, purpose, Email.Key(person.Email));
        await mail.AddAsync(tx, Letter(person, purpose, url));
        return url;
    }

    /// <param name="mailedTo">The key of the address that alone learns of it, and is confirmed by its use; empty when others see it.</param>
    private async Task<string> UrlAsync(Tx tx, Person person, OneTimePurpose purpose, string mailedTo)
    {
        var life = purpose == OneTimePurpose.Invitation ? Limits.InvitationLife : Limits.PasswordLinkLife;
        var secret = await OneTimeStore.AddAsync(tx, purpose, person.Id, mailedTo, life, time.GetCurrentInstant());
        return $"{address.Public}/{PathOf(purpose)}/{secret}";
    }

    public static string PathOf(OneTimePurpose purpose) => purpose == OneTimePurpose.Invitation ? "invitation" : "new-password";

    public async Task<LinkResult> UseAsync(
        OneTimePurpose purpose, string secret, string password, string again, bool removeKeys, Caller caller, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        var (state, person) = await db.ReadAsync(async tx =>
        {
            var (state, row) = await OneTimeStore.LookAsync(tx, secret, purpose, now);
            return (state, state == OneTimeState.Good ? await CredentialStore.GetAsync(tx, row!.PersonId!.Value) : null);
        }, ct);
        if (person is null) return new LinkResult.Gone(state == OneTimeState.Good ? OneTimeState.Unknown : state);
        var errors = new FormErrors();
        NewPasswordForm.Check(password, again, person.Email, person.Name, errors);
        if (errors.Any) return new LinkResult.Wrong(person, errors);

        var hash = await passwords.HashAsync(password, ct);
        return await db.WriteAsync<LinkResult>(async tx =>
        {
            if (await OneTimeStore.UseAsync(tx, secret, purpose, now) is not { } used) return new LinkResult.Gone(OneTimeState.Used);
            if (used.Detail.Length > 0) await PersonStore.ConfirmAsync(tx, person.Id, used.Detail, now);
            await CredentialStore.SetPasswordAsync(tx, person.Id, hash, now);
            await CredentialStore.ForgiveEverywhereAsync(tx, person.Email);
            await audit.AddAsync(tx, SignIn.As(person.Id, person.Name), "person.password", $"person:{person.Id}", $"by link, {caller.Address}");
            if (removeKeys)
            {
                var removed = await CredentialStore.RemoveKeysAsync(tx, person.Id, now);
                await audit.AddAsync(tx, SignIn.As(person.Id, person.Name), "person.remove-keys", $"person:{person.Id}",
                    $"{removed.Passkeys} passkeys, {removed.Tokens} tokens");
            }
            if (person.HasTotp) return new LinkResult.Set(null);
            var opened = await SignIn.OpenAsync(tx, audit, person, "link", caller, now);
            return new LinkResult.Set(((SignInStep.Done)opened).Session);
        }, ct);
    }

    private OutgoingMail Letter(Person person, OneTimePurpose purpose, string url)
    {
        var t = texts.For(person.Language.Length > 0 ? person.Language : BrowserLanguage.Default);
        var (subject, text) = purpose == OneTimePurpose.Invitation
            ? (t["Your account at {0}", menu.NodeName],
                t["Good day {0},\n\nyou have an account at {1}. Choose a password here within seven days:\n\n{2}\n", person.Name, menu.NodeName, url])
            : (t["A new password at {0}", menu.NodeName],
                t["Good day {0},\n\nsomebody, probably you, asked for a new password at {1}. Set it here within an hour:\n\n{2}\n\nWas it not you? Then do nothing: your password stays as it is.\n", person.Name, menu.NodeName, url]);
        return new() { To = [new(person.Email, person.Name)], Subject = subject, Text = text, HoldsSecret = true };
    }
}

/// <summary>Somebody asked for a new password.</summary>
internal sealed record Forgotten(string Email, string Address);

/// <summary>Makes and mails the link of a forgotten password, if anybody has the address.</summary>
internal sealed class ForgottenJob(Db db, PasswordLinks links, AuditLog audit, TimeProvider time) : IJob
{
    public const string JobKind = "people.forgotten-password";

    public string Kind => JobKind;

    public Task RunAsync(JobRun run, CancellationToken ct)
    {
        var (email, caller) = run.Read<Forgotten>();
        return db.WriteAsync(async tx =>
        {
            if (await PersonStore.ByEmailAsync(tx, email) is not { Disabled: false } person) return;
            var since = time.GetCurrentInstant() - Duration.FromHours(1);
            if (await OneTimeStore.CountAsync(tx, OneTimePurpose.Password, person.Id, since) >= Limits.PasswordLinksPerHourMax) return;
            await links.MakeAsync(tx, person, OneTimePurpose.Password);
            await audit.AddAsync(tx, "public", "person.password-asked", $"person:{person.Id}", caller);
        }, ct);
    }
}
