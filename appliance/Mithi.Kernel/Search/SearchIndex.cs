using System.Text;
using Dapper;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Search;

/// <summary>Finds words in what the modules put here, and shows each reader only what he may read.</summary>
/// <remarks>
/// SQLite's FTS5 or PostgreSQL's tsvector behind it. Who may read is decided in the statement that finds and the one
/// that counts, so neither a hit nor a number tells of what is out of reach. The engines find and count; ranking and
/// snippets are ours, so that a million tickets cost no more than the newest of them.
/// </remarks>
public sealed class SearchIndex(Db db, TimeProvider time)
{
    private const string WithinReach = """
        (r.sees_all = 1 or ((r.me = 0 or d.maker_id = r.me)
            and (d.organisation_id = r.home or (r.partner = 1
                and exists (select 1 from organisation o where o.id = d.organisation_id and o.partner_id = r.home)))))
        """;

    /// <summary>Adds the document, or replaces the one of the same kind and id; does nothing when it is there as it is.</summary>
    public Task PutAsync(Tx tx, SearchDocument document) => tx.ExecuteAsync("""
        insert into search_document (kind, item, title, body, url, permission, organisation_id, maker_id, language, grows, marks, changed_at)
        values (@Kind, @Id, @title, @body, @Url, @permission, @organisation, @maker, @Language, @Grows, @marks, @now)
        on conflict (kind, item) do update set title = excluded.title, body = excluded.body, url = excluded.url,
            permission = excluded.permission, organisation_id = excluded.organisation_id, maker_id = excluded.maker_id,
            language = excluded.language, grows = excluded.grows, marks = excluded.marks, changed_at = excluded.changed_at
        where search_document.title <> excluded.title or search_document.body <> excluded.body or search_document.url <> excluded.url
            or search_document.marks <> excluded.marks or search_document.language <> excluded.language
        """, new
    {
        document.Kind, document.Id, title = Clean(document.Title, Limits.TitleCharsMax), body = Clean(document.Body, Limits.BodyCharsMax),
        document.Url, permission = document.Permission.ToString(), organisation = document.OrganisationId?.Value,
        maker = document.Maker?.Value, document.Language, document.Grows, marks = SearchMarks.Of(document), now = time.GetCurrentInstant(),
    });

    public Task RemoveAsync(Tx tx, string kind, string id)
        => tx.ExecuteAsync("delete from search_document where kind = @kind and item = @id", new { kind, id });

    /// <summary>Forgets a kind as a whole, before it is put in anew.</summary>
    public Task ClearAsync(string kind, CancellationToken ct)
        => db.WriteAsync(tx => tx.ExecuteAsync("delete from search_document where kind = @kind", new { kind }), ct);

    /// <summary>The best of what this reader may see: what is about the words before what only mentions them.</summary>
    /// <param name="kind">Only this kind; null for all.</param>
    /// <param name="page">From 0.</param>
    public async Task<SearchResult> FindAsync(SearchQuery query, CurrentPerson me, string? kind, int page, CancellationToken ct)
    {
        if (query.IsEmpty || page < 0 || page >= Limits.PagesMax) return new([], 0);
        return await db.ReadAsync(async tx =>
        {
            var (still, grown) = (new List<long>(), new List<long>());
            long total = 0;
            foreach (var part in await ReachPart.OfAsync(tx, me))
                foreach (var grows in (bool[])[false, true])
                {
                    var hits = new SearchHits(tx, query, part, grows, kind, null);
                    var ids = await hits.NewestAsync(Limits.RankedMax);
                    (grows ? grown : still).AddRange(ids);
                    total += ids.Count < Limits.RankedMax ? ids.Count : await hits.CountAsync(Limits.CountMax);
                }
            var order = await OrderAsync(tx, query, still, [.. grown.OrderDescending().Take(Limits.RankedMax)]);
            return new SearchResult(await RowsAsync(tx, query, me, [.. order.Skip(page * Limits.PageRows).Take(Limits.PageRows)]), Math.Min(total, Limits.CountMax));
        }, ct);
    }

