using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Mail;

/// <summary>The decisions about mails that a ticket's page offers to staff.</summary>
internal static class HeldMailRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tickets/{id}/notes/{seq:long}/confirm", ConfirmAsync).Needs(Permission.TicketWork).CountsAsWrite();
        routes.MapPost("/tickets/{id}/address", ClearAddressAsync).Needs(Permission.TicketWork).CountsAsWrite();
    }

    private static async Task<IResult> ConfirmAsync(TicketId id, long seq, CurrentPerson me, HeldMail held, TicketView view, HttpContext context, CancellationToken ct)
    {
        switch (await held.ConfirmAsync(id, seq, me, ct))
        {
            case TicketResult.Done: return new SeeOther($"/tickets/{id}#m{seq}");
            case TicketResult.Refused refused when await view.OfAsync(id, me, ct) is { } model:
                var errors = new FormErrors();
                errors.Add(refused.Field, refused.Message);
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return TicketShow.Create(model with { Errors = errors });
            default: return TypedResults.NotFound();
        }
    }

    private static async Task<IResult> ClearAddressAsync(TicketId id, CurrentPerson me, HeldMail held, CancellationToken ct)
        => await held.ClearAddressAsync(id, me, ct) ? new SeeOther($"/tickets/{id}") : TypedResults.NotFound();
}
