using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Ratings.Pages;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Ratings;

internal static class RatingRoutes
{
    private const string Why = "the link in the mail is the proof, for one resolution of one ticket";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tickets/{id}/rating", RateAsync).Needs(Permission.TicketReply).CountsAsWrite();
        routes.MapPost("/api/tickets/{id}/rating", RateByProgramAsync).Needs(Permission.TicketReply).CountsAsApi()
            .Says("Says how the ticket was resolved; for its customer alone.", typeof(ApiDone), typeof(ApiRating));
        // Programs that look at links ahead of their readers get a form, and say nothing by it.
        routes.MapGet("/rate/{link}", ShowAsync).ForEverybody(Why);
        routes.MapPost("/rate/{link}", RateByLinkAsync).ForEverybody(Why).CountsAsWrite();
    }

    private static async Task<IResult> RateAsync(
        TicketId id, IFormCollection fields, CurrentPerson me, RatingDesk desk, TicketView view, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = RatingForm.Read(fields);
        if (!errors.Any)
        {
            switch (await desk.RateAsync(id, form, me, Via.Portal, ct))
            {
                case TicketResult.Done: return new SeeOther($"/tickets/{id}#rating");
                case TicketResult.Refused refused: errors.Add(refused.Field, refused.Message); break;
                default: return TypedResults.NotFound();
            }
        }
        if (await view.OfAsync(id, me, ct) is not { } model) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return TicketShow.Create(model with { Errors = errors, Rating = model.Rating is { } part ? part with { Comment = form.Comment, Errors = errors } : null });
    }

    private static async Task<IResult> RateByProgramAsync(TicketId id, CurrentPerson me, RatingDesk desk, HttpContext context, CancellationToken ct)
    {
        if (await ApiAnswer.ReadAsync<ApiRating>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        var (form, errors) = RatingForm.Read(sent.Rating ?? "", TicketApi.Text(sent.Comment).Trim());
        return errors.Any ? ApiAnswer.Invalid(errors) : TicketApi.Answer(await desk.RateAsync(id, form, me, Via.Api, ct), me);
    }

    private static async Task<IResult> ShowAsync(string link, string? done, RatingDesk desk, HttpContext context, CancellationToken ct)
    {
        if (await desk.LookAsync(link, ct) is not { } model) return TypedResults.NotFound();
        if (!model.IsOpen) context.Response.StatusCode = StatusCodes.Status410Gone;
        return RatingPage.Create(model with { Done = done is not null && model.Said is not null });
    }

    private static async Task<IResult> RateByLinkAsync(string link, IFormCollection fields, RatingDesk desk, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = RatingForm.Read(fields);
        if (!errors.Any)
        {
            switch (await desk.RateAsync(link, form, ct))
            {
                case TicketResult.Done: return new SeeOther($"/rate/{link}?done=1");
                case TicketResult.Refused refused: errors.Add(refused.Field, refused.Message); break;
                default: return TypedResults.NotFound();
            }
        }
        if (await desk.LookAsync(link, ct) is not { } model) return TypedResults.NotFound();
        context.Response.StatusCode = model.IsOpen ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status410Gone;
        return RatingPage.Create(model with { Comment = form.Comment, Errors = errors });
    }
}
