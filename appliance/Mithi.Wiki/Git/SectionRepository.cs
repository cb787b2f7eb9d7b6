using LibGit2Sharp;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Wiki.Git;

/// <summary>A section's bare repository. One thread at a time: libgit2's objects are not shared between threads.</summary>
internal sealed class SectionRepository : IDisposable
{
    private const string Main = "refs/heads/main";
    private readonly Repository git;

    private SectionRepository(Repository git) => this.git = git;

    /// <summary>Opens <c>wiki/SLUG.git</c>, making it when it is missing.</summary>
    public static SectionRepository Open(DataFolder folder, Section section)
    {
        var path = Path.Join(folder.Wiki, $"{section.Slug}.git");
        if (!Repository.IsValid(path)) Repository.Init(path, isBare: true);
        var git = new Repository(path);
        // Only what differs is written: a reader must be served from a full disk, too.
        if (git.Refs["HEAD"]?.TargetIdentifier != Main) git.Refs.UpdateTarget("HEAD", Main);
        // An acknowledged save must survive a power cut, so objects are flushed before the reference names them.
        if (git.Config.Get<bool>("core.fsyncObjectFiles", ConfigurationLevel.Local)?.Value != true)
            git.Config.Set("core.fsyncObjectFiles", true, ConfigurationLevel.Local);
        return new(git);
    }

    /// <summary>The newest commit; empty in an empty repository.</summary>
    public string Head => git.Branches["main"]?.Tip?.Sha ?? "";

    /// <summary>Commits new contents of pages; each is compared with what its writer had seen.</summary>
    public CommitResult Commit(IReadOnlyList<PageEdit> edits, string author, string email, string summary, Instant at)
    {
        var tip = git.Branches["main"]?.Tip;
        var tree = tip is null ? new TreeDefinition() : TreeDefinition.From(tip.Tree);
        var changed = false;
        foreach (var edit in edits)
        {
            var current = tip?.Tree[edit.Path.File]?.Target as Blob;
            if ((current?.Sha ?? "") != edit.BaseBlob) return new CommitResult.Stale(current?.Sha ?? "");
            using var content = new MemoryStream(edit.Content, writable: false);
            var blob = git.ObjectDatabase.CreateBlob(content);
            changed |= blob.Sha != edit.BaseBlob;
            tree.Add(edit.Path.File, blob, Mode.NonExecutableFile);
        }
        if (!changed) return new CommitResult.Unchanged();

        var signature = new Signature(Clean(author), Clean(email), at.ToDateTimeOffset());
        var commit = git.ObjectDatabase.CreateCommit(signature, signature, summary, git.ObjectDatabase.CreateTree(tree),
            tip is null ? [] : [tip], prettifyMessage: true);
        if (tip is null) git.Refs.Add(Main, commit.Id, allowOverwrite: false);
        else git.Refs.UpdateTarget(git.Refs[Main], commit.Id);
        return new CommitResult.Committed(commit.Sha);
    }

    /// <summary>What each commit after <paramref name="indexed"/> did to pages, oldest first.</summary>
    /// <exception cref="LibGit2SharpException">The index names a commit that the repository does not have.</exception>
    public IEnumerable<IndexedCommit> After(string indexed)
    {
        if (Head is not { Length: > 0 } head || head == indexed) yield break;
        var filter = new CommitFilter
        {
            IncludeReachableFrom = head, FirstParentOnly = true, SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Reverse,
        };
        if (indexed.Length > 0) filter.ExcludeReachableFrom = indexed;
        foreach (var commit in git.Commits.QueryBy(filter))
        {
            using var changes = git.Diff.Compare<TreeChanges>(commit.Parents.FirstOrDefault()?.Tree, commit.Tree,
                new CompareOptions { Similarity = SimilarityOptions.None });
            var pages = changes.Select(Change).OfType<IndexedChange>().ToArray();
            yield return new(commit.Sha, commit.Author.Name, commit.MessageShort, Instant.FromDateTimeOffset(commit.Author.When), pages);
        }
    }

    /// <summary>A page's content by git's id; null when there is no such blob.</summary>
    public string? Read(string blob) => git.Lookup<Blob>(blob)?.GetContentText();

    public void Dispose() => git.Dispose();

    private IndexedChange? Change(TreeEntryChanges change)
        => PagePath.OfFile(change.Path) is not { } path ? null : new(path,
            change.OldExists ? change.OldOid.Sha : "", change.Exists ? change.Oid.Sha : "",
            change.Exists ? git.Lookup<Blob>(change.Oid).GetContentText() : "");

    // A name with these would end the header line early.
    private static string Clean(string text)
        => new string([.. text.Where(c => c is not ('<' or '>' or '\n' or '\r' or '\0'))]).Trim() is { Length: > 0 } clean ? clean : "unknown";
}

/// <summary>New content for a page.</summary>
/// <param name="BaseBlob">Git's id of the content that the writer saw; empty for a new page.</param>
internal sealed record PageEdit(PagePath Path, string BaseBlob, byte[] Content);

internal sealed record IndexedCommit(string Sha, string Author, string Summary, Instant At, IReadOnlyList<IndexedChange> Pages);

/// <param name="Before">Git's id of the old content; empty when the page was made.</param>
/// <param name="After">Git's id of the new content; empty when the page was deleted.</param>
internal sealed record IndexedChange(PagePath Path, string Before, string After, string Text);

/// <summary>What became of a commit.</summary>
internal abstract record CommitResult
{
    public sealed record Committed(string Sha) : CommitResult;

    /// <summary>Somebody saved in between.</summary>
    public sealed record Stale(string CurrentBlob) : CommitResult;

    public sealed record Unchanged : CommitResult;
}
