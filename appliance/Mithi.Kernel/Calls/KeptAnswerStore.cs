using System.Security.Cryptography;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.Calls;

/// <summary>Which calls with a key were made, and what they were answered. All SQL of the feature is here.</summary>
internal sealed class KeptAnswerStore(Db db, TimeProvider time)
{
    private Instant Now => time.GetCurrentInstant();

    public Task<KeptAnswer> FindAsync(KeyedCall call, CancellationToken ct) => db.ReadAsync<KeptAnswer>(async tx =>
    {
        var row = await tx.QuerySingleOrDefaultAsync<Row>("""
            select content_hash, status, content_type, body from kept_answer where caller = @Caller and call_key = @Key and expires_at > @now
            """, new { call.Caller, call.Key, now = Now });
        if (row is not null)
            return !CryptographicOperations.FixedTimeEquals(row.ContentHash, call.Hash) ? new KeptAnswer.OtherContent()
                : row.Status is { } status ? new KeptAnswer.Given((int)status, row.ContentType, row.Body ?? []) : new KeptAnswer.Lost();
        var held = await tx.QuerySingleAsync<long>("select count(*) from (select 1 from kept_answer where caller = @Caller limit @most) n",
            new { call.Caller, most = Limits.KeysPerCallerMax });
        return held >= Limits.KeysPerCallerMax ? new KeptAnswer.TooMany() : new KeptAnswer.Unknown();
    }, ct);

    /// <summary>Notes, in the transaction of what the call writes, that it was made. A second one with this key breaks the transaction.</summary>
    public async Task BeginAsync(Tx tx, KeyedCall call)
    {
        var now = Now;
        await tx.ExecuteAsync("delete from kept_answer where caller = @Caller and call_key = @Key and expires_at <= @now", new { call.Caller, call.Key, now });
        await tx.ExecuteAsync("insert into kept_answer (caller, call_key, content_hash, expires_at) values (@Caller, @Key, @Hash, @expires)",
            new { call.Caller, call.Key, call.Hash, expires = now + Limits.KeyLife });
    }

    /// <summary>Keeps what the call was answered, also when it wrote nothing.</summary>
    public Task EndAsync(KeyedCall call, KeptAnswer.Given answer, CancellationToken ct) => db.WriteAsync(tx => tx.ExecuteAsync("""
        insert into kept_answer (caller, call_key, content_hash, status, content_type, body, expires_at)
        values (@Caller, @Key, @Hash, @Status, @ContentType, @Body, @expires)
        on conflict (caller, call_key) do update set content_hash = excluded.content_hash, status = excluded.status,
            content_type = excluded.content_type, body = excluded.body, expires_at = excluded.expires_at
        """, new { call.Caller, call.Key, call.Hash, answer.Status, answer.ContentType, answer.Body, expires = Now + Limits.KeyLife }), ct);

    public Task SweepAsync(CancellationToken ct) => db.WriteAsync(tx => tx.ExecuteAsync("delete from kept_answer where expires_at <= @now", new { now = Now }), ct);

    private sealed record Row(byte[] ContentHash, long? Status, string ContentType, byte[]? Body);
}
