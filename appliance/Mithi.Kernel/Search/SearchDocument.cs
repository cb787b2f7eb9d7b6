using Mithi.Kernel.Data;
using Mithi.Kernel.People;

namespace Mithi.Kernel.Search;

/// <summary>What can be found, and by whom.</summary>
/// <param name="Kind">What it is, like <c>ticket</c>; with <paramref name="Id"/> it names the document.</param>
/// <param name="Id">The thing's id within its kind, such as <c>4711</c> or <c>section/path</c>.</param>
/// <param name="Body">Plain text; cut at a bound.</param>
/// <param name="Url">A path of this node.</param>
/// <param name="Permission">Who may read it, together with the next two.</param>
/// <param name="OrganisationId">Whose it is. Null: only who has the permission over all sees it.</param>
/// <param name="Maker">Who made it, for those who see just their own.</param>
/// <param name="Language">A tag like <c>en</c>.</param>
public sealed record SearchDocument(string Kind, string Id, string Title, string Body, string Url, Permission Permission,
    OrganisationId? OrganisationId, PersonId? Maker, string Language)
{
    /// <summary>One of a kind without end, such as tickets: the newest is what people look for, and ranking all of them would take too long.</summary>
    public bool Grows { get; init; }
}

/// <summary>A module whose things can be found: it can say all of them again, for an index that was lost or has changed.</summary>
/// <remarks>Changes are put into the index by the module itself, in the transaction of the change.</remarks>
public interface ISearchable
{
    /// <summary>The kind of its documents.</summary>
    string Kind { get; }

    /// <summary>Puts everything with <see cref="SearchIndex.PutAsync"/>, in transactions of moderate size.</summary>
    /// <param name="done">Told how many things are done, and how many there are.</param>
    Task ReindexAsync(SearchIndex index, Db db, IProgress<(long Done, long Total)> done, CancellationToken ct);
}

/// <summary>A line of what was found.</summary>
/// <param name="Snippet">The text around the words, in parts.</param>
public sealed record SearchHit(string Kind, string Id, string Title, string Url, string Language, IReadOnlyList<SnippetPart> Snippet);

/// <param name="Text">Plain text, not yet encoded.</param>
/// <param name="IsHit">One of the words that were asked for.</param>
public sealed record SnippetPart(string Text, bool IsHit);

/// <summary>One page of hits.</summary>
/// <param name="Total">How many this reader could see, counted to a bound.</param>
public sealed record SearchResult(IReadOnlyList<SearchHit> Hits, long Total);
