using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Canned;

/// <summary>Canned answers: each sees his own and the shared ones.</summary>
internal sealed class AnswerStore(Db db)
{
    private const string Columns = "id, owner_id, name, body";
    private const string Seen = "(owner_id is null or owner_id = @myself)";
    private const string Mine = "(owner_id = @myself or (owner_id is null and @manages = 1))";

    static AnswerStore() => RowMapping.AddId<AnswerId>();

    public Task<IReadOnlyList<CannedAnswer>> ListAsync(CurrentPerson me, CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<CannedAnswer>(
        $"select {Columns} from canned_answer where {Seen} order by lower(name), id limit @most", new { myself = Of(me), most = 2 * Limits.AnswersMax }), ct);

    public Task<CannedAnswer?> FindAsync(AnswerId id, CurrentPerson me, CancellationToken ct) => db.ReadAsync(tx
        => tx.QuerySingleOrDefaultAsync<CannedAnswer>($"select {Columns} from canned_answer where id = @id and {Seen}", new { id, myself = Of(me) }), ct);

    /// <summary>The text with everything filled in; null when there is no such answer or ticket for this person.</summary>
    public Task<string?> TextAsync(AnswerId id, TicketId ticket, CurrentPerson me, CancellationToken ct) => db.ReadAsync(async tx =>
        await tx.QuerySingleOrDefaultAsync<CannedAnswer>($"select {Columns} from canned_answer where id = @id and {Seen}", new { id, myself = Of(me) }) is { } answer
        && await TicketStore.FindAsync(tx, ticket, me, Permission.TicketWork) is { } found ? await FillAsync(tx, answer.Body, found, me) : null, ct);

    public static async Task<string> FillAsync(Tx tx, string body, Ticket ticket, CurrentPerson me)
    {
        var organisation = ticket.OrganisationId is { } home ? await OrganisationStore.GetAsync(tx, home) : null;
        return AnswerText.Fill(body, ticket, organisation?.Name ?? "", me.Name);
    }

    /// <summary>False when there is room for no more.</summary>
    public Task<bool> AddAsync(AnswerForm form, CurrentPerson me, Instant now, CancellationToken ct) => db.WriteAsync(async tx => await tx.ExecuteAsync("""
        insert into canned_answer (owner_id, name, body, changed_at) select @owner, @Name, @Body, @now
        where (select count(*) from canned_answer where coalesce(owner_id, 0) = coalesce(@owner, 0)) < @most
        """, new { owner = Owner(form, me), form.Name, form.Body, now, most = Limits.AnswersMax }) > 0, ct);

    /// <summary>False when there is none that this person may change.</summary>
    public Task<bool> ChangeAsync(AnswerId id, AnswerForm form, CurrentPerson me, Instant now, CancellationToken ct) => db.WriteAsync(async tx => await tx.ExecuteAsync($"""
        update canned_answer set owner_id = @owner, name = @Name, body = @Body, changed_at = @now where id = @id and {Mine}
        """, new { id, owner = Owner(form, me), form.Name, form.Body, now, myself = Of(me), manages = Manages(me) }) > 0, ct);

    public Task<bool> RemoveAsync(AnswerId id, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx
        => await tx.ExecuteAsync($"delete from canned_answer where id = @id and {Mine}", new { id, myself = Of(me), manages = Manages(me) }) > 0, ct);

    public static bool MayEdit(CannedAnswer answer, CurrentPerson me) => !answer.IsShared || Manages(me);

    private static bool Manages(CurrentPerson me) => me.May(Permission.HelpdeskManage);

    private static long? Owner(AnswerForm form, CurrentPerson me) => form.Shared && Manages(me) ? null : Of(me);

    private static long Of(CurrentPerson me) => me.Id?.Value ?? 0;
}
