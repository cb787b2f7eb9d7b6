using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Search;
using Mithi.Wiki.Git;
using Mithi.Wiki.Rendering;

namespace Mithi.Wiki;

/// <summary>Brings the database up to the repositories. Every commit, whatever its door, is indexed here and nowhere else.</summary>
/// <remarks>
/// The reference is moved first and the rows follow, so after a kill in between the next catch-up finds the commit. It
/// runs after each save and when the node starts.
/// </remarks>
internal sealed class WikiIndex(Repositories repositories, Db db, SearchIndex search, Outbox outbox) : ISearchable
{
    public const string SearchKind = "page";

    public string Kind => SearchKind;

    public async Task CatchUpAsync(Section section, CancellationToken ct)
    {
        var indexed = await HeadAsync(section, ct);
        var commits = await repositories.WithAsync(section, git => git.After(indexed).ToArray(), ct);
        foreach (var commit in commits)
        {
            await db.WriteAsync(async tx =>
            {
                // Two saves may catch up at once: whoever comes second finds the head moved and leaves the commit alone.
                var head = await tx.QuerySingleAsync<string>("select head from wiki_section where slug = @Slug", new { section.Slug });
                if (head != indexed) return;
                foreach (var change in commit.Pages) await IndexAsync(tx, section, commit, change);
                await tx.ExecuteAsync("update wiki_section set head = @Sha where slug = @Slug", new { commit.Sha, section.Slug });
            }, ct);
            indexed = commit.Sha;
        }
    }

    public async Task ReindexAsync(SearchIndex index, Db database, IProgress<(long Done, long Total)> done, CancellationToken ct)
    {
        var total = await database.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from wiki_page"), ct);
        var count = 0L;
        foreach (var section in Section.All)
        {
            var pages = await database.ReadAsync(tx => tx.QueryAsync<(string Path, string Title, string Body)>(
                "select path, title, body from wiki_page where section = @Slug order by path", new { section.Slug }), ct);
            foreach (var page in pages)
            {
                await database.WriteAsync(tx => index.PutAsync(tx, Document(section, page.Path, PageText.Read(page.Body, page.Path))), ct);
                done.Report((++count, total));
            }
        }
    }

    private async Task<string> HeadAsync(Section section, CancellationToken ct)
    {
        var known = await db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<string>(
            "select head from wiki_section where slug = @Slug", new { section.Slug }), ct);
        if (known is not null) return known;
        await db.WriteAsync(tx => tx.ExecuteAsync(
            "insert into wiki_section (slug) values (@Slug) on conflict (slug) do nothing", new { section.Slug }), ct);
        return "";
    }

    private async Task IndexAsync(Tx tx, Section section, IndexedCommit commit, IndexedChange change)
    {
        var path = change.Path.Value;
        await tx.ExecuteAsync("""
            insert into wiki_change (section, path, commit_sha, blob_before, blob_after, author, summary, changed_at)
            values (@Slug, @path, @Sha, @Before, @After, @Author, @Summary, @At) on conflict (section, path, commit_sha) do nothing
            """, new { section.Slug, path, commit.Sha, change.Before, change.After, commit.Author, commit.Summary, commit.At });
        if (change.After.Length == 0)
        {
            await tx.ExecuteAsync("delete from wiki_page where section = @Slug and path = @path", new { section.Slug, path });
            await search.RemoveAsync(tx, SearchKind, $"{section.Slug}/{path}");
        }
        else
        {
            var page = PageText.Read(change.Text, path);
            await tx.ExecuteAsync("""
                insert into wiki_page (section, path, page_id, title, blob, body, changed_at, changed_by)
                values (@Slug, @path, @Id, @Title, @After, @Text, @At, @Author)
                on conflict (section, path) do update set page_id = excluded.page_id, title = excluded.title,
                    blob = excluded.blob, body = excluded.body, changed_at = excluded.changed_at, changed_by = excluded.changed_by
                """, new { section.Slug, path, page.Id, page.Title, change.After, change.Text, commit.At, commit.Author });
            await search.PutAsync(tx, Document(section, path, page));
        }
        await outbox.AddAsync(tx, "wiki.changed", new { section = section.Slug, path, commit = commit.Sha });
    }

    private static SearchDocument Document(Section section, string path, PageText page)
        => new(SearchKind, $"{section.Slug}/{path}", page.Title, MarkdownRenderer.PlainText(page.Markdown), $"/wiki/{section.Slug}/{path}", section.Read, null, null, "en");
}
