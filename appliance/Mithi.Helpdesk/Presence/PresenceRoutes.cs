using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Presence;

/// <summary>A page says what its reader does and hears who else is there. Names of staff are for staff.</summary>
internal static class PresenceRoutes
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/tickets/{id}/presence", TellAsync).Needs(Permission.TicketNote);

    private static async Task<IResult> TellAsync(
        TicketId id, IFormCollection fields, CurrentPerson me, TicketStore store, TicketPresence presence, Texts texts, CancellationToken ct)
    {
        if (await store.FindAsync(id, me, ct) is null) return TypedResults.NotFound();
        // A page that only asks says nothing of itself.
        if (FormText.Name<Doing>(FormText.Line(fields, "doing")) is { } doing) presence.Tell(id, me, doing);
        var others = presence.Others(id, me);
        return TypedResults.Json(new PresenceAnswer(TicketPresence.Line(others, texts.For(me.Language)), others.Any(o => o.Doing == Doing.Typing)), Kernel.Jobs.JobJson.Options);
    }

    /// <param name="Typing">It changes soon by itself: ask again.</param>
    private sealed record PresenceAnswer(string Line, bool Typing);
}
