using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Views;

internal static class ViewRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var views = routes.MapGroup("/helpdesk/views").Needs(Permission.TicketWork).CountsAsWrite();
        views.MapPost("", AddAsync);
        views.MapPost("/{id}/remove", RemoveAsync);
    }

    private static async Task<IResult> AddAsync(
        IFormCollection fields, CurrentPerson me, ViewStore store, TicketListView lists, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (name, query, errors) = (FormText.Line(fields, "view-name"), FormText.Line(fields, "query"), new FormErrors());
        var filter = TicketFilter.Parse(query.Length <= 1_000 ? query : "");
        if (name.Length == 0) errors.Add("view-name", "Give it a name to find it by.");
        if (name.Length > Limits.AnswerNameCharsMax) errors.Add("view-name", "This is too long.");
        if (!errors.Any && !await store.AddAsync(name, filter, fields.Flag("view-shared"), me, time.GetCurrentInstant(), ct))
            errors.Add("view-name", "There are too many already. Remove one first.");
        if (!errors.Any) return new SeeOther(filter.Url(null));
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return TicketsPage.Create(await lists.OfAsync(filter, me, ct) with { ViewErrors = errors, ViewName = name });
    }

    private static async Task<IResult> RemoveAsync(ViewId id, CurrentPerson me, ViewStore store, CancellationToken ct)
        => await store.RemoveAsync(id, me, ct) ? new SeeOther("/tickets") : TypedResults.NotFound();
}
