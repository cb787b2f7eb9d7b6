using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Mithi.Cli;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Audit;

/// <summary>Who did what, when. Rows are only added; each one's hash covers the row and the hash before it.</summary>
/// <remarks>
/// The hashes are keyed with <c>keys/audit.key</c>: who can change the database alone can't make a chain that verifies.
/// </remarks>
public sealed class AuditLog(Db db, NodeKeys keys, TimeProvider time) : IChainedLog
{
    private const string Columns = "id, at, person_id, label, action, subject, detail, hash";

    private const string KeyName = "audit";

    private readonly Lazy<byte[]> key = new(() => keys.Get(KeyName));

    /// <inheritdoc/>
    public string Name => "Audit log";

    /// <inheritdoc/>
    public string Counted => "entries";

    /// <summary>Adds a row in the transaction that does what it says.</summary>
    /// <param name="action">What was done, like <c>person.sign-in</c>.</param>
    /// <param name="subject">To what, like <c>person:7</c>.</param>
    /// <param name="detail">For people to read; never a secret.</param>
    public Task AddAsync(Tx tx, CurrentPerson who, string action, string subject, string detail = "")
        => AddAsync(tx, who.Id, who.Name.Length > 0 ? who.Name : who.Label, action, subject, detail);

    /// <summary>For the command line, jobs, and sign-ins of whom we do not know yet.</summary>
    public Task AddAsync(Tx tx, string label, string action, string subject, string detail = "")
        => AddAsync(tx, null, label, action, subject, detail);

    /// <summary>For what a person began and the house finished: who it was is known from a row.</summary>
    public async Task AddAsync(Tx tx, PersonId? person, string label, string action, string subject, string detail)
    {
        Check.That(action.Length is > 0 and <= Limits.ActionCharsMax);
        var head = await HeadAsync(tx);
        var row = new AuditRow((head?.LastId ?? 0) + 1, time.GetCurrentInstant(), person?.Value, Cut(label, Limits.LabelCharsMax),
            action, Cut(subject, Limits.SubjectCharsMax), Cut(detail, Limits.DetailCharsMax), "");
        row = row with { Hash = HashOf(head?.Hash ?? "", row) };
        await tx.ExecuteAsync("""
            insert into audit (id, at, person_id, label, action, subject, detail, hash)
            values (@Id, @At, @PersonId, @Label, @Action, @Subject, @Detail, @Hash)
            """, row);
        await tx.ExecuteAsync("""
            insert into audit_head (one, last_id, hash) values (1, @Id, @Hash)
            on conflict (one) do update set last_id = excluded.last_id, hash = excluded.hash
            """, new { row.Id, row.Hash });
    }

    /// <summary>When the newest entry was written; the beginning of time in an empty log.</summary>
    public Task<Instant> NewestAsync(CancellationToken ct)
        => db.ReadAsync(async tx => Instant.FromUnixTimeMilliseconds(await tx.QuerySingleAsync<long?>("select max(at) from audit") ?? 0), ct);

    /// <summary>Reads the whole chain; answers the first row that is not as it was written.</summary>
    public async Task<AuditVerdict> VerifyAsync(CancellationToken ct)
    {
        var hash = "";
        for (long last = 0; ;)
        {
            var (rows, head) = await db.ReadAsync(async tx => (
                await tx.QueryAsync<AuditRow>($"select {Columns} from audit where id > @last order by id limit @most",
                    new { last, most = Limits.VerifyRows }),
                await HeadAsync(tx)), ct);
            if (rows.Count > 0 && !keys.Exists(KeyName)) return new(false, rows[0].Id, NodeKeys.MissingFor(KeyName));
            foreach (var row in rows)
            {
                if (row.Id != last + 1) return new(false, last + 1, $"Entry {last + 1} has been removed.");
                if (row.Hash != HashOf(hash, row)) return new(false, row.Id, $"Entry {row.Id} is not as it was written.");
                (last, hash) = (row.Id, row.Hash);
            }
            if (rows.Count == Limits.VerifyRows) continue;
            if (head is null ? last == 0 : head.LastId == last && head.Hash == hash) return new(true, last, "");
            // A head behind the rows is as wrong as one before them: both are written together.
            return new(false, last + 1, $"The log should end with entry {head?.LastId ?? 0}, but ends with entry {last}.");
        }
    }

    /// <summary>One page, newest first.</summary>
    /// <param name="before">Entries below this id; null for the newest.</param>
    public Task<IReadOnlyList<AuditRow>> PageAsync(AuditFilter filter, long? before, int most, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<AuditRow>($"""
            select {Columns} from audit
            where (@before = 0 or id < @before) and (@Person = 0 or person_id = @Person)
                and (@Action = '' or action = @Action) and (@Subject = '' or subject = @Subject)
            order by id desc limit @most
            """, new { before = before ?? 0, Person = filter.Person?.Value ?? 0, filter.Action, filter.Subject, most }), ct);

    private static Task<AuditHead?> HeadAsync(Tx tx)
        => tx.QuerySingleOrDefaultAsync<AuditHead>("select last_id, hash from audit_head where one = 1");

    /// <summary>HMAC-SHA-256 over the hash before and each field, each with its length before it, so that no two rows read the same.</summary>
    private string HashOf(string before, AuditRow row)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Value);
        foreach (var field in (string[])[before, $"{row.Id}", $"{row.At.ToUnixTimeMilliseconds()}", $"{row.PersonId}",
            row.Label, row.Action, row.Subject, row.Detail])
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // What comes from outside, such as a browser's name, may be any text: no half of a surrogate pair and no NUL gets in.
    private static string Cut(string text, int charsMax)
    {
        if (text.Contains('\0')) text = text.Replace("\0", "");
        if (text.Length > charsMax) text = text[..charsMax];
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    private sealed record AuditHead(long LastId, string Hash);
}
