using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Fleet.Lines;
using Mithi.Fleet.Sites;
using Mithi.Fleet.Sites.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Pairing;

namespace Mithi.Fleet.Orders;

/// <summary>What an engineer tells a site: its code, the approval of its plan, orders.</summary>
internal static class OrderRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var site = routes.MapGroup("/sites/{id:long}");
        site.MapPost("/pair", PairAsync).Needs(Permission.SiteCommand);
        site.MapPost("/approve", ApproveAsync).Needs(Permission.SiteCommand);
        site.MapPost("/orders", OrderAsync).Needs(Permission.SiteCommand);
        site.MapPost("/release-machine", ReleaseMachineAsync).Needs(Permission.SiteCommand);
    }

    private static async Task<IResult> PairAsync(long id, IFormCollection fields, CurrentPerson me, SiteStore store, SiteView view,
        PairingDesk desk, SiteLines lines, HttpContext http, CancellationToken ct)
    {
        var typed = fields["code"].ToString();
        if (await store.FindAsync(new(id), me, Permission.SiteCommand, ct) is not { } site) return TypedResults.NotFound();
        if (site.IsPaired) return await AgainAsync(id, me, view, http, "This site is paired with another machine.", ct);
        var outcome = desk.Try(site.Code, typed.Length > 64 ? "" : typed);
        if (outcome is PairingOutcome.Accepted(var machine)) return await AcceptAsync(site, machine, me, store, view, lines, http, ct);
        if (outcome is PairingOutcome.Wrong wrong) await store.NoteWrongCodeAsync(site.Id, wrong.TriesLeft, me, ct);
        var errors = new FormErrors().Add("code", outcome switch
        {
            PairingOutcome.Unreadable => "A code has eight letters and digits, like 7KQX-M2ZD.",
            PairingOutcome.NobodyWaits => "No machine of this site shows a code now.",
            PairingOutcome.Ambiguous => "Two machines showed this code. Both show a new one now.",
            PairingOutcome.Wrong { TriesLeft: > 0 } => "No machine of this site shows this code.",
            _ => "That was the fifth wrong code. The machine shows a new one now.",
        });
        http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await view.PageAsync(site.Id, me, ct, codeErrors: errors, code: typed) is { } page ? Show.Create(page) : TypedResults.NotFound();
    }

    private static async Task<IResult> AcceptAsync(Site site, PendingPairing machine, CurrentPerson me, SiteStore store, SiteView view,
        SiteLines lines, HttpContext http, CancellationToken ct)
    {
        var line = lines.Of(machine);
        try
        {
            var result = await store.PairAsync(site.Id, machine.Device.Hash.Hex, line?.Session.Intercepted ?? false, me, ct);
            // Only now is it on the disk; only now may the machine hear of it.
            if (result is SiteResult.Done) line?.BecomePaired();
            else line?.Connection.End(Protocol.Frames.CloseReason.PairingMismatch, "Another machine was accepted.");
            lines.Wake(site.Id);
            return await AnswerAsync(result, site.Id.Value, me, view, http, ct);
        }
        catch
        {
            line?.Connection.End(Protocol.Frames.CloseReason.GoingAway, "The node has a fault; come again.");
            throw;
        }
    }

    private static async Task<IResult> ApproveAsync(long id, IFormCollection fields, CurrentPerson me, SiteStore store, SiteView view,
        SiteLines lines, HttpContext http, CancellationToken ct)
    {
        var result = await store.ApproveAsync(new(id), fields["plan"].ToString(), fields["digest"].ToString(), fields["destroy"] == "1", me, ct);
        lines.Wake(new(id));
        return await AnswerAsync(result, id, me, view, http, ct);
    }

    private static async Task<IResult> OrderAsync(long id, IFormCollection fields, CurrentPerson me, SiteStore store, SiteView view,
        SiteLines lines, HttpContext http, CancellationToken ct)
    {
        if (await store.FindAsync(new(id), me, Permission.SiteCommand, ct) is not { } site) return TypedResults.NotFound();
        if (Read(fields, site) is not { } order) return TypedResults.BadRequest();
        var result = await store.OrderAsync(site.Id, order, me, ct);
        lines.Wake(site.Id);
        return await AnswerAsync(result, id, me, view, http, ct);
    }

    private static async Task<IResult> ReleaseMachineAsync(long id, CurrentPerson me, SiteStore store, SiteView view, SiteLines lines,
        HttpContext http, CancellationToken ct)
    {
        var line = lines.Of(new SiteId(id));
        var result = await store.ReleaseMachineAsync(new(id), me, ct);
        if (result is SiteResult.Done) line?.Wake();
        lines.Wake(new(id));
        return await AnswerAsync(result, id, me, view, http, ct);
    }

    private static CommandOrder? Read(IFormCollection fields, Site site) => fields["order"].ToString() switch
    {
        "retry" when site.TheSteps.FirstOrDefault(s => s.Name == fields["step"]) is { } step => new RetryStep(step.Name),
        "abort" => new AbortInstall(),
        "apply" when site.Product.Length > 0 && ProductVersion.Parse(fields["version"].ToString()) is not null
            => new ApplyRelease(site.Product, fields["version"].ToString()),
        "roll-back" when site.Product.Length > 0 => new RollBack(site.Product),
        "report" => new SendReport(),
        "plan" => new MakePlan(site.TheSheet),
        _ => null,
    };

    private static async Task<IResult> AnswerAsync(
        SiteResult result, long id, CurrentPerson me, SiteView view, HttpContext http, CancellationToken ct) => result switch
        {
            SiteResult.Done => new SeeOther($"/sites/{id}"),
            SiteResult.Missing => TypedResults.NotFound(),
            SiteResult.NotNow why => await AgainAsync(id, me, view, http, why.Why, ct),
            _ => await AgainAsync(id, me, view, http, "The site has changed since this page was shown. Look at it again.", ct),
        };

    private static async Task<IResult> AgainAsync(long id, CurrentPerson me, SiteView view, HttpContext http, string why, CancellationToken ct)
    {
        http.Response.StatusCode = StatusCodes.Status409Conflict;
        return await view.PageAsync(new(id), me, ct, why) is { } page ? Show.Create(page) : TypedResults.NotFound();
    }
}
