using System.Text;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Wiki.Git;
using NodaTime;

namespace Mithi.Wiki;

/// <summary>Pages as they are shown, their history, and saving them.</summary>
internal sealed class WikiStore(Db db, Repositories repositories, WikiIndex index)
{
    private const string Columns = "path, title, blob, body, changed_at, changed_by";

    public Task<IReadOnlyList<PageLine>> TreeAsync(Section section, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<PageLine>(
            "select path, title, changed_at from wiki_page where section = @Slug order by case when path = 'index' then 0 else 1 end, path",
            new { section.Slug }), ct);

    public Task<WikiPage?> PageAsync(Section section, PagePath path, CancellationToken ct)
        => db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<WikiPage>(
            $"select {Columns} from wiki_page where section = @Slug and path = @Value", new { section.Slug, path.Value }), ct);

    /// <param name="before">Only changes with a smaller id; 0 for the newest.</param>
    public Task<IReadOnlyList<PageChange>> HistoryAsync(Section section, PagePath path, long before, CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<PageChange>("""
            select id, commit_sha, blob_before, blob_after, author, summary, changed_at from wiki_change
            where section = @Slug and path = @Value and (@before = 0 or id < @before) order by id desc limit @most
            """, new { section.Slug, path.Value, before, most = Limits.ChangesPerPage + 1 }), ct);

    /// <summary>One change with both texts; null when that commit did not touch the page.</summary>
    public async Task<(PageChange Change, string Before, string After)?> ChangeAsync(
        Section section, PagePath path, string commit, CancellationToken ct)
    {
        var change = await db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<PageChange>("""
            select id, commit_sha, blob_before, blob_after, author, summary, changed_at from wiki_change
            where section = @Slug and path = @Value and commit_sha = @commit
            """, new { section.Slug, path.Value, commit }), ct);
        if (change is null) return null;
        return await repositories.WithAsync(section, git => (change, Text(git, change.BlobBefore), Text(git, change.BlobAfter)), ct);
    }

    /// <summary>Commits a page. What somebody else saved in between is never overwritten.</summary>
    public async Task<SaveResult> SaveAsync(Section section, PagePath path, PageForm form, CurrentPerson me, Instant now, CancellationToken ct)
    {
        var edit = new PageEdit(path, form.BaseBlob, Encoding.UTF8.GetBytes(form.Body));
        var summary = form.Summary.Length > 0 ? form.Summary : form.BaseBlob.Length == 0 ? $"Add {path}" : $"Edit {path}";
        var result = await repositories.WithAsync(section, git => git.Commit([edit], me.Name, me.Email, summary, now), ct);
        // From here the words are in git: whoever closes the browser now must not leave them out of the index.
        await index.CatchUpAsync(section, CancellationToken.None);
        return result switch
        {
            CommitResult.Stale stale => new SaveResult.Stale(stale.CurrentBlob, await ReadAsync(section, stale.CurrentBlob, ct)),
            CommitResult.Unchanged => new SaveResult.Saved(""),
            CommitResult.Committed done => new SaveResult.Saved(done.Sha),
            _ => throw new InvalidOperationException($"{result} is no result of a commit."),
        };
    }

    private Task<string> ReadAsync(Section section, string blob, CancellationToken ct)
        => repositories.WithAsync(section, git => Text(git, blob), ct);

    private static string Text(SectionRepository git, string blob) => blob.Length == 0 ? "" : git.Read(blob) ?? "";
}

/// <summary>A line of the tree.</summary>
public sealed record PageLine(string Path, string Title, Instant ChangedAt);

/// <param name="Blob">Git's id of <paramref name="Body"/>.</param>
/// <param name="Body">The source, front matter and all.</param>
public sealed record WikiPage(string Path, string Title, string Blob, string Body, Instant ChangedAt, string ChangedBy);

/// <summary>A line of a page's history.</summary>
public sealed record PageChange(long Id, string CommitSha, string BlobBefore, string BlobAfter, string Author, string Summary, Instant ChangedAt);

/// <summary>What became of a save.</summary>
public abstract record SaveResult
{
    /// <param name="Commit">Empty when nothing had changed.</param>
    public sealed record Saved(string Commit) : SaveResult;

    /// <summary>Somebody saved in between; nothing was overwritten.</summary>
    public sealed record Stale(string CurrentBlob, string CurrentBody) : SaveResult;
}
