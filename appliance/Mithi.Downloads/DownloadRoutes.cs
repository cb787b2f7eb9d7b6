using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Downloads.Pages;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Downloads;

internal static class DownloadRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/downloads").Needs(Permission.ReleaseRead);
        pages.MapGet("", ProductsAsync);
        pages.MapGet("/{product}", VersionsAsync);
    }

    private static async Task<IResult> ProductsAsync(CurrentPerson me, ReleaseStore store, Entitled entitled, CancellationToken ct)
        => Products.Create([.. (await SeenAsync("", me, store, entitled, ct)).GroupBy(r => r.Product).Select(g => new ProductLine(g.Key, g.First(), g.Count()))]);

    private static async Task<IResult> VersionsAsync(
        string product, CurrentPerson me, ReleaseStore store, Entitled entitled, Linkifier links, CancellationToken ct)
    {
        var releases = await SeenAsync(product, me, store, entitled, ct);
        if (releases.Count == 0) return TypedResults.NotFound();
        var lines = new List<ReleaseLine>();
        foreach (var release in releases)
        {
            var fixes = await links.ToHtmlAsync(string.Join(' ', release.FixedTickets.Select(f => $"#{f}")), me, ct);
            lines.Add(new(release, await entitled.MayAsync(me, release, ct), fixes, await links.ToHtmlAsync(release.Notes, me, ct)));
        }
        return Versions.Create(new(product, lines));
    }

    private static async Task<IReadOnlyList<Release>> SeenAsync(
        string product, CurrentPerson me, ReleaseStore store, Entitled entitled, CancellationToken ct)
    {
        var seen = new List<Release>();
        foreach (var release in await store.ListAsync(product, ct))
            if (await entitled.SeesAsync(me, release, ct)) seen.Add(release);
        return seen;
    }
}
