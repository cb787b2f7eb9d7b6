using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Fleet.Lines;
using Mithi.Fleet.Releases;
using Mithi.Fleet.Sites.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime.Text;

namespace Mithi.Fleet.Sites;

/// <summary>The board, a site's sheet, its page and its log.</summary>
internal static class SiteRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var sites = routes.MapGroup("/sites");
        sites.MapGet("", BoardAsync).Needs(Permission.SiteRead);
        sites.MapGet("/new", NewAsync).Needs(Permission.SitePlan);
        sites.MapPost("", AddAsync).Needs(Permission.SitePlan);
        sites.MapGet("/{id:long}", ShowAsync).Needs(Permission.SiteRead);
        sites.MapGet("/{id:long}/log", LogAsync).Needs(Permission.SiteRead);
        sites.MapGet("/{id:long}/live", LiveFeed.SendAsync).Needs(Permission.SiteRead);
        sites.MapGet("/{id:long}/sheet", SheetAsync).Needs(Permission.SitePlan);
        sites.MapPost("/{id:long}/sheet", ChangeAsync).Needs(Permission.SitePlan);
    }

    private static async Task<IResult> BoardAsync(
        string? q, string? state, string? page, CurrentPerson me, SiteStore store, SiteLines lines, CancellationToken ct)
    {
        var words = q is { Length: <= Limits.TextCharsMax } ? q : "";
        SiteState? only = Enum.TryParse<SiteState>(state, out var known) && Enum.IsDefined(known) && !char.IsAsciiDigit(state![0]) ? known : null;
        var at = int.TryParse(page, out var number) ? Math.Clamp(number, 1, 1_000_000) : 1;
        var list = await store.ListAsync(words, only, at, me, ct);
        var waiting = await store.RowsAsync([.. lines.Waiting().Select(l => l.Site).Distinct()], me, ct);
        return Board.Create(new(list, waiting, words, only));
    }

    private static async Task<IResult> NewAsync(
        string? organisation, CurrentPerson me, OrganisationStore organisations, KnownReleases releases, CancellationToken ct)
    {
        var choices = await organisations.ChoicesAsync(me, Permission.SitePlan, ct);
        var zone = choices.FirstOrDefault(o => o.Id.ToString() == organisation)?.TimeZone ?? me.Zone.Id;
        return Sheet.Create(new(null, SheetForm.Empty(organisation ?? "", zone), choices, await releases.AllAsync(ct), false));
    }

    private static async Task<IResult> AddAsync(IFormCollection fields, CurrentPerson me, SiteStore store,
        OrganisationStore organisations, KnownReleases releases, HttpContext http, CancellationToken ct)
    {
        var form = SheetForm.Read(fields);
        var sheet = form.ToSheet(null, 1);
        if (!OrganisationId.TryParse(form.Organisation, null, out var organisation)) form.Errors.Add("organisation", "Choose a customer.");
        if (sheet is not null && !form.Errors.Any)
        {
            if (await store.AddAsync(organisation, form.Name, sheet, me, ct) is SiteResult.Done done)
                return new SeeOther($"/sites/{done.Id}");
            form.Errors.Add("organisation", "Choose a customer.");
        }
        http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var choices = await organisations.ChoicesAsync(me, Permission.SitePlan, ct);
        return Sheet.Create(new(null, form.WithoutPasswords(), choices, await releases.AllAsync(ct), false));
    }

    private static async Task<IResult> ShowAsync(long id, CurrentPerson me, SiteView view, CancellationToken ct)
        => await view.PageAsync(new(id), me, ct) is { } page ? Show.Create(page) : TypedResults.NotFound();

    private static async Task<IResult> SheetAsync(long id, CurrentPerson me, SiteStore store, KnownReleases releases, CancellationToken ct)
        => await store.FindAsync(new(id), me, Permission.SitePlan, ct) is { } site
            ? Sheet.Create(new(site.Id, SheetForm.Of(site), [], await releases.AllAsync(ct), false)) : TypedResults.NotFound();

    private static async Task<IResult> ChangeAsync(long id, IFormCollection fields, CurrentPerson me, SiteStore store,
        KnownReleases releases, SiteLines lines, HttpContext http, CancellationToken ct)
    {
        if (await store.FindAsync(new(id), me, Permission.SitePlan, ct) is not { } site) return TypedResults.NotFound();
        var form = SheetForm.Read(fields);
        var sheet = form.ToSheet(site.TheSheet, site.SheetRevision + 1);
        var stale = false;
        if (sheet is not null)
        {
            switch (await store.ChangeAsync(site.Id, form.Name, form.Revision, sheet, me, ct))
            {
                case SiteResult.Done:
                    lines.Wake(site.Id);
                    return new SeeOther($"/sites/{id}");
                case SiteResult.Missing:
                    return TypedResults.NotFound();
                default:
                    stale = true;
                    break;
            }
        }
        http.Response.StatusCode = stale ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity;
        // A stale form keeps what was typed and gets the new revision: sending it again is a decision, not an accident.
        var shown = form.WithoutPasswords();
        return Sheet.Create(new(site.Id, stale ? shown with { Revision = site.SheetRevision } : shown, [], await releases.AllAsync(ct), stale));
    }

    private static async Task<IResult> LogAsync(long id, CurrentPerson me, SiteStore store, CancellationToken ct)
    {
        if (await store.FindAsync(new(id), me, Permission.SiteRead, ct) is not { } site) return TypedResults.NotFound();
        var text = new StringBuilder();
        foreach (var row in await store.LogAsync(site, Limits.LogRowsMax, ct))
            text.Append(InstantPattern.General.Format(row.At)).Append(' ').Append(row.Level).Append(' ').Append(row.Step).Append(' ')
                .Append(row.Text.ReplaceLineEndings(" ")).Append('\n');
        return TypedResults.Bytes(Encoding.UTF8.GetBytes(text.ToString()), "text/plain; charset=utf-8", $"site-{id}.log");
    }
}
