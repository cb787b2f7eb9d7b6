using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Tickets for programs: JSON with camelCase names, enums by name, times as unix milliseconds.</summary>
internal static class TicketApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/tickets", ListAsync).Needs(Permission.TicketRead).CountsAsApi();
        routes.MapPost("/api/tickets", OpenAsync).Needs(Permission.TicketOpen).CountsAsApi();
        routes.MapGet("/api/tickets/{id}", ShowAsync).Needs(Permission.TicketRead).CountsAsApi();
        routes.MapPost("/api/tickets/{id}/replies", ReplyAsync).Needs(Permission.TicketReply).CountsAsApi();
    }

    private static async Task<IResult> ListAsync(CurrentPerson me, TicketStore store, HttpContext context, CancellationToken ct)
    {
        var most = int.TryParse(context.Request.Query["limit"], out var asked) ? Math.Clamp(asked, 1, Limits.ApiRowsMax) : Limits.PageRows;
        var (lines, next) = await store.ListAsync(TicketFilter.Read(context.Request.Query), me, most, ct);
        var isStaff = me.May(Permission.TicketNote);
        return Json(new
        {
            tickets = lines.Select(l => new
            {
                l.Id, l.Subject, organisation = l.OrganisationName, requester = l.RequesterName, l.Kind, l.Priority, l.State,
                level = isStaff ? l.Level : (Level?)null, assignee = isStaff ? l.AssigneeName : null, fix = l.FixVersion, l.UpdatedAt, due = l.NextDue,
            }),
            next = next?.ToString(),
        });
    }

    private static async Task<IResult> ShowAsync(TicketId id, long? before, CurrentPerson me, TicketStore store, CancellationToken ct)
        => await store.PageAsync(id, before, me, ct) is { } page ? Json(Of(page, me)) : TypedResults.NotFound();

    private static async Task<IResult> OpenAsync(CurrentPerson me, TicketDesk desk, HttpContext context, CancellationToken ct)
    {
        if (await ReadAsync<NewTicketForm>(context, ct) is not { } sent) return NotJson();
        var form = new NewTicketForm(Text(sent.Subject), Text(sent.Kind, NewTicketForm.Empty.Kind), Text(sent.Priority, NewTicketForm.Empty.Priority),
            Text(sent.Product), Text(sent.Version), Text(sent.Body), Text(sent.Requester));
        var errors = form.Check();
        if (form.Subject.Any(char.IsControl)) errors.Add("subject", "This contains a character that can't be used.");
        if (errors.Any) return Invalid(errors);
        return await desk.OpenAsync(form.ToDraft([]), me, Via.Api, ct) switch
        {
            TicketResult.Done done => TypedResults.Json(new { done.Ticket.Id }, JobJson.Options, statusCode: StatusCodes.Status201Created),
            TicketResult.Refused refused => Invalid(new FormErrors().Add(refused.Field, refused.Message)),
            _ => TypedResults.NotFound(),
        };
    }

    private static async Task<IResult> ReplyAsync(TicketId id, CurrentPerson me, TicketDesk desk, HttpContext context, CancellationToken ct)
    {
        if (await ReadAsync<ApiReply>(context, ct) is not { } sent) return NotJson();
        var errors = new FormErrors();
        var body = Text(sent.Body).Trim();
        if (body.Length == 0) errors.Add("body", "Write something first.");
        if (body.Length > Limits.BodyCharsMax) errors.Add("body", "This is too long: attach it as a file.");
        if (Text(sent.Then).Length > 0 && FormText.Name<TicketState>(sent.Then) is null) errors.Add("then", "Choose one of the list.");
        if (errors.Any) return Invalid(errors);
        return await desk.ReplyAsync(id, new(body, sent.Seen ?? long.MaxValue, FormText.Name<TicketState>(sent.Then)), me, Via.Api, ct) switch
        {
            TicketResult.Done done => TypedResults.Json(new { done.Ticket.Id, done.Ticket.State }, JobJson.Options, statusCode: StatusCodes.Status201Created),
            TicketResult.Refused refused => Invalid(new FormErrors().Add(refused.Field, refused.Message)),
            TicketResult.Stale stale => TypedResults.Json(new { newer = stale.Newer.Select(e => Entry(e, me)) }, JobJson.Options, statusCode: StatusCodes.Status409Conflict),
            _ => TypedResults.NotFound(),
        };
    }

    private static object Of(TicketPage page, CurrentPerson me)
    {
        var ticket = page.Ticket;
        var isStaff = me.May(Permission.TicketNote);
        return new
        {
            ticket.Id, ticket.Subject, organisation = page.OrganisationName, requester = new { name = ticket.RequesterName, email = ticket.RequesterEmail },
            ticket.Kind, ticket.Priority, ticket.State, level = isStaff ? ticket.Level : (Level?)null, assignee = isStaff ? ticket.AssigneeName : null,
            ticket.Product, version = ticket.ProductVersion, fix = ticket.HasFix ? new { product = ticket.FixProduct, version = ticket.FixVersion } : null,
            mergedInto = isStaff ? ticket.MergedIntoId : null,
            links = isStaff ? page.Ties.Select(l => new { l.Seq, ticket = l.OtherId, l.Role, l.State }) : null,
            ticket.OpenedAt, ticket.UpdatedAt, firstResponseDue = page.Clocks.FirstResponse.DueAt, nextResponseDue = page.Clocks.NextResponse?.DueAt,
            resolutionDue = page.Clocks.Resolution.DueAt,
            entries = page.Entries.Select(e => Entry(e, me)).OfType<object>(), page.Older,
        };
    }

    private static object? Entry(TicketEntry entry, CurrentPerson me) => entry switch
    {
        TicketEntry.Message m => new
        {
            m.Seq, type = "message", m.At, m.Side, author = m.Side == Side.Staff && !me.May(Permission.TicketNote) ? "Support" : m.AuthorName,
            m.Body, files = Files(m.Files), m.From,
        },
        // The store gives notes to nobody else; this outlet asks once more.
        TicketEntry.Note n when me.May(Permission.TicketNote) => new { n.Seq, type = "note", n.At, author = n.AuthorName, n.Body, files = Files(n.Files), n.From },
        TicketEntry.Happened h => new { h.Seq, type = "event", h.At, kind = h.Change.Kind },
        _ => null,
    };

    private static IEnumerable<object> Files(IReadOnlyList<FileLink> files) => files.Select(f => new { f.Number, f.Name, f.ContentType, f.Bytes });

    internal static async Task<T?> ReadAsync<T>(HttpContext context, CancellationToken ct) where T : class
    {
        try
        {
            return context.Request.HasJsonContentType() ? await context.Request.ReadFromJsonAsync<T>(JobJson.Options, ct) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string Text(string? text, string otherwise = "")
        => text is { Length: > 0 } ? new string([.. text.Replace("\r\n", "\n").Where(c => c is '\n' or '\t' || !char.IsControl(c))]) : otherwise;

    private static IResult Json(object value) => TypedResults.Json(value, JobJson.Options);

    internal static IResult NotJson() => TypedResults.Problem("Send one JSON object with the content type application/json.", statusCode: StatusCodes.Status400BadRequest);

    internal static IResult Invalid(FormErrors errors)
        => TypedResults.Problem(new HttpValidationProblemDetails(errors.All.ToDictionary(e => e.Key, e => new[] { e.Value }))
        {
            Status = StatusCodes.Status422UnprocessableEntity,
        });

    private sealed record ApiReply(string? Body, string? Then, long? Seen);
}
