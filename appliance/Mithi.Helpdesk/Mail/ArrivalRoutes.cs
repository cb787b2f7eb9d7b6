using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Mail.Pages;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Mail;

/// <summary>What came in by mail, for the administrator: nothing is dropped unseen.</summary>
internal static class ArrivalRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var mail = routes.MapGroup("/helpdesk/mail").Needs(Permission.HelpdeskManage);
        mail.MapGet("", ListAsync);
        mail.MapGet("/{id:long}.eml", RawAsync);
    }

    private static async Task<IResult> ListAsync(string? before, ArrivalStore store, CancellationToken ct)
    {
        var lines = await store.ListAsync(long.TryParse(before, out var id) && id > 0 ? id : null, Limits.PageRows + 1, ct);
        return ArrivalsPage.Create(new(await store.MailboxesAsync(ct), [.. lines.Take(Limits.PageRows)],
            lines.Count > Limits.PageRows ? lines[Limits.PageRows - 1].Id : null));
    }

    private static async Task<IResult> RawAsync(long id, ArrivalStore store, BlobStore blobs, HttpContext context, CancellationToken ct)
    {
        if (await store.RawAsync(id, ct) is not { } raw || !blobs.Exists(raw)) return TypedResults.NotFound();
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return TypedResults.File(blobs.OpenRead(raw), "message/rfc822", $"mail-{id}.eml");
    }
}

/// <param name="Next">Older ones are before this id; null when there are none.</param>
public sealed record ArrivalsModel(IReadOnlyList<MailboxLine> Mailboxes, IReadOnlyList<ArrivalLine> Lines, long? Next);
