using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>What <c>mithi person</c> does, for whoever has the data folder but no account, or has locked himself out.</summary>
/// <remarks>The node need not run. Links are answered, not mailed: whoever sits at the console hands them over.</remarks>
public static class PersonTasks
{
    private const string Who = "command line";

    /// <summary>Makes a person, and his organisation when there is none of that name; answers the path of his invitation.</summary>
    /// <param name="organisation">Its name. A new one becomes the vendor for staff roles, else a partner or customer.</param>
    /// <exception cref="UserException">The address is taken, or the role does not fit the organisation.</exception>
    public static Task<string> CreateAsync(
        Db db, AuditLog audit, string organisation, Role role, string name, string email, Instant now, CancellationToken ct)
    {
        if (!Email.IsAddress(email)) throw new UserException($"'{email}' is not a mail address.", "Write it like asha@example.org.");
        if (name.Trim().Length is 0 or > Limits.NameLengthMax) throw new UserException("The name is missing or too long.", "Give it with --name.");
        return db.WriteAsync(async tx =>
        {
            var home = await HomeAsync(tx, organisation.Trim(), role, now);
            if (await PersonStore.AddAsync(tx, new(home, role, name.Trim(), email), now) is not PersonResult.Saved saved)
                throw new UserException($"Somebody has the address {email} already.", "mithi person list shows who; mithi person reset sends a new link.");
            await audit.AddAsync(tx, Who, "person.add", $"person:{saved.Id}", $"{email}, {role}");
            return await LinkAsync(tx, saved.Id, OneTimePurpose.Invitation, now);
        }, ct);
    }

    /// <summary>Answers the path of a link that sets a new password; optionally turns the second step off and removes passkeys and tokens.</summary>
    /// <exception cref="UserException">Nobody has the address.</exception>
    public static Task<string> ResetAsync(
        Db db, AuditLog audit, string email, bool secondStepOff, bool removeKeys, Instant now, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            var person = await ByEmailAsync(tx, email);
            if (secondStepOff) await CredentialStore.SetTotpAsync(tx, person.Id, null, 0, []);
            if (removeKeys)
            {
                var removed = await CredentialStore.RemoveKeysAsync(tx, person.Id, now);
                await audit.AddAsync(tx, Who, "person.remove-keys", $"person:{person.Id}", $"{removed.Passkeys} passkeys, {removed.Tokens} tokens");
            }
            await CredentialStore.ForgiveEverywhereAsync(tx, person.Email);
            await audit.AddAsync(tx, Who, "person.password-link", $"person:{person.Id}", secondStepOff ? "second step off" : "");
            return await LinkAsync(tx, person.Id, OneTimePurpose.Password, now);
        }, ct);

    /// <summary>Shuts somebody out, or lets him in again.</summary>
    /// <exception cref="UserException">Nobody has the address, or he is the last administrator.</exception>
    public static Task DisableAsync(Db db, AuditLog audit, string email, bool disabled, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            var person = await ByEmailAsync(tx, email);
            if (await PersonStore.DisableAsync(tx, person, disabled) is PersonResult.LastAdministrator)
                throw new UserException($"{email} is the last administrator of the node.", "Make another one first: mithi person create --role Administrator");
            await audit.AddAsync(tx, Who, disabled ? "person.disable" : "person.enable", $"person:{person.Id}", person.Email);
        }, ct);

    /// <summary>Everybody, by address.</summary>
    public static Task<IReadOnlyList<Person>> ListAsync(Db db, CancellationToken ct) => db.ReadAsync(PersonStore.AllAsync, ct);

    private static async Task<Person> ByEmailAsync(Tx tx, string email) => await PersonStore.ByEmailAsync(tx, email)
        ?? throw new UserException($"Nobody has the address {email}.", "mithi person list shows everybody.");

    private static async Task<OrganisationId> HomeAsync(Tx tx, string name, Role role, Instant now)
    {
        if (name.Length is 0 or > Limits.NameLengthMax) throw new UserException("The organisation's name is missing or too long.", "Give it with --organisation.");
        if (await OrganisationStore.ByNameAsync(tx, name) is { } there)
            return RoleRank.Of(there.Kind).Contains(role) ? there.Id : throw new UserException(
                $"{role} is no role of a {there.Kind}.", $"Choose one of: {string.Join(", ", RoleRank.Of(there.Kind))}");
        var kind = role.IsStaff() ? OrganisationKind.Vendor : role == Role.Partner ? OrganisationKind.Partner : OrganisationKind.Customer;
        if (kind == OrganisationKind.Vendor && await OrganisationStore.VendorAsync(tx) is { } vendor)
            throw new UserException($"There is no organisation {name}.", $"Staff belong to {vendor.Name}: give that name with --organisation.");
        return ((OrganisationResult.Saved)await OrganisationStore.AddAsync(tx, new(kind, name, null, "Asia/Kolkata"), now)).Id;
    }

    private static async Task<string> LinkAsync(Tx tx, PersonId person, OneTimePurpose purpose, Instant now)
    {
        await OneTimeStore.EndAsync(tx, purpose, person, now);
        var life = purpose == OneTimePurpose.Invitation ? Limits.InvitationLife : Limits.PasswordLinkLife;
        return $"/{PasswordLinks.PathOf(purpose)}/{await OneTimeStore.AddAsync(tx, purpose, person, "", life, now)}";
    }
}
