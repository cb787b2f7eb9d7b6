using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Chat.Pages;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Chat;

/// <summary>Lines of a chat, who is there, and steps of runbooks as cards.</summary>
internal static class ChatRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tickets/{id}/chat", SayAsync).Needs(Permission.TicketReply).CountsAsWrite();
        routes.MapPost("/tickets/{id}/chat/here", HereAsync).Needs(Permission.TicketReply);
        routes.MapPost("/tickets/{id}/cards/{card:long}", MarkAsync).Needs(Permission.TicketReply).CountsAsWrite();
        routes.MapGet("/tickets/{id}/runbooks", RunbooksAsync).Needs(Permission.TicketWork);
        routes.MapPost("/tickets/{id}/runbooks", DropAsync).Needs(Permission.TicketWork).CountsAsWrite();
    }

    /// <summary>A script is told that it is stored; without one the page is read again.</summary>
    private static async Task<IResult> SayAsync(TicketId id, IFormCollection fields, CurrentPerson me, ChatDesk chat, HttpContext context, CancellationToken ct)
    {
        var body = FormText.Area(fields, "body");
        // The page keeps what was typed: its script until the line is stored, a browser when one goes back.
        if (body.Length is 0 or > Limits.ChatLineCharsMax) return TypedResults.StatusCode(StatusCodes.Status422UnprocessableEntity);
        return await chat.SayAsync(id, body, me, ct) switch
        {
            TicketResult.Done when IsScript(context) => TypedResults.NoContent(),
            TicketResult.Done => new SeeOther($"/tickets/{id}#chat"),
            TicketResult.Refused => TypedResults.StatusCode(StatusCodes.Status422UnprocessableEntity),
            _ => TypedResults.NotFound(),
        };
    }

    private static async Task<IResult> HereAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketStore store, ChatRoom room, ChatDesk chat, Texts texts, CancellationToken ct)
    {
        if (await store.FindAsync(id, me, ct) is null) return TypedResults.NotFound();
        room.Tell(id, me, fields.Flag("here"));
        if (fields.Flag("here") && long.TryParse(FormText.Line(fields, "seen"), NumberStyles.None, CultureInfo.InvariantCulture, out var seen)) await chat.SeenAsync(id, seen, me, ct);
        return TypedResults.Json(new { line = room.Line(id, me, texts.For(me.Language)) }, JobJson.Options);
    }

    private static async Task<IResult> MarkAsync(TicketId id, long card, IFormCollection fields, CurrentPerson me, ChatDesk chat, HttpContext context, CancellationToken ct)
        => FormText.Line(fields, "mark") is not ("done" or "failed") ? TypedResults.BadRequest()
            : await chat.MarkAsync(id, card, FormText.Line(fields, "mark") == "done", me, ct) switch
            {
                TicketResult.Done when IsScript(context) => TypedResults.NoContent(),
                TicketResult.Done => new SeeOther($"/tickets/{id}#m{card}"),
                _ => TypedResults.NotFound(),
            };

    private static async Task<IResult> RunbooksAsync(TicketId id, string? name, CurrentPerson me, TicketStore store, IRunbooks runbooks, CancellationToken ct)
        => await store.FindAsync(id, me, ct) is { } ticket ? await PageAsync(ticket, name, null, me, runbooks, ct) : TypedResults.NotFound();

    private static async Task<IResult> PageAsync(Ticket ticket, string? name, FormErrors? errors, CurrentPerson me, IRunbooks runbooks, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(name)) return RunbooksPage.Create(new(ticket, await runbooks.ListAsync(me, ct), null, errors));
        return await runbooks.FindAsync(name, me, ct) is { } chosen ? RunbooksPage.Create(new(ticket, [], chosen, errors)) : TypedResults.NotFound();
    }

    private static async Task<IResult> DropAsync(
        TicketId id, IFormCollection fields, CurrentPerson me, TicketStore store, ChatDesk chat, IRunbooks runbooks, HttpContext context, CancellationToken ct)
    {
        var name = FormText.Line(fields, "name");
        if (await store.FindAsync(id, me, ct) is not { } ticket || await runbooks.FindAsync(name, me, ct) is not { } runbook) return TypedResults.NotFound();
        var numbers = fields["step"].Select(s => int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToHashSet();
        var steps = runbook.Steps.Where(s => numbers.Contains(s.Number)).ToArray();
        var errors = new FormErrors();
        if (steps.Length == 0) errors.Add("", "Choose at least one step.");
        else if (steps.Length > Limits.CardsAtOnceMax) errors.Add("", "Choose fewer steps: at most 20 at once.");
        else if (steps.Any(s => s.Text.Length + s.Command.Length > Limits.CardCharsMax)) errors.Add("", "A step is too long for a card. Shorten it in the runbook.");
        else
            switch (await chat.DropAsync(id, runbook, steps, me, ct))
            {
                case TicketResult.Done done: return new SeeOther($"/tickets/{id}#m{done.Ticket.Seq}");
                case TicketResult.Refused refused: errors.Add("", refused.Message); break;
                default: return TypedResults.NotFound();
            }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await PageAsync(ticket, name, errors, me, runbooks, ct);
    }

    private static bool IsScript(HttpContext context) => context.Request.Headers.ContainsKey("HX-Request");
}