    /// <summary>Items of one kind that grows, the newest that this reader may see.</summary>
    /// <param name="organisation">Only this one's; null: all within reach.</param>
    public static async Task<IReadOnlyList<string>> NewestAsync(Tx tx, SearchQuery query, CurrentPerson me, string kind, OrganisationId? organisation, int most)
    {
        if (query.IsEmpty) return [];
        var ids = new List<long>();
        foreach (var part in await ReachPart.OfAsync(tx, me))
            ids.AddRange(await new SearchHits(tx, query, part, grows: true, kind, organisation).NewestAsync(most));
        return ids.Count == 0 ? [] : await tx.QueryAsync<string>($"select item from search_document where id in ({string.Join(", ", ids.OrderDescending().Take(most))}) order by id desc");
    }

    /// <summary>What is about the words before what mentions them; of each, in turn one that was ranked and one of the newest.</summary>
    private static async Task<IReadOnlyList<long>> OrderAsync(Tx tx, SearchQuery query, IReadOnlyList<long> still, IReadOnlyList<long> grown)
    {
        var texts = (await TextsAsync(tx, "substr(body, 1, 20000)", still)).OrderByDescending(t => SearchRank.Score(query, t.Title, t.Body)).ThenBy(t => t.Id);
        var titles = (await TextsAsync(tx, "''", grown)).OrderByDescending(t => t.Id);
        var (ranked, newest) = (texts.ToLookup(t => SearchRank.IsAbout(query, t.Title), t => t.Id), titles.ToLookup(t => SearchRank.IsAbout(query, t.Title), t => t.Id));
        return [.. InTurn([.. ranked[true]], [.. newest[true]]), .. InTurn([.. ranked[false]], [.. newest[false]])];
    }

    private static async Task<IReadOnlyList<TextRow>> TextsAsync(Tx tx, string body, IReadOnlyList<long> ids) => ids.Count == 0 ? []
        : await tx.QueryAsync<TextRow>($"select id, title, {body} as body from search_document where id in ({string.Join(", ", ids)})");

    private static IEnumerable<long> InTurn(long[] first, long[] second)
    {
        for (var i = 0; i < Math.Max(first.Length, second.Length); i++)
        {
            if (i < first.Length) yield return first[i];
            if (i < second.Length) yield return second[i];
        }
    }

    /// <summary>The rows to show, in this order. Who may read is asked once more, of the rows themselves.</summary>
    private static async Task<IReadOnlyList<SearchHit>> RowsAsync(Tx tx, SearchQuery query, CurrentPerson me, IReadOnlyList<long> ids)
    {
        if (ids.Count == 0) return [];
        var (reach, values) = ReachOf(me);
        var rows = await tx.QueryAsync<HitRow>($"""
            with {reach} select d.id, d.kind, d.item, d.title, d.url, d.language, d.body
            from search_document d join reach r on r.permission = d.permission where d.id in ({string.Join(", ", ids)}) and {WithinReach}
            """, values);
        var byId = rows.ToDictionary(r => r.Id);
        return [.. ids.Where(byId.ContainsKey).Select(id => byId[id]).Select(r => new SearchHit(r.Kind, r.Item, r.Title, r.Url, r.Language, SearchRank.Snippet(query, r.Body)))];
    }

    /// <summary>The reader's reach as a little table, one row a permission that he has.</summary>
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
        return ($"reach (permission, sees_all, home, partner, me) as (values {string.Join(", ", rows)})", values);
    }

    private static string Clean(string text, int charsMax)
    {
        if (text.Length > charsMax) text = text[..charsMax];
        // Half a surrogate pair, from the cut or from broken input, becomes a replacement character: PostgreSQL would refuse it.
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        return string.Concat(text.Where(c => c is '\n' or '\t' || !char.IsControl(c)));
    }

    private sealed record TextRow(long Id, string Title, string Body);

    private sealed record HitRow(long Id, string Kind, string Item, string Title, string Url, string Language, string Body);
}
