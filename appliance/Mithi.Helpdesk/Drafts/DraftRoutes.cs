using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Drafts;

/// <summary>Keeps what is typed: a script sends it by itself, a page without scripts has a button.</summary>
internal static class DraftRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        // Who may write what is the store's to say: some may write notes and no replies, most the other way round.
        var drafts = routes.MapGroup("/tickets/{id}/drafts/{kind}").Needs(Permission.TicketRead).CountsAsWrite();
        drafts.MapPost("", KeepAsync);
        drafts.MapPost("/discard", DiscardAsync);
    }

    private static async Task<IResult> KeepAsync(
        TicketId id, string kind, IFormCollection fields, CurrentPerson me, DraftStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        if (FormText.Name<DraftKind>(kind) is not { } of) return TypedResults.NotFound();
        // Blanks at the end are what one has typed so far, too.
        var body = FormText.Typed(fields, "body");
        if (body.Length > Limits.BodyCharsMax) return TypedResults.StatusCode(StatusCodes.Status422UnprocessableEntity);
        var then = FormText.Name<TicketState>(FormText.Line(fields, "then"))?.ToString() ?? "";
        var seen = long.TryParse(FormText.Line(fields, "seen"), out var last) ? last : 0;
        return (await store.KeepAsync(id, of, body, then, seen, me, time.GetCurrentInstant(), ct), context.Request.Headers.ContainsKey("HX-Request")) switch
        {
            (DraftResult.Missing, _) => TypedResults.NotFound(),
            (DraftResult.Sent, true) => TypedResults.Conflict(),
            (_, true) => TypedResults.NoContent(),
            _ => new SeeOther($"/tickets/{id}#{Place(of)}"),
        };
    }

    private static async Task<IResult> DiscardAsync(TicketId id, string kind, CurrentPerson me, TicketStore tickets, DraftStore store, CancellationToken ct)
    {
        if (FormText.Name<DraftKind>(kind) is not { } of || await tickets.FindAsync(id, me, ct) is null) return TypedResults.NotFound();
        await store.RemoveAsync(id, of, me, ct);
        return new SeeOther($"/tickets/{id}#{Place(of)}");
    }

    private static string Place(DraftKind kind) => kind == DraftKind.Reply ? "reply" : "note";
}
