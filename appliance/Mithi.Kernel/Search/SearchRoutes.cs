using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.People;
using Mithi.Kernel.Search.Pages;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Search;

/// <summary>What was asked and what this reader may see of it.</summary>
/// <param name="Typed">As it was typed.</param>
/// <param name="Page">From 1.</param>
public sealed record SearchModel(string Typed, SearchResult Result, int Page)
{
    public bool Asked => Typed.Trim().Length > 0;

    public bool HasNext => Page * Limits.PageRows < Result.Total && Page < Limits.PagesMax;

    public bool IsCounted => Result.Total < Limits.CountMax;

    public string Link(int page) => $"/search?q={Uri.EscapeDataString(Typed)}&page={page}";
}

internal static class SearchRoutes
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/search", FindAsync).Needs(Permission.SearchUse).CountsAsSearch();

    private static async Task<IResult> FindAsync(string? q, string? page, CurrentPerson me, SearchIndex index, CancellationToken ct)
    {
        var typed = q is { Length: > Limits.QueryCharsMax } ? q[..Limits.QueryCharsMax] : q ?? "";
        var at = int.TryParse(page, out var number) && number is > 0 and <= Limits.PagesMax ? number : 1;
        return SearchPage.Create(new SearchModel(typed, await index.FindAsync(SearchQuery.Parse(typed), me, null, at - 1, ct), at));
    }
}
