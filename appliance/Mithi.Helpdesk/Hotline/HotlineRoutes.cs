using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Hotline.Pages;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Hotline;

/// <summary>A call in three steps: find, say, save.</summary>
internal static class HotlineRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var hotline = routes.MapGroup("/hotline").Needs(Permission.TicketWork);
        hotline.MapGet("", FindAsync);
        hotline.MapGet("/unknown", (string? phone, TimeProvider time) => CallPage.Create(
            new(null, CallForm.Begin("", "", Short(phone), "", false, time.GetCurrentInstant()), null, time.GetCurrentInstant())));
        hotline.MapGet("/{id}", BeginAsync);
        hotline.MapPost("/unknown", (IFormCollection fields, CurrentPerson me, HotlineStore store, HotlineDesk desk, TimeProvider time, HttpContext context, CancellationToken ct)
            => SaveAsync(null, fields, me, store, desk, time, context, ct)).CountsAsWrite();
        hotline.MapPost("/{id}", (OrganisationId id, IFormCollection fields, CurrentPerson me, HotlineStore store, HotlineDesk desk, TimeProvider time, HttpContext context, CancellationToken ct)
            => SaveAsync(id, fields, me, store, desk, time, context, ct)).CountsAsWrite();
    }

    private static async Task<IResult> FindAsync(string? q, CurrentPerson me, ContactStore contacts, HttpContext context, CancellationToken ct)
    {
        var words = Short(q);
        var model = new HotlineModel(words, await contacts.FindAsync(words, me, Permission.TicketWork, ct));
        // Whoever typed a whole number and pressed Enter has found him; while one types, the list stays.
        return model is { Callers: [var only], Phone.Length: > 0 } && !context.Request.Headers.ContainsKey("HX-Request")
            ? TypedResults.LocalRedirect(model.Url(only)) : HotlinePage.Create(model);
    }

    private static async Task<IResult> BeginAsync(
        OrganisationId id, string? caller, string? phone, CurrentPerson me, HotlineStore store, TimeProvider time, CancellationToken ct)
    {
        if (await store.CustomerAsync(id, me, ct) is not { } customer) return TypedResults.NotFound();
        var now = time.GetCurrentInstant();
        var chosen = caller is { Length: > 0 } ? customer.Callers.FirstOrDefault(c => CallerKey.Of(c) == caller) : null;
        var shown = Short(phone);
        var number = shown.Length > 0 ? shown : chosen?.Phone ?? "";
        // A number that found nobody, or was not the one that is kept for him, is worth keeping.
        var remember = shown.Length > 0 && chosen?.Phone != shown;
        return CallPage.Create(new(customer, CallForm.Begin(chosen is null ? "" : CallerKey.Of(chosen), chosen?.Name ?? "", number, chosen?.Email ?? "", remember, now), null, now));
    }

    private static async Task<IResult> SaveAsync(OrganisationId? id, IFormCollection fields, CurrentPerson me, HotlineStore store, HotlineDesk desk,
        TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var customer = id is { } known ? await store.CustomerAsync(known, me, ct) : null;
        if (id is not null && customer is null) return TypedResults.NotFound();
        var (form, errors) = CallForm.Read(fields);
        if (!errors.Any)
        {
            switch (await desk.TakeAsync(id, form, me, ct))
            {
                case TicketResult.Done done: return new SeeOther($"/tickets/{done.Ticket.Id}#m{done.Ticket.Seq}");
                case TicketResult.Refused refused: errors.Add(refused.Field, refused.Message); break;
                default: return TypedResults.NotFound();
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return CallPage.Create(new(customer, form, errors, time.GetCurrentInstant()));
    }

    /// <summary>What stands in an address, as one line of a bounded length.</summary>
    private static string Short(string? text)
        => text is null ? "" : new string([.. text.Take(Limits.CallerCharsMax).Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]).Trim();
}
