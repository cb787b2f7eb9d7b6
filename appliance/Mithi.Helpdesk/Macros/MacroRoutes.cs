using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Macros.Pages;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Macros;

internal static class MacroRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var macros = routes.MapGroup("/helpdesk/macros").Needs(Permission.TicketWork);
        macros.MapGet("", ListAsync);
        macros.MapGet("/new", NewAsync);
        macros.MapPost("/new", AddAsync).CountsAsWrite();
        macros.MapGet("/{id}", ShowAsync);
        macros.MapPost("/{id}", ChangeAsync).CountsAsWrite();
        macros.MapPost("/{id}/remove", RemoveAsync).CountsAsWrite();
        routes.MapPost("/tickets/{id}/macro", RunAsync).Needs(Permission.TicketWork).CountsAsWrite();
    }

    private static async Task<IResult> ListAsync(CurrentPerson me, MacroStore store, TicketStore tickets, CancellationToken ct)
        => MacrosPage.Create(new(await store.ListAsync(me, ct), await StaffAsync(tickets, ct), MayShare(me)));

    private static async Task<IResult> NewAsync(CurrentPerson me, TicketStore tickets, CancellationToken ct)
        => MacroPage.Create(new(null, MacroForm.Empty, await StaffAsync(tickets, ct), MayShare(me), null));

    private static async Task<IResult> ShowAsync(MacroId id, CurrentPerson me, MacroStore store, TicketStore tickets, CancellationToken ct)
        => await store.FindAsync(id, me, ct) is { } macro && MacroStore.MayEdit(macro, me)
            ? MacroPage.Create(new(id, new(macro.Name, macro.Actions, macro.IsShared), await StaffAsync(tickets, ct), MayShare(me), null)) : TypedResults.NotFound();

    private static async Task<IResult> AddAsync(
        IFormCollection fields, CurrentPerson me, MacroStore store, TicketStore tickets, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = MacroForm.Read(fields);
        if (!errors.Any && await store.AddAsync(form, me, time.GetCurrentInstant(), ct)) return new SeeOther("/helpdesk/macros");
        if (!errors.Any) errors.Add("name", "There are too many already. Remove one first.");
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return MacroPage.Create(new(null, form, await StaffAsync(tickets, ct), MayShare(me), errors));
    }

    private static async Task<IResult> ChangeAsync(
        MacroId id, IFormCollection fields, CurrentPerson me, MacroStore store, TicketStore tickets, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = MacroForm.Read(fields);
        if (!errors.Any) return await store.ChangeAsync(id, form, me, time.GetCurrentInstant(), ct) ? new SeeOther("/helpdesk/macros") : TypedResults.NotFound();
        if (await store.FindAsync(id, me, ct) is not { } macro || !MacroStore.MayEdit(macro, me)) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return MacroPage.Create(new(id, form, await StaffAsync(tickets, ct), MayShare(me), errors));
    }

    private static async Task<IResult> RemoveAsync(MacroId id, CurrentPerson me, MacroStore store, CancellationToken ct)
        => await store.RemoveAsync(id, me, ct) ? new SeeOther("/helpdesk/macros") : TypedResults.NotFound();

    private static async Task<IResult> RunAsync(
        TicketId id, IFormCollection fields, CurrentPerson me, MacroStore store, TicketRun run, TicketView view, HttpContext context, CancellationToken ct)
    {
        var errors = new FormErrors();
        var seen = long.TryParse(FormText.Line(fields, "seen"), out var last) ? last : 0;
        if (!MacroId.TryParse(FormText.Line(fields, "macro"), null, out var chosen) || await store.FindAsync(chosen, me, ct) is not { } macro)
            errors.Add("macro", "Choose one of the list.");
        else
            switch (await run.RunAsync(id, macro.Actions, seen, me, ct))
            {
                case TicketResult.Done done: return new SeeOther($"/tickets/{id}#m{done.Ticket.Seq}");
                case TicketResult.Refused refused: errors.Add("macro", refused.Message); break;
                case TicketResult.Stale: errors.Add("macro", "Others wrote meanwhile. Read this first, then use the macro again."); break;
                default: return TypedResults.NotFound();
            }
        if (await view.OfAsync(id, me, ct) is not { } model) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return TicketShow.Create(model with { Errors = errors, Chosen = ("macro", FormText.Line(fields, "macro")) });
    }

    private static async Task<IReadOnlyList<Choice>> StaffAsync(TicketStore tickets, CancellationToken ct)
        => [.. (await tickets.StaffAsync(ct)).Select(s => new Choice(s.Id.ToString(), s.Name))];

    private static bool MayShare(CurrentPerson me) => me.May(Permission.HelpdeskManage);
}
