using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Helpdesk.Development;

/// <summary>Issues of product development. All SQL of this feature is here.</summary>
internal static class DevelopmentStore
{
    private const string Columns = """
        i.id, i.title, i.body, i.place, i.state, i.repository, i.number, i.url, i.marker, i.attempted_at, i.there_state, i.created_by, i.created_at, i.updated_at
        """;

    private const string CommentColumns = "c.id, c.author, c.body, c.origin, c.remote_id, c.marker, c.attempted_at, c.at";

    private const string Line = """
        select i.id, i.title, i.place, i.state, i.number, i.url, (select count(*) from development_ticket t where t.issue_id = i.id) as tickets, i.updated_at
        from development_issue i
        """;

    static DevelopmentStore() => RowMapping.AddId<IssueId>();

    public static Task<IReadOnlyList<IssueLine>> ListAsync(Tx tx, IssueState state, long before) => tx.QueryAsync<IssueLine>($"""
        {Line} where i.state = @state and (@before = 0 or i.id < @before) order by i.id desc limit @most
        """, new { state = state.ToString(), before, most = Limits.PageRows + 1 });

    public static Task<IReadOnlyList<IssueLine>> OfTicketAsync(Tx tx, TicketId ticket) => tx.QueryAsync<IssueLine>($"""
        {Line} join development_ticket d on d.issue_id = i.id where d.ticket_id = @ticket order by i.id limit 100
        """, new { ticket });

    public static Task<DevelopmentIssue?> FindAsync(Tx tx, IssueId id)
        => tx.QuerySingleOrDefaultAsync<DevelopmentIssue>($"select {Columns} from development_issue i where i.id = @id", new { id });

    public static Task<DevelopmentIssue?> ByNumberAsync(Tx tx, string repository, long number) => tx.QuerySingleOrDefaultAsync<DevelopmentIssue>(
        $"select {Columns} from development_issue i where lower(i.repository) = lower(@repository) and i.number = @number", new { repository, number });

    public static Task<IReadOnlyList<IssueComment>> CommentsAsync(Tx tx, IssueId id) => tx.QueryAsync<IssueComment>(
        $"select {CommentColumns} from development_comment c where c.issue_id = @id order by c.at, c.id", new { id });

    public static Task<IReadOnlyList<IssueTicket>> TicketsAsync(Tx tx, IssueId id) => tx.QueryAsync<IssueTicket>("""
        select t.id, t.subject, t.state from development_ticket d join ticket t on t.id = d.ticket_id where d.issue_id = @id order by t.id limit 1000
        """, new { id });

    public static Task<IssueId> AddAsync(Tx tx, EscalationDraft draft, string repository, string marker, string by, Instant now) => tx.QuerySingleAsync<IssueId>("""
        insert into development_issue (title, body, place, state, repository, url, marker, there_state, there_at, created_by, created_at, updated_at)
        values (@Title, @Text, @place, 'Open', @repository, '', @marker, 'Open', 0, @by, @now, @now) returning id
        """, new { draft.Title, draft.Text, place = draft.Place.ToString(), repository, marker, by, now });

    /// <returns>Whether they were not tied before.</returns>
    public static async Task<bool> TieAsync(Tx tx, IssueId issue, TicketId ticket) => await tx.ExecuteAsync("""
        insert into development_ticket (issue_id, ticket_id) values (@issue, @ticket) on conflict (issue_id, ticket_id) do nothing
        """, new { issue, ticket }) > 0;

    public static Task AddCommentAsync(Tx tx, IssueId issue, string author, string body, IssuePlace origin, long? remoteId, string marker, Instant at) => tx.ExecuteAsync("""
        insert into development_comment (issue_id, author, body, origin, remote_id, marker, at) values (@issue, @author, @body, @origin, @remoteId, @marker, @at)
        """, new { issue, author, body, origin = origin.ToString(), remoteId, marker, at });

    public static async Task<bool> HasCommentAsync(Tx tx, IssueId issue, long remoteId) => await tx.QuerySingleAsync<long>(
        "select count(*) from development_comment where issue_id = @issue and remote_id = @remoteId", new { issue, remoteId }) > 0;

    /// <summary>A comment of ours that came back: its number there is known from now on.</summary>
    /// <returns>Whether there is one with this marker.</returns>
    public static async Task<bool> KnowCommentAsync(Tx tx, IssueId issue, string marker, long remoteId) => await tx.ExecuteAsync("""
        update development_comment set remote_id = @remoteId where issue_id = @issue and origin = 'Here' and marker = @marker
        """, new { issue, marker, remoteId }) > 0;

    public static Task AttemptAsync(Tx tx, IssueId id, Instant now)
        => tx.ExecuteAsync("update development_issue set attempted_at = coalesce(attempted_at, @now) where id = @id", new { id, now });

    public static Task AttemptCommentAsync(Tx tx, long id, Instant now)
        => tx.ExecuteAsync("update development_comment set attempted_at = coalesce(attempted_at, @now) where id = @id", new { id, now });

    public static async Task<bool> KnowAsync(Tx tx, IssueId id, long number, string url) => await tx.ExecuteAsync(
        "update development_issue set number = @number, url = @url where id = @id and number is null", new { id, number, url }) > 0;

    public static Task SetStateAsync(Tx tx, IssueId id, IssueState state, Instant now)
        => tx.ExecuteAsync("update development_issue set state = @state, updated_at = @now where id = @id", new { id, state = state.ToString(), now });

    /// <param name="at">When it changed there: news of what was before is none any more.</param>
    public static Task SetThereAsync(Tx tx, IssueId id, IssueState state, Instant at) => tx.ExecuteAsync("""
        update development_issue set there_state = @state, there_at = case when there_at > @at then there_at else @at end where id = @id
        """, new { id, state = state.ToString(), at });

    /// <returns>Whether it is news: something that changed there later was not told before.</returns>
    public static async Task<bool> HearAsync(Tx tx, IssueId id, Instant changedAt) => await tx.ExecuteAsync(
        "update development_issue set there_at = @changedAt where id = @id and there_at <= @changedAt", new { id, changedAt }) > 0;

    public static Task TouchAsync(Tx tx, IssueId id, Instant now) => tx.ExecuteAsync("update development_issue set updated_at = @now where id = @id", new { id, now });

    /// <returns>Whether it was never taken before.</returns>
    public static async Task<bool> TakeDeliveryAsync(Tx tx, string id, Instant now) => await tx.ExecuteAsync(
        "insert into development_delivery (id, at) values (@id, @now) on conflict (id) do nothing", new { id, now }) > 0;

    public static Task ForgetDeliveriesAsync(Tx tx, Instant before) => tx.ExecuteAsync("delete from development_delivery where at < @before", new { before });

    public static Task<Instant?> CursorAsync(Tx tx, string repository)
        => tx.QuerySingleOrDefaultAsync<Instant?>("select since from development_cursor where repository = @repository", new { repository });

    public static Task SetCursorAsync(Tx tx, string repository, Instant since) => tx.ExecuteAsync("""
        insert into development_cursor (repository, since) values (@repository, @since) on conflict (repository) do update set since = excluded.since
        """, new { repository, since });

    /// <summary>Since when anything of ours is in a repository; null when nothing is.</summary>
    public static Task<Instant?> FirstAsync(Tx tx, string repository) => tx.QuerySingleOrDefaultAsync<Instant?>(
        "select created_at from development_issue where repository = @repository and number is not null order by created_at limit 1", new { repository });
}
