using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Canned.Pages;
using Mithi.Helpdesk.Drafts;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Canned;

/// <summary>Canned answers: their pages, and putting one into what is being written.</summary>
internal static class AnswerRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var answers = routes.MapGroup("/helpdesk/answers").Needs(Permission.TicketWork);
        answers.MapGet("", ListAsync);
        answers.MapGet("/new", (CurrentPerson me) => (IResult)AnswerPage.Create(new(null, AnswerForm.Empty, MayShare(me), null)));
        answers.MapPost("/new", AddAsync).CountsAsWrite();
        answers.MapGet("/{id}", ShowAsync);
        answers.MapPost("/{id}", ChangeAsync).CountsAsWrite();
        answers.MapPost("/{id}/remove", RemoveAsync).CountsAsWrite();
        routes.MapPost("/tickets/{id}/drafts/{kind}/canned", InsertAsync).Needs(Permission.TicketWork).CountsAsWrite();
    }

    private static async Task<IResult> ListAsync(CurrentPerson me, AnswerStore store, CancellationToken ct)
        => AnswersPage.Create(new(await store.ListAsync(me, ct), MayShare(me)));

    private static async Task<IResult> ShowAsync(AnswerId id, CurrentPerson me, AnswerStore store, CancellationToken ct)
        => await store.FindAsync(id, me, ct) is { } answer && AnswerStore.MayEdit(answer, me)
            ? AnswerPage.Create(new(id, new(answer.Name, answer.Body, answer.IsShared), MayShare(me), null)) : TypedResults.NotFound();

    private static async Task<IResult> AddAsync(IFormCollection fields, CurrentPerson me, AnswerStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = AnswerForm.Read(fields);
        if (!errors.Any && await store.AddAsync(form, me, time.GetCurrentInstant(), ct)) return new SeeOther("/helpdesk/answers");
        if (!errors.Any) errors.Add("name", "There are too many already. Remove one first.");
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return AnswerPage.Create(new(null, form, MayShare(me), errors));
    }

    private static async Task<IResult> ChangeAsync(
        AnswerId id, IFormCollection fields, CurrentPerson me, AnswerStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = AnswerForm.Read(fields);
        if (!errors.Any) return await store.ChangeAsync(id, form, me, time.GetCurrentInstant(), ct) ? new SeeOther("/helpdesk/answers") : TypedResults.NotFound();
        if (await store.FindAsync(id, me, ct) is not { } answer || !AnswerStore.MayEdit(answer, me)) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return AnswerPage.Create(new(id, form, MayShare(me), errors));
    }

    private static async Task<IResult> RemoveAsync(AnswerId id, CurrentPerson me, AnswerStore store, CancellationToken ct)
        => await store.RemoveAsync(id, me, ct) ? new SeeOther("/helpdesk/answers") : TypedResults.NotFound();

    /// <summary>A script is given the text for where the cursor stands; without one, it is added to the draft.</summary>
    private static async Task<IResult> InsertAsync(TicketId id, string kind, IFormCollection fields, CurrentPerson me, AnswerStore store, DraftStore drafts,
        TimeProvider time, HttpContext context, CancellationToken ct)
    {
        if (FormText.Name<DraftKind>(kind) is not { } of) return TypedResults.NotFound();
        var text = AnswerId.TryParse(FormText.Line(fields, "canned"), null, out var answer) ? await store.TextAsync(answer, id, me, ct) : null;
        if (context.Request.Headers.ContainsKey("HX-Request")) return text is null ? TypedResults.NotFound() : TypedResults.Text(text, "text/plain; charset=utf-8");
        var body = FormText.Area(fields, "body");
        body = body.Length == 0 ? text ?? "" : text is null ? body : $"{body}\n\n{text}";
        if (body.Length > Limits.BodyCharsMax) return TypedResults.StatusCode(StatusCodes.Status422UnprocessableEntity);
        var then = FormText.Name<TicketState>(FormText.Line(fields, "then"))?.ToString() ?? "";
        var seen = long.TryParse(FormText.Line(fields, "seen"), out var last) ? last : 0;
        return await drafts.KeepAsync(id, of, body, then, seen, me, time.GetCurrentInstant(), ct) == DraftResult.Missing
            ? TypedResults.NotFound() : new SeeOther($"/tickets/{id}#{(of == DraftKind.Reply ? "reply" : "note")}");
    }

    private static bool MayShare(CurrentPerson me) => me.May(Permission.HelpdeskManage);
}
