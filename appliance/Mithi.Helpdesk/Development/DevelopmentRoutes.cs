using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Development.Pages;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Development;

internal static class DevelopmentRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var work = routes.MapGroup("/development").Needs(Permission.TicketWork);
        work.MapGet("", ListAsync);
        work.MapGet("/{id}", ShowAsync);
        work.MapPost("/{id}/comments", CommentAsync).CountsAsWrite();
        work.MapPost("/{id}/state", SetStateAsync).CountsAsWrite();
        routes.MapPost("/tickets/{id}/escalate", EscalateAsync).Needs(Permission.TicketWork).CountsAsWrite();
        routes.MapPost("/api/tickets/{id}/escalate", EscalateApiAsync).Needs(Permission.TicketWork).CountsAsApi()
            .Says("Gives the ticket to product development.", null, typeof(ApiEscalation), 201);
        routes.MapPost("/hooks/github", GitHubHook.TakeAsync).ForSignedCalls("GitHub signs what it sends").CountsAtTheDoor();
    }

    private static async Task<IResult> ListAsync(string? state, long? before, Db db, CancellationToken ct)
    {
        var shown = FormText.Name<IssueState>(state) ?? IssueState.Open;
        var lines = await db.ReadAsync(tx => DevelopmentStore.ListAsync(tx, shown, Math.Max(0, before ?? 0)), ct);
        var page = lines.Take(Limits.PageRows).ToArray();
        return DevelopmentList.Create(new(shown, page, lines.Count > page.Length ? page[^1].Id.Value : null));
    }

    private static async Task<IResult> ShowAsync(IssueId id, Db db, CancellationToken ct)
        => await PageAsync(id, db, ct) is { } page ? IssueShow.Create(new(page, "", null)) : TypedResults.NotFound();

    private static async Task<IResult> CommentAsync(IssueId id, IFormCollection fields, CurrentPerson me, DevelopmentDesk desk, Db db, CancellationToken ct)
    {
        var body = FormText.Area(fields, "body");
        return await AnswerAsync(await desk.CommentAsync(id, body, me, ct), id, body, db, ct);
    }

    private static async Task<IResult> SetStateAsync(IssueId id, IFormCollection fields, CurrentPerson me, DevelopmentDesk desk, Db db, CancellationToken ct)
        => await AnswerAsync(FormText.Name<IssueState>(FormText.Line(fields, "state")) is { } to ? await desk.SetStateAsync(id, to, me, ct)
            : new IssueResult.Refused("state", "Choose one of the list."), id, "", db, ct);

    private static async Task<IResult> AnswerAsync(IssueResult result, IssueId id, string typed, Db db, CancellationToken ct)
    {
        if (result is IssueResult.Done) return new SeeOther($"/development/{id}");
        return result is IssueResult.Refused refused && await PageAsync(id, db, ct) is { } page
            ? new RefusedForm(IssueShow.Create(new(page, typed, new FormErrors().Add(refused.Field, refused.Message)))) : TypedResults.NotFound();
    }

    private static async Task<IResult> EscalateAsync(TicketId id, IFormCollection fields, CurrentPerson me, DevelopmentDesk desk, TicketView view, CancellationToken ct)
    {
        var form = new EscalationForm(FormText.Line(fields, "title"), FormText.Area(fields, "text"), FormText.Line(fields, "place"), FormText.Line(fields, "existing"));
        var result = Draft(form) is { } draft ? await desk.EscalateAsync(id, draft, me, ct) : new IssueResult.Refused("existing", "There is no issue with this number.");
        if (result is IssueResult.Done) return new SeeOther($"/tickets/{id}");
        if (result is not IssueResult.Refused refused || await view.OfAsync(id, me, ct) is not { } model) return TypedResults.NotFound();
        var errors = new FormErrors().Add(refused.Field, refused.Message);
        return new RefusedForm(TicketShow.Create(model with { Errors = errors, Issues = model.Issues! with { Form = form, Errors = errors } }));
    }

    private static async Task<IResult> EscalateApiAsync(TicketId id, CurrentPerson me, DevelopmentDesk desk, HttpContext context, CancellationToken ct)
    {
        if (await ApiAnswer.ReadAsync<ApiEscalation>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        var form = new EscalationForm(TicketApi.Text(sent.Title).Trim(), TicketApi.Text(sent.Text).Trim(), sent.Place ?? nameof(IssuePlace.Here), $"{sent.Issue}");
        if (FormText.Name<IssuePlace>(form.Place) is null) return ApiAnswer.Invalid(new FormErrors().Add("place", "Choose one of the list."));
        if (form.Title.Any(char.IsControl)) return ApiAnswer.Invalid(new FormErrors().Add("title", "This contains a character that can't be used."));
        if (Draft(form) is not { } draft) return ApiAnswer.Invalid(new FormErrors().Add("issue", "There is no issue with this number."));
        return await desk.EscalateAsync(id, draft, me, ct) switch
        {
            IssueResult.Done done => TypedResults.Json(new { issue = done.Id }, JobJson.Options, statusCode: StatusCodes.Status201Created),
            IssueResult.Refused refused => ApiAnswer.Invalid(new FormErrors().Add(refused.Field, refused.Message)),
            _ => TypedResults.NotFound(),
        };
    }

    /// <summary>Null when it names an issue by what is no number.</summary>
    private static EscalationDraft? Draft(EscalationForm form)
    {
        var place = FormText.Name<IssuePlace>(form.Place) ?? IssuePlace.Here;
        if (form.Existing.Length == 0) return new(form.Title, form.Text, place, null);
        return IdText.TryParse<IssueId>(form.Existing.TrimStart('D', '-'), out var existing) ? new(form.Title, form.Text, place, existing) : null;
    }

    private static Task<IssuePage?> PageAsync(IssueId id, Db db, CancellationToken ct) => db.ReadAsync(async tx => await DevelopmentStore.FindAsync(tx, id) is { } issue
        ? new IssuePage(issue, await DevelopmentStore.CommentsAsync(tx, id), await DevelopmentStore.TicketsAsync(tx, id)) : null, ct);

    private sealed record ApiEscalation(string? Title, string? Text, string? Place, long? Issue);
}
