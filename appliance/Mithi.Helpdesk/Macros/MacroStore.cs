using System.Text.Json;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Macros;

/// <summary>Macros: each sees his own and the shared ones.</summary>
internal sealed class MacroStore(Db db)
{
    private const string Columns = "id, owner_id, name, actions";
    private const string Seen = "(owner_id is null or owner_id = @myself)";
    private const string Mine = "(owner_id = @myself or (owner_id is null and @manages = 1))";

    static MacroStore() => RowMapping.AddId<MacroId>();

    public async Task<IReadOnlyList<Macro>> ListAsync(CurrentPerson me, CancellationToken ct) => [.. (await db.ReadAsync(tx => tx.QueryAsync<MacroRow>(
        $"select {Columns} from macro where {Seen} order by lower(name), id limit @most", new { myself = Of(me), most = 2 * Limits.AnswersMax }), ct)).Select(r => r.ToMacro())];

    public async Task<Macro?> FindAsync(MacroId id, CurrentPerson me, CancellationToken ct) => (await db.ReadAsync(tx
        => tx.QuerySingleOrDefaultAsync<MacroRow>($"select {Columns} from macro where id = @id and {Seen}", new { id, myself = Of(me) }), ct))?.ToMacro();

    /// <summary>False when there is room for no more.</summary>
    public Task<bool> AddAsync(MacroForm form, CurrentPerson me, Instant now, CancellationToken ct) => db.WriteAsync(async tx => await tx.ExecuteAsync("""
        insert into macro (owner_id, name, actions, changed_at) select @owner, @Name, @actions, @now
        where (select count(*) from macro where coalesce(owner_id, 0) = coalesce(@owner, 0)) < @most
        """, new { owner = Owner(form, me), form.Name, actions = Write(form), now, most = Limits.AnswersMax }) > 0, ct);

    /// <summary>False when there is none that this person may change.</summary>
    public Task<bool> ChangeAsync(MacroId id, MacroForm form, CurrentPerson me, Instant now, CancellationToken ct) => db.WriteAsync(async tx => await tx.ExecuteAsync($"""
        update macro set owner_id = @owner, name = @Name, actions = @actions, changed_at = @now where id = @id and {Mine}
        """, new { id, owner = Owner(form, me), form.Name, actions = Write(form), now, myself = Of(me), manages = Manages(me) }) > 0, ct);

    public Task<bool> RemoveAsync(MacroId id, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx
        => await tx.ExecuteAsync($"delete from macro where id = @id and {Mine}", new { id, myself = Of(me), manages = Manages(me) }) > 0, ct);

    public static bool MayEdit(Macro macro, CurrentPerson me) => !macro.IsShared || Manages(me);

    private static string Write(MacroForm form) => JsonSerializer.Serialize(form.Actions, JobJson.Options);

    private static bool Manages(CurrentPerson me) => me.May(Permission.HelpdeskManage);

    private static long? Owner(MacroForm form, CurrentPerson me) => form.Shared && Manages(me) ? null : Of(me);

    private static long Of(CurrentPerson me) => me.Id?.Value ?? 0;

    private sealed record MacroRow(MacroId Id, PersonId? OwnerId, string Name, string Actions)
    {
        public Macro ToMacro() => new(Id, OwnerId, Name, JsonSerializer.Deserialize<TicketActions>(Actions, JobJson.Options)!);
    }
}
