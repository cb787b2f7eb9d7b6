using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.People;

/// <summary>What those who manage people can do to somebody's credentials: end and reset, never see or set.</summary>
internal sealed class ManagedCredentials(Db db, AuditLog audit, TimeProvider time)
{
    public Task<bool> EndSessionsAsync(PersonId id, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, "person.end-sessions", tx => SessionStore.EndAllAsync(tx, id), ct);

    /// <summary>For whoever lost his telephone and his recovery codes; his sessions end too.</summary>
    public Task<bool> SecondStepOffAsync(PersonId id, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, "person.second-step-off", tx => CredentialStore.SetTotpAsync(tx, id, null, 0, []), ct);

    /// <summary>When somebody else was in the account: what he may have made to come again is gone, and his sessions too.</summary>
    public Task<bool> RemoveKeysAsync(PersonId id, CurrentPerson me, CancellationToken ct)
        => ChangeAsync(id, me, "person.remove-keys", tx => CredentialStore.RemoveKeysAsync(tx, id, time.GetCurrentInstant()), ct);

    private Task<bool> ChangeAsync(PersonId id, CurrentPerson me, string action, Func<Tx, Task> change, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            if (await PersonStore.ManagedAsync(tx, id, me) is null) return false;
            await change(tx);
            await audit.AddAsync(tx, me, action, $"person:{id}");
            return true;
        }, ct);
}
