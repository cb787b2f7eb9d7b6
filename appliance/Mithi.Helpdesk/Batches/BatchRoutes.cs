using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Batches.Pages;
using Mithi.Helpdesk.Macros;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Batches;

internal static class BatchRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var batches = routes.MapGroup("/tickets/batches").Needs(Permission.TicketWork);
        batches.MapPost("", RunAsync).CountsAsWrite();
        batches.MapGet("/{batch}", ShowAsync);
        batches.MapPost("/{batch}/undo", UndoAsync).CountsAsWrite();
    }

    private static async Task<IResult> RunAsync(
        IFormCollection fields, CurrentPerson me, BatchStore store, MacroStore macros, TicketListView lists, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = BatchForm.Read(fields);
        var actions = form.Actions;
        if (form.Macro is { } chosen && !errors.Any)
        {
            if (await macros.FindAsync(chosen, me, ct) is { } macro) actions = macro.Actions;
            else errors.Add("macro", "Choose one of the list.");
        }
        // What has begun is finished, whoever closes his browser meanwhile.
        if (!errors.Any) return new SeeOther($"/tickets/batches/{await store.RunAsync(form.Key, form.Tickets, actions, me, CancellationToken.None)}");
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var list = await lists.OfAsync(form.Back, me, ct);
        return TicketsPage.Create(list with { Bulk = list.Bulk! with { Actions = form.Actions, Errors = errors }, Chosen = [.. form.Tickets] });
    }

    private static async Task<IResult> ShowAsync(BatchId batch, CurrentPerson me, BatchStore store, TicketStore tickets, CancellationToken ct)
        => await store.FindAsync(batch, me, ct) is var (found, lines)
            ? BatchPage.Create(new(found, lines, [.. (await tickets.StaffAsync(ct)).Select(s => new Choice(s.Id.ToString(), s.Name))])) : TypedResults.NotFound();

    private static async Task<IResult> UndoAsync(BatchId batch, CurrentPerson me, BatchStore store)
        => await store.UndoAsync(batch, me, CancellationToken.None) ? new SeeOther($"/tickets/batches/{batch}") : TypedResults.NotFound();
}
