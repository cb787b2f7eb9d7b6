using System.Collections.Frozen;
using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Settings;

/// <summary>What the administrators have decided. Reads are from memory; a change is seen by the next read.</summary>
public sealed class SettingStore(Db db, SettingCatalog catalog, SecretBox box, AuditLog audit, Outbox outbox, TimeProvider time)
{
    /// <summary>The outbox's topic of a change; its payload is a <see cref="SettingChanged"/>.</summary>
    public const string ChangedTopic = "setting.changed";

    private readonly Lock changing = new();
    private FrozenDictionary<string, string>? cache;
    private int changes;

    public async ValueTask<string> TextAsync(Setting setting, CancellationToken ct)
    {
        Check.That(setting.Kind is SettingKind.Text or SettingKind.Choice);
        return await RawAsync(setting, ct);
    }

    public async ValueTask<long> NumberAsync(Setting setting, CancellationToken ct)
    {
        Check.That(setting.Kind == SettingKind.Number);
        return long.Parse(await RawAsync(setting, ct));
    }

    public async ValueTask<bool> FlagAsync(Setting setting, CancellationToken ct)
    {
        Check.That(setting.Kind == SettingKind.Flag);
        return await RawAsync(setting, ct) == "1";
    }

    /// <summary>The secret itself, or null when none was given.</summary>
    /// <exception cref="UserException">It was written with another key.</exception>
    public async ValueTask<string?> SecretAsync(Setting setting, CancellationToken ct)
    {
        Check.That(setting.Kind == SettingKind.Secret);
        return await RawAsync(setting, ct) is { Length: > 0 } value ? box.Open(value, setting.Key) : null;
    }

    /// <summary>The value as its field shows it; a secret is never shown.</summary>
    internal async ValueTask<string> ShownAsync(Setting setting, CancellationToken ct)
    {
        Check.That(setting.Kind != SettingKind.Secret);
        return await RawAsync(setting, ct);
    }

    /// <summary>Whether it was ever given; for secrets, all that a page may know.</summary>
    public async ValueTask<bool> IsGivenAsync(Setting setting, CancellationToken ct) => (await ValuesAsync(ct)).ContainsKey(setting.Key);

    /// <summary>Writes all of <paramref name="typed"/> or, when one is wrong, nothing.</summary>
    /// <param name="typed">Key and value. A secret that is missing here stays as it is; an empty one is forgotten.</param>
    /// <returns>What is wrong, by key; empty when it was written.</returns>
    public async Task<IReadOnlyDictionary<string, string>> ChangeAsync(
        IReadOnlyDictionary<string, string> typed, CurrentPerson me, CancellationToken ct)
    {
        var mistakes = new Dictionary<string, string>();
        foreach (var (key, value) in typed)
            if (catalog.Find(key) is not { } setting) mistakes[key] = "There is no such setting.";
            else if (setting.Mistake(value) is { } mistake) mistakes[key] = mistake;
        if (mistakes.Count > 0) return mistakes;
        await db.WriteAsync(tx => WriteAsync(tx, typed, me), ct);
        return mistakes;
    }

    private async Task WriteAsync(Tx tx, IReadOnlyDictionary<string, string> typed, CurrentPerson me)
    {
        var before = await ReadAsync(tx);
        foreach (var (key, value) in typed)
        {
            var setting = catalog.Find(key)!;
            var isSecret = setting.Kind == SettingKind.Secret;
            if (!isSecret && before.GetValueOrDefault(key, setting.Default) == value) continue;
            if (isSecret && value.Length == 0)
            {
                if (await tx.ExecuteAsync("delete from setting where key = @key", new { key }) == 0) continue;
            }
            else
            {
                await tx.ExecuteAsync("""
                    insert into setting (key, value, changed_at, changed_by) values (@key, @value, @now, @by)
                    on conflict (key) do update
                    set value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by
                    """, new { key, value = isSecret ? box.Seal(value, key) : value, now = time.GetCurrentInstant(), by = me.Label });
            }
            await audit.AddAsync(tx, me, "setting.change", $"setting:{key}", isSecret ? (value.Length == 0 ? "forgotten" : "given")
                : $"{before.GetValueOrDefault(key, setting.Default)} -> {value}");
            await outbox.AddAsync(tx, ChangedTopic, new SettingChanged(key));
        }
        tx.AfterCommit(Forget);
    }

    private async ValueTask<string> RawAsync(Setting setting, CancellationToken ct)
        => (await ValuesAsync(ct)).GetValueOrDefault(setting.Key, setting.Default);

    private async ValueTask<FrozenDictionary<string, string>> ValuesAsync(CancellationToken ct)
    {
        if (cache is { } known) return known;
        int before;
        lock (changing) before = changes;
        var values = (await db.ReadAsync(ReadAsync, ct)).ToFrozenDictionary();
        // What was read before a change must not be remembered after it.
        lock (changing)
            if (before == changes) cache = values;
        return values;
    }

    private void Forget()
    {
        lock (changing) (cache, changes) = (null, changes + 1);
    }

    private static async Task<Dictionary<string, string>> ReadAsync(Tx tx)
        => (await tx.QueryAsync<(string Key, string Value)>("select key, value from setting")).ToDictionary(r => r.Key, r => r.Value);
}

/// <summary>Tells what changed, never to what.</summary>
public sealed record SettingChanged(string Key);
