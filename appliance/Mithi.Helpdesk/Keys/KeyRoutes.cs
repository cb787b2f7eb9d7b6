using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Keys.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Keys;

internal static class KeyRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/helpdesk/keys").Needs(Permission.TicketWork);
        keys.MapGet("", async (CurrentPerson me, KeyStore store, CancellationToken ct) => (IResult)KeysPage.Create(new(await store.IsOnAsync(me, ct))));
        keys.MapPost("", SetAsync).CountsAsWrite();
    }

    private static async Task<IResult> SetAsync(IFormCollection fields, CurrentPerson me, KeyStore store, CancellationToken ct)
    {
        await store.SetAsync(me, fields.Flag("on"), ct);
        return new SeeOther("/helpdesk/keys");
    }
}
