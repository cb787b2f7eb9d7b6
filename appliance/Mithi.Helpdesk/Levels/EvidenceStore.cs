using System.Text.Json;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Levels;

/// <summary>What the levels want to be given. Each change is a new row; no row ever changes.</summary>
internal sealed class EvidenceStore(Db db, AuditLog audit)
{
    public Task<EvidenceList> GetAsync(CancellationToken ct) => db.ReadAsync(GetAsync, ct);

    public static async Task<EvidenceList> GetAsync(Tx tx)
        => await tx.QuerySingleOrDefaultAsync<Row>("select id, questions from level_evidence order by id desc limit 1") is { } row
            ? new(row.Id, JsonSerializer.Deserialize<Dictionary<Level, IReadOnlyList<string>>>(row.Questions, JobJson.Options)!) : EvidenceList.Standard;

    /// <returns>False when somebody else was faster.</returns>
    public Task<bool> SaveAsync(EvidenceList list, CurrentPerson me, Instant now, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if ((await GetAsync(tx)).Version != list.Version) return false;
        var questions = JsonSerializer.Serialize(list.Questions, JobJson.Options);
        await tx.ExecuteAsync("insert into level_evidence (questions, made_at, made_by) values (@questions, @now, @by)", new { questions, now, by = me.Label });
        await audit.AddAsync(tx, me, "helpdesk.evidence", "", questions);
        return true;
    }, ct);

    private sealed record Row(long Id, string Questions);
}
