using Dapper;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;

namespace Mithi.Kernel.Search;

/// <summary>What one part of a reader's reach holds of the words: numbers of documents alone, the newest first.</summary>
/// <param name="grows">Of the kinds that grow without end, or of the others.</param>
/// <param name="kind">Only this kind; null: all of them.</param>
/// <param name="organisation">Only this one's; null: all within reach.</param>
internal sealed class SearchHits(Tx tx, SearchQuery query, ReachPart part, bool grows, string? kind, OrganisationId? organisation)
{
    private readonly ReachPart part = organisation is { } one
        ? part with { Organisations = part.Organisations is null || part.Organisations.Contains(one.Value) ? [one.Value] : [] } : part;

    public async Task<IReadOnlyList<long>> NewestAsync(int most)
    {
        if (part.Organisations is []) return [];
        if (tx.Engine == DbEngine.Sqlite)
            return await tx.QueryAsync<long>($"select rowid from {Table} where {Table} match @query order by rowid desc limit @most", Values(most));
        // From the newest on, through more and more of them: sorted as a whole, a common word's hits would take seconds.
        var (found, top) = (new List<long>(), await tx.QuerySingleAsync<long?>("select max(id) from search_document") ?? 0);
        for (var (until, window) = (top, (long)Limits.WindowRows); until > 0 && found.Count < most; until -= window, window *= 8)
        {
            var values = Values(most - found.Count);
            values.Add("until", until);
            values.Add("from", until - window);
            found.AddRange(await tx.QueryAsync<long>($"select d.id from search_document d where {Condition} and d.id > @from and d.id <= @until order by d.id desc limit @most", values));
            if (until <= window) break;
        }
        return found;
    }

    /// <summary>How many there are, counted to a bound.</summary>
    public Task<long> CountAsync(int most) => part.Organisations is [] ? Task.FromResult(0L) : tx.QuerySingleAsync<long>(tx.Engine == DbEngine.Sqlite
        ? $"select count(*) from (select 1 from {Table} where {Table} match @query limit @most) as counted"
        : $"select count(*) from (select 1 from search_document d where {Condition} limit @most) as counted", Values(most));

    private string Table => grows ? "search_grows" : "search_still";

    private string Condition => $"""
        d.words @@ to_tsquery('simple', @query) and d.grows = @grows and d.permission in ({string.Join(", ", part.Permissions.Select(p => $"'{p}'"))})
        {(kind is null ? "" : "and d.kind = @kind")}
        {(part.Organisations is { } organisations ? $"and d.organisation_id in ({string.Join(", ", organisations)})" : "")}
        {(part.Maker is null ? "" : "and d.maker_id = @maker")}
        """;

    private DynamicParameters Values(int most) => tx.Engine == DbEngine.Sqlite
        ? new(new { query = $"{query.ForSqlite()} AND {SearchMarks.Query(part, kind)}", most })
        : new(new { query = query.ForPostgres(), grows, kind, maker = part.Maker, most });
}
