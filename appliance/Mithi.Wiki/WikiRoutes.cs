using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Wiki.Pages;
using Mithi.Wiki.Rendering;

namespace Mithi.Wiki;

internal static class WikiRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/wiki").Needs(Permission.ManualRead);
        read.MapGet("", IResult (CurrentPerson me) => Sections.Create([.. Section.For(me)]));
        read.MapGet("/{section}/{**path}", ShowAsync);

        // The manuals are for everybody; what was once in them, and taken out again, is not. A section still asks for its permission.
        var past = routes.MapGroup("/wiki").ForSignedIn();
        past.MapGet("/history/{section}/{**path}", HistoryAsync);
        past.MapGet("/diff/{commit}/{section}/{**path}", DiffAsync);

        var write = routes.MapGroup("/wiki").Needs(Permission.WikiEdit);
        write.MapGet("/new/{section}", IResult (string section, CurrentPerson me) => Section.Find(section, me) is { } found
            ? Edit.Create(EditModel.New(found)) : TypedResults.NotFound());
        write.MapPost("/new/{section}", AddAsync);
        write.MapGet("/edit/{section}/{**path}", EditAsync);
        write.MapPost("/edit/{section}/{**path}", SaveAsync);
    }

    private static async Task<IResult> ShowAsync(
        string section, string? path, CurrentPerson me, WikiStore store, MarkdownRenderer renderer, CancellationToken ct)
    {
        if (Section.Find(section, me) is not { } found || PagePath.Parse(path) is not { } at) return TypedResults.NotFound();
        var tree = await store.TreeAsync(found, ct);
        if (await store.PageAsync(found, at, ct) is not { } page)
        {
            // A section without a page of its own opens with its list of pages.
            return at.Value == PagePath.Index ? Show.Create(new(found, tree, null, null)) : TypedResults.NotFound();
        }
        var html = await renderer.ToHtmlAsync(page.Blob, PageText.Read(page.Body, page.Path).Markdown, found, page.Path, ct);
        return Show.Create(new(found, tree, page, html));
    }

    private static async Task<IResult> HistoryAsync(
        string section, string? path, CurrentPerson me, WikiStore store, HttpRequest request, CancellationToken ct)
    {
        if (Section.Find(section, me) is not { } found || PagePath.Parse(path) is not { } at) return TypedResults.NotFound();
        _ = long.TryParse(request.Query["before"], out var before);
        var changes = await store.HistoryAsync(found, at, Math.Max(0, before), ct);
        return changes.Count == 0 && before == 0 ? TypedResults.NotFound() : History.Create(new(found, at, await TitleAsync(store, found, at, ct), changes));
    }

    private static async Task<IResult> DiffAsync(
        string commit, string section, string? path, CurrentPerson me, WikiStore store, CancellationToken ct)
    {
        if (Section.Find(section, me) is not { } found || PagePath.Parse(path) is not { } at) return TypedResults.NotFound();
        return await store.ChangeAsync(found, at, commit, ct) is { } known
            ? Difference.Create(new(found, at, await TitleAsync(store, found, at, ct), known.Change, PageDiff.Of(known.Before, known.After)))
            : TypedResults.NotFound();
    }

    // A page that is gone has its history still; then its path has to do.
    private static async Task<string> TitleAsync(WikiStore store, Section section, PagePath path, CancellationToken ct)
        => await store.PageAsync(section, path, ct) is { } page ? page.Title : path.Value;

    private static async Task<IResult> EditAsync(string section, string? path, CurrentPerson me, WikiStore store, CancellationToken ct)
    {
        if (Section.Find(section, me) is not { } found || PagePath.Parse(path) is not { } at) return TypedResults.NotFound();
        return await store.PageAsync(found, at, ct) is { } page
            ? Edit.Create(EditModel.Of(found, at, new(page.Path, page.Body, "", page.Blob)))
            : TypedResults.NotFound();
    }

    private static async Task<IResult> AddAsync(
        string section, IFormCollection fields, CurrentPerson me, WikiStore store, TimeProvider time, HttpResponse response, CancellationToken ct)
    {
        if (Section.Find(section, me) is not { } found) return TypedResults.NotFound();
        var (form, errors) = PageForm.Read(fields);
        var at = PagePath.Parse(form.Path);
        if (form.Path.Length == 0 || at is null)
            errors.Add("path", "Write the path in small letters, digits and hyphens, folders with slashes, like mail/set-up-a-phone.");
        else if (await store.PageAsync(found, at.Value, ct) is not null)
            errors.Add("path", "There is a page with this path already. Choose another one, or edit that page.");
        var model = EditModel.New(found) with { Form = form, Errors = errors };
        return await AnswerAsync(model, at ?? default, fields, me, store, time, response, ct);
    }

    private static async Task<IResult> SaveAsync(string section, string? path, IFormCollection fields, CurrentPerson me, WikiStore store,
        TimeProvider time, HttpResponse response, CancellationToken ct)
    {
        if (Section.Find(section, me) is not { } found || PagePath.Parse(path) is not { } at) return TypedResults.NotFound();
        if (await store.PageAsync(found, at, ct) is null) return TypedResults.NotFound();
        var (form, errors) = PageForm.Read(fields);
        if (form.BaseBlob.Length == 0) errors.Add("", "The form is damaged. Load the page again.");
        return await AnswerAsync(EditModel.Of(found, at, form with { Path = at.Value }) with { Errors = errors }, at, fields, me, store, time, response, ct);
    }

    private static async Task<IResult> AnswerAsync(EditModel model, PagePath at, IFormCollection fields, CurrentPerson me, WikiStore store,
        TimeProvider time, HttpResponse response, CancellationToken ct)
    {
        if (model.Errors.Any)
        {
            response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Edit.Create(model);
        }
        if (fields.ContainsKey("preview")) return Edit.Create(model with { Preview = Preview(model, at) });
        switch (await store.SaveAsync(model.Section, at, model.Form, me, time.GetCurrentInstant(), ct))
        {
            case SaveResult.Stale stale:
                response.StatusCode = StatusCodes.Status409Conflict;
                return Edit.Create(model with
                {
                    Form = model.Form with { BaseBlob = stale.CurrentBlob },
                    Theirs = PageDiff.Of(stale.CurrentBody, model.Form.Body),
                });
            default:
                return new SeeOther($"/wiki/{model.Section.Slug}/{at}");
        }
    }

    private static Microsoft.AspNetCore.Html.HtmlString Preview(EditModel model, PagePath at)
        => new(MarkdownRenderer.Render(PageText.Read(model.Form.Body, at.Value).Markdown, $"/wiki/{model.Section.Slug}/{at}"));
}
