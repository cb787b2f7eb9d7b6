using System.Text;
using Dapper;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Search;

/// <summary>Finds words in what the modules put here, and shows each reader only what he may read.</summary>
/// <remarks>
/// SQLite's FTS5 or PostgreSQL's tsvector behind it. Who may read is decided in the statement that finds and the one
/// that counts, so neither a hit nor a number tells of what is out of reach.
/// </remarks>
public sealed class SearchIndex(Db db, TimeProvider time)
{
    // Parts a hit from the text around it in the engines' snippets; taken out of what is put in.
    private const char HitStart = '\u0002', HitEnd = '\u0003';

    private const string WithinReach = """
        (r.sees_all = 1 or ((r.me = 0 or d.maker_id = r.me)
            and (d.organisation_id = r.home or (r.partner = 1
                and exists (select 1 from organisation o where o.id = d.organisation_id and o.partner_id = r.home)))))
        """;

    /// <summary>Adds the document, or replaces the one of the same kind and id.</summary>
    public Task PutAsync(Tx tx, SearchDocument document) => tx.ExecuteAsync("""
        insert into search_document (kind, item, title, body, url, permission, organisation_id, maker_id, language, changed_at)
        values (@Kind, @Id, @title, @body, @Url, @permission, @organisation, @maker, @Language, @now)
        on conflict (kind, item) do update set title = excluded.title, body = excluded.body, url = excluded.url,
            permission = excluded.permission, organisation_id = excluded.organisation_id, maker_id = excluded.maker_id,
            language = excluded.language, changed_at = excluded.changed_at
        """, new
    {
        document.Kind, document.Id, title = Clean(document.Title, Limits.TitleCharsMax), body = Clean(document.Body, Limits.BodyCharsMax),
        document.Url, permission = document.Permission.ToString(), organisation = document.OrganisationId?.Value,
        maker = document.Maker?.Value, document.Language, now = time.GetCurrentInstant(),
    });

    public Task RemoveAsync(Tx tx, string kind, string id)
        => tx.ExecuteAsync("delete from search_document where kind = @kind and item = @id", new { kind, id });

    /// <summary>Forgets a kind as a whole, before it is put in anew.</summary>
    public Task ClearAsync(string kind, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync("delete from search_document where kind = @kind", new { kind }), ct);

    /// <param name="kind">Only this kind; null for all.</param>
    /// <param name="page">From 0.</param>
    public async Task<SearchResult> FindAsync(SearchQuery query, CurrentPerson me, string? kind, int page, CancellationToken ct)
    {
        var (reach, values) = ReachOf(me);
        if (query.IsEmpty || reach.Length == 0 || page < 0 || page >= Limits.PagesMax) return new([], 0);
        values.Add("query", db.Engine == DbEngine.Sqlite ? query.ForSqlite() : query.ForPostgres());
        values.Add("kind", kind ?? "");
        values.Add("rows", Limits.PageRows);
        values.Add("skip", page * Limits.PageRows);
        values.Add("countMax", Limits.CountMax);
        var (find, count) = db.Engine == DbEngine.Sqlite ? Sqlite(reach) : Postgres(reach);
        return await db.ReadAsync(async tx =>
        {
            var rows = await tx.QueryAsync<HitRow>(find, values);
            var total = await tx.QuerySingleAsync<long>(count, values);
            return new SearchResult([.. rows.Select(r => r.ToHit())], total);
        }, ct);
    }

    private static (string Find, string Count) Sqlite(string reach)
    {
        var matching = $"""
            from search_text join search_document d on d.id = search_text.rowid join reach r on r.permission = d.permission
            where search_text match @query and (@kind = '' or d.kind = @kind) and {WithinReach}
            """;
        return ($"""
            with {reach}, best as (select d.id as id, bm25(search_text, 8.0, 1.0) as worth {matching}
                order by worth, d.id limit @rows offset @skip)
            select d.kind, d.item, d.title, d.url, d.language, snippet(search_text, 1, char(2), char(3), '…', 24) as snippet
            from best join search_text on search_text.rowid = best.id join search_document d on d.id = best.id
            where search_text match @query order by best.worth, best.id
            """, $"with {reach} select count(*) from (select 1 {matching} limit @countMax) as counted");
    }

    private static (string Find, string Count) Postgres(string reach)
    {
        var matching = $"""
            from search_document d join reach r on r.permission = d.permission
            where d.words @@ to_tsquery('simple', @query) and (@kind = '' or d.kind = @kind) and {WithinReach}
            """;
        return ($"""
            with {reach}, best as (select d.id as id, ts_rank_cd(d.words, to_tsquery('simple', @query)) as worth {matching}
                order by worth desc, d.id limit @rows offset @skip)
            select d.kind, d.item, d.title, d.url, d.language, ts_headline('simple', d.body, to_tsquery('simple', @query),
                'StartSel=' || chr(2) || ',StopSel=' || chr(3) || ',MaxWords=24,MinWords=12,FragmentDelimiter=…') as snippet
            from best join search_document d on d.id = best.id order by best.worth desc, best.id
            """, $"with {reach} select count(*) from (select 1 {matching} limit @countMax) as counted");
    }

    /// <summary>The reader's reach as a little table, one row a permission that he has; empty when he has none.</summary>
    private static (string Table, DynamicParameters Values) ReachOf(CurrentPerson me)
    {
        var values = new DynamicParameters();
        var rows = new List<string>();
        foreach (var permission in Enum.GetValues<Permission>().Where(me.May))
        {
            var (reach, n) = (me.Reach(permission), rows.Count);
            rows.Add($"(@permission{n}, @all{n}, @home{n}, @partner{n}, @me{n})");
            values.Add($"permission{n}", permission.ToString());
            values.Add($"all{n}", reach.All);
            values.Add($"home{n}", reach.Home);
            values.Add($"partner{n}", reach.Partner);
            values.Add($"me{n}", reach.Me);
        }
        return (rows.Count == 0 ? "" : $"reach (permission, sees_all, home, partner, me) as (values {string.Join(", ", rows)})", values);
    }

    private static string Clean(string text, int charsMax)
    {
        if (text.Length > charsMax) text = text[..charsMax];
        // Half a surrogate pair, from the cut or from broken input, becomes a replacement character: PostgreSQL would refuse it.
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        return string.Concat(text.Where(c => c is '\n' or '\t' || !char.IsControl(c)));
    }

    // Not positional: SQLite does not know the type of a computed column before there is a row.
    private sealed record HitRow
    {
        public string Kind { get; init; } = "";

        public string Item { get; init; } = "";

        public string Title { get; init; } = "";

        public string Url { get; init; } = "";

        public string Language { get; init; } = "";

        public string Snippet { get; init; } = "";

        public SearchHit ToHit()
        {
            var parts = new List<SnippetPart>();
            foreach (var piece in Snippet.Split(HitStart))
            {
                var end = piece.IndexOf(HitEnd);
                if (end >= 0) parts.Add(new(piece[..end], true));
                if (piece.Length > end + 1) parts.Add(new(piece[(end + 1)..], false));
            }
            return new(Kind, Item, Title, Url, Language, parts);
        }
    }
}
