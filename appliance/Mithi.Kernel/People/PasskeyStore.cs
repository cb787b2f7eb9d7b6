using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Passkeys in the tables, in the shape in which the framework's passkey handler asks for them.</summary>
/// <remarks>The handler reads people and passkeys only; everything else of its interface has a store of its own here.</remarks>
public sealed class PasskeyStore(Db db, AuditLog audit) : IUserPasskeyStore<Person>
{
    public Task<IReadOnlyList<Passkey>> OfAsync(PersonId person, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<Passkey>(
            "select credential_id, name, created_at from passkey where person_id = @person order by created_at", new { person }), ct);

    /// <summary>Keeps a new passkey; false when the person has as many as he may have, or it is known already.</summary>
    internal Task<bool> AddAsync(CurrentPerson me, UserPasskeyInfo passkey, string name, Instant now, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            var held = await tx.QuerySingleAsync<long>("select count(*) from passkey where person_id = @Id", new { me.Id });
            if (held >= Limits.PasskeysPerPersonMax) return false;
            var added = await tx.ExecuteAsync("""
                insert into passkey (credential_id, person_id, name, detail, created_at) values (@credential, @person, @name, @detail, @now)
                on conflict (credential_id) do nothing
                """, new { credential = Base64Url.EncodeToString(passkey.CredentialId), person = me.Id, name, detail = PasskeyDetail.Write(passkey), now });
            if (added == 1) await audit.AddAsync(tx, me, "passkey.add", $"person:{me.Id}", name);
            return added == 1;
        }, ct);

    internal Task<bool> RemoveAsync(CurrentPerson me, string credentialId, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            var removed = await tx.ExecuteAsync(
                "delete from passkey where credential_id = @credentialId and person_id = @Id", new { credentialId, me.Id });
            if (removed == 1) await audit.AddAsync(tx, me, "passkey.remove", $"person:{me.Id}");
            return removed == 1;
        }, ct);

    /// <summary>Notes the counter of an authenticator that counts: a copy of it would fall behind.</summary>
    internal static Task UsedAsync(Tx tx, UserPasskeyInfo passkey)
        => tx.ExecuteAsync("update passkey set detail = @detail where credential_id = @id",
            new { id = Base64Url.EncodeToString(passkey.CredentialId), detail = PasskeyDetail.Write(passkey) });

    public async Task<Person?> FindByIdAsync(string userId, CancellationToken cancellationToken)
        => PersonId.TryParse(userId, null, out var id)
            && await db.ReadAsync(tx => PersonStore.GetAsync(tx, id), cancellationToken) is { Disabled: false } person ? person : null;

    public Task<Person?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken)
        => db.ReadAsync(tx => PersonStore.ByEmailAsync(tx, normalizedUserName), cancellationToken);

    public Task<string> GetUserIdAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.Id.ToString());

    public Task<string?> GetUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task<string?> GetNormalizedUserNameAsync(Person user, CancellationToken cancellationToken)
        => Task.FromResult<string?>(Email.Key(user.Email));

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Person user, CancellationToken cancellationToken)
    {
        var rows = await db.ReadAsync(tx => tx.QueryAsync<Row>(
            "select credential_id, detail from passkey where person_id = @Id", new { user.Id }), cancellationToken);
        return [.. rows.Select(r => PasskeyDetail.Read(r.CredentialId, r.Detail))];
    }

    public Task<Person?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
        => db.ReadAsync(async tx =>
        {
            var owner = await tx.QuerySingleOrDefaultAsync<long?>("select person_id from passkey where credential_id = @id",
                new { id = Base64Url.EncodeToString(credentialId) });
            return owner is { } id ? await PersonStore.GetAsync(tx, new(id)) : null;
        }, cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken)
        => await db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<Row>(
            "select credential_id, detail from passkey where credential_id = @credential and person_id = @person",
            new { credential = Base64Url.EncodeToString(credentialId), person = user.Id }), cancellationToken) is { } row
            ? PasskeyDetail.Read(row.CredentialId, row.Detail) : null;

    public Task AddOrUpdatePasskeyAsync(Person user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw Elsewhere();

    public Task RemovePasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken) => throw Elsewhere();

    public Task SetUserNameAsync(Person user, string? userName, CancellationToken cancellationToken) => throw Elsewhere();

    public Task SetNormalizedUserNameAsync(Person user, string? normalizedName, CancellationToken cancellationToken) => throw Elsewhere();

    public Task<IdentityResult> CreateAsync(Person user, CancellationToken cancellationToken) => throw Elsewhere();

    public Task<IdentityResult> UpdateAsync(Person user, CancellationToken cancellationToken) => throw Elsewhere();

    public Task<IdentityResult> DeleteAsync(Person user, CancellationToken cancellationToken) => throw Elsewhere();

    public void Dispose()
    {
        // The database is the host's; there is nothing of our own to let go.
    }

    private static NotSupportedException Elsewhere() => new("People are changed through PersonStore.");

    private sealed record Row(string CredentialId, string Detail);
}

/// <summary>What the framework wants to see of a passkey again, as a row keeps it.</summary>
internal static class PasskeyDetail
{
    private sealed record Kept(byte[] PublicKey, long CreatedAt, uint SignCount, string[]? Transports, bool IsUserVerified,
        bool IsBackupEligible, bool IsBackedUp, byte[] AttestationObject, byte[] ClientDataJson);

    public static string Write(UserPasskeyInfo p) => JsonSerializer.Serialize(new Kept(p.PublicKey, p.CreatedAt.ToUnixTimeMilliseconds(),
        p.SignCount, p.Transports, p.IsUserVerified, p.IsBackupEligible, p.IsBackedUp, p.AttestationObject, p.ClientDataJson));

    public static UserPasskeyInfo Read(string credentialId, string detail)
    {
        var k = JsonSerializer.Deserialize<Kept>(detail)!;
        return new(Base64Url.DecodeFromChars(credentialId), k.PublicKey, DateTimeOffset.FromUnixTimeMilliseconds(k.CreatedAt), k.SignCount,
            k.Transports, k.IsUserVerified, k.IsBackupEligible, k.IsBackedUp, k.AttestationObject, k.ClientDataJson);
    }
}
