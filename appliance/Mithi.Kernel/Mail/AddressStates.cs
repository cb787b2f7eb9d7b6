using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Kernel.Mail;

/// <summary>What is wrong with an address. Stored by name; the later ones outweigh the earlier.</summary>
public enum AddressFault
{
    /// <summary>Its mailbox was full, or its server away: it may get through the next time.</summary>
    SoftBounce,
    /// <summary>Nobody has this address.</summary>
    HardBounce,
    /// <summary>Its owner asked not to be written to by machines.</summary>
    OptOut,
    /// <summary>Its owner reported a mail of ours as abuse.</summary>
    Complaint,
}

/// <param name="SoftBounces">How many since it was last known to be right.</param>
/// <param name="Said">The mail server's words.</param>
public sealed record AddressState(string Email, AddressFault State, long SoftBounces, string Said, Instant ChangedAt)
{
    /// <summary>Whether mail that no person sends by hand goes there.</summary>
    public bool TakesAutomatic => State == AddressFault.SoftBounce;
}

/// <summary>Which addresses mail does not get through to. All SQL of them is here.</summary>
public sealed class AddressStates(Db db, AuditLog audit)
{
    private const int SaidCharsMax = 300;

    public static Task<AddressState?> OfAsync(Tx tx, string email) => tx.QuerySingleOrDefaultAsync<AddressState>(
        "select email, state, soft_bounces, said, changed_at from address_state where email_key = @key", new { key = Email.Key(email) });

    public Task<AddressState?> OfAsync(string email, CancellationToken ct) => db.ReadAsync(tx => OfAsync(tx, email), ct);

    /// <summary>Notes what came back. A lighter fault does not hide a graver one.</summary>
    public static async Task MarkAsync(Tx tx, string email, AddressFault fault, string said, Instant now)
    {
        var before = await OfAsync(tx, email);
        var state = before is null || fault > before.State ? fault : before.State;
        await tx.ExecuteAsync("""
            insert into address_state (email_key, email, state, soft_bounces, said, changed_at) values (@key, @email, @state, @soft, @said, @now)
            on conflict (email_key) do update set state = excluded.state, soft_bounces = excluded.soft_bounces, said = excluded.said, changed_at = excluded.changed_at
            """, new
        {
            key = Email.Key(email), email, state = state.ToString(), now,
            soft = (before?.SoftBounces ?? 0) + (fault == AddressFault.SoftBounce ? 1 : 0),
            said = said.Length > SaidCharsMax ? said[..SaidCharsMax] : said,
        });
    }

    /// <summary>Somebody has found out that the address is right.</summary>
    public Task ClearAsync(string email, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await tx.ExecuteAsync("delete from address_state where email_key = @key", new { key = Email.Key(email) }) > 0)
            await audit.AddAsync(tx, me, "address.clear", $"address:{Email.Key(email)}", email);
    }, ct);
}
