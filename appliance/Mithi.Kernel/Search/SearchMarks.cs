namespace Mithi.Kernel.Search;

/// <summary>Words in a column of SQLite's index that no text can put there: what a document is and within whose reach it lies.</summary>
internal static class SearchMarks
{
    public static string Of(SearchDocument document) => string.Join(' ', Marks(document));

    public static string Kind(string kind) => $"k{kind.Replace("-", "", StringComparison.Ordinal)}";

    /// <summary>A condition of FTS5 on the marks that one part of a reader's reach has.</summary>
    public static string Query(ReachPart part, string? kind)
    {
        var all = new List<string> { Any([.. part.Permissions.Select(p => $"p{p.ToString().ToLowerInvariant()}")]) };
        if (kind is not null) all.Add(Any([Kind(kind)]));
        if (part.Organisations is { } organisations) all.Add(Any([.. organisations.Select(o => $"o{o}")]));
        if (part.Maker is { } maker) all.Add(Any([$"m{maker}"]));
        return string.Join(" AND ", all);
    }

    private static IEnumerable<string> Marks(SearchDocument document)
    {
        yield return Kind(document.Kind);
        yield return $"p{document.Permission.ToString().ToLowerInvariant()}";
        if (document.OrganisationId is { } organisation) yield return $"o{organisation.Value}";
        if (document.Maker is { } maker) yield return $"m{maker.Value}";
    }

    private static string Any(IReadOnlyList<string> marks) => $"(marks : ({string.Join(" OR ", marks.Select(m => $"\"{m}\""))}))";
}
