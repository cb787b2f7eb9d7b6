using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>How a new node gets its first administrator: by a link that only whoever sits at its console sees.</summary>
public sealed class FirstRun(Db db, AuditLog audit, Passwords passwords, TimeProvider time)
{
    /// <summary>A fresh link while the node has no administrator, else null. An older link ends.</summary>
    /// <param name="publicUrl">How the node is reached, without a trailing slash.</param>
    public Task<string?> LinkAsync(string publicUrl, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await PersonStore.AnyAdministratorAsync(tx)) return null;
        var now = time.GetCurrentInstant();
        await OneTimeStore.EndAsync(tx, OneTimePurpose.FirstRun, null, now);
        return $"{publicUrl}/first-run/{await OneTimeStore.AddAsync(tx, OneTimePurpose.FirstRun, null, "", Limits.FirstRunLife, now)}";
    }, ct);

    /// <summary>Makes the organisation and its administrator, and signs him in. A mistake leaves the link good.</summary>
    internal async Task<FirstRunResult> MakeAsync(string secret, FirstRunForm form, Caller caller, CancellationToken ct)
    {
        var hash = await passwords.HashAsync(form.Password, ct);
        var now = time.GetCurrentInstant();
        return await db.WriteAsync<FirstRunResult>(async tx =>
        {
            if (await PersonStore.AnyAdministratorAsync(tx)) return new FirstRunResult.Gone();
            // Sample data and imports may have made people before anybody could sign in.
            if (await PersonStore.ByEmailAsync(tx, form.Email) is not null) return new FirstRunResult.EmailTaken();
            if (await VendorAsync(tx, form, now) is not { } vendor) return new FirstRunResult.NameTaken();
            if (await OneTimeStore.UseAsync(tx, secret, OneTimePurpose.FirstRun, now) is null) return new FirstRunResult.Gone();
            var added = await PersonStore.AddAsync(tx, new(vendor, Role.Administrator, form.Name, form.Email), now);
            var id = ((PersonResult.Saved)added).Id;
            await CredentialStore.SetPasswordAsync(tx, id, hash, now);
            await audit.AddAsync(tx, SignIn.As(id, form.Name), "node.first-run", $"person:{id}", $"{form.Organisation}, {caller.Address}");
            return new FirstRunResult.Made(await SessionStore.StartAsync(tx, id, caller.UserAgent, caller.Address, now));
        }, ct);
    }

    private static async Task<OrganisationId?> VendorAsync(Tx tx, FirstRunForm form, Instant now)
    {
        if (await OrganisationStore.VendorAsync(tx) is { } there) return there.Id;
        var added = await OrganisationStore.AddAsync(tx, new(OrganisationKind.Vendor, form.Organisation, null, form.TimeZone), now);
        return (added as OrganisationResult.Saved)?.Id;
    }
}

/// <summary>What became of the first visit.</summary>
internal abstract record FirstRunResult
{
    private FirstRunResult() { }

    public sealed record Made(NewSession Session) : FirstRunResult;

    public sealed record EmailTaken : FirstRunResult;

    public sealed record NameTaken : FirstRunResult;

    /// <summary>The link was used, or the node has an administrator.</summary>
    public sealed record Gone : FirstRunResult;
}
