using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Effort;

internal static class EffortRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tickets/{id}/time", NoteAsync).Needs(Permission.TicketWork).CountsAsWrite();
        routes.MapPost("/api/tickets/{id}/time", NoteApiAsync).Needs(Permission.TicketWork).CountsAsApi().Says("Notes worked time.", null, typeof(ApiTime), 201);
    }

    private static async Task<IResult> NoteAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketEffort effort, TicketView view, CancellationToken ct)
    {
        int? minutes = int.TryParse(FormText.Line(fields, "minutes"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : null;
        var result = await effort.NoteAsync(id, minutes, me, ct);
        if (result is TicketResult.Done) return new SeeOther($"/tickets/{id}");
        if (result is not TicketResult.Refused refused || await view.OfAsync(id, me, ct) is not { } model) return TypedResults.NotFound();
        var errors = new FormErrors().Add(refused.Field, refused.Message);
        return new RefusedForm(TicketShow.Create(model with { Errors = errors, Effort = model.Effort! with { Errors = errors } }));
    }

    private static async Task<IResult> NoteApiAsync(TicketId id, CurrentPerson me, TicketEffort effort, HttpContext context, CancellationToken ct)
    {
        if (await ApiAnswer.ReadAsync<ApiTime>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        return await effort.NoteAsync(id, sent.Minutes, me, ct) switch
        {
            TicketResult.Done done => TypedResults.Json(new { done.Ticket.Id, done.Ticket.Seq }, JobJson.Options, statusCode: StatusCodes.Status201Created),
            TicketResult.Refused refused => ApiAnswer.Invalid(new FormErrors().Add(refused.Field, refused.Message)),
            _ => TypedResults.NotFound(),
        };
    }

    private sealed record ApiTime(int? Minutes);
}
