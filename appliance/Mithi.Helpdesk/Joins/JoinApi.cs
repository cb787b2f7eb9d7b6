using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Joins;

/// <summary>Ties, merges and splits for programs of staff.</summary>
internal static class JoinApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var work = routes.MapGroup("/api/tickets/{id}").Needs(Permission.TicketWork);
        work.MapPost("/links", LinkAsync).CountsAsApi().Says("Ties two tickets.", null, typeof(ApiLink));
        work.MapPost("/merge", MergeAsync).CountsAsApi().Says("Ends the ticket in another.", null, typeof(ApiMerge));
        work.MapPost("/split", SplitAsync).CountsAsApi().Says("Moves texts to a new ticket.", null, typeof(ApiSplit), 201);
        work.MapPost("/undo", UndoAsync).CountsAsApi().Says("Takes a tie, merge or split back.", null, typeof(ApiUndo));
        work.MapPost("/incidents", AnswerAsync).CountsAsApi().Says("Answers the incidents of a problem.", null, typeof(ApiIncidents));
    }

    private static async Task<IResult> LinkAsync(TicketId id, CurrentPerson me, TicketJoins joins, HttpContext context, CancellationToken ct)
    {
        if (await ApiAnswer.ReadAsync<ApiLink>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        if (FormText.Name<LinkRole>(sent.Role) is not { } role) return ApiAnswer.Invalid(new FormErrors().Add("role", "Choose one of the list."));
        return Answer(await joins.LinkAsync(id, new(sent.Other ?? 0), role, me, ct));
    }

    private static async Task<IResult> MergeAsync(TicketId id, CurrentPerson me, TicketJoins joins, HttpContext context, CancellationToken ct)
        => await ApiAnswer.ReadAsync<ApiMerge>(context, ct) is { } sent
            ? Answer(await joins.MergeAsync(id, new(sent.Into ?? 0), sent.Confirm ?? false, me, ct)) : ApiAnswer.NotJson();

    private static async Task<IResult> SplitAsync(TicketId id, CurrentPerson me, TicketJoins joins, HttpContext context, CancellationToken ct)
        => await ApiAnswer.ReadAsync<ApiSplit>(context, ct) is { } sent
            ? Answer(await joins.SplitAsync(id, sent.Seqs ?? [], TicketApi.Text(sent.Subject).Trim(), me, ct), StatusCodes.Status201Created) : ApiAnswer.NotJson();

    private static async Task<IResult> UndoAsync(TicketId id, CurrentPerson me, TicketUndo undo, HttpContext context, CancellationToken ct)
        => await ApiAnswer.ReadAsync<ApiUndo>(context, ct) is { } sent ? Answer(await undo.UndoAsync(id, sent.Seq ?? 0, me, ct)) : ApiAnswer.NotJson();

    private static async Task<IResult> AnswerAsync(TicketId id, CurrentPerson me, TicketJoins joins, HttpContext context, CancellationToken ct)
    {
        if (await ApiAnswer.ReadAsync<ApiIncidents>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        if (TicketApi.Text(sent.Then).Length > 0 && FormText.Name<TicketState>(sent.Then) is null)
            return ApiAnswer.Invalid(new FormErrors().Add("then", "Choose one of the list."));
        TicketId[] incidents = [.. (sent.Incidents ?? []).Select(i => new TicketId(i))];
        return Answer(await joins.AnswerIncidentsAsync(id, incidents, TicketApi.Text(sent.Answer).Trim(), FormText.Name<TicketState>(sent.Then), me, Via.Api, ct));
    }

    private static IResult Answer(TicketResult result, int done = StatusCodes.Status200OK) => result switch
    {
        TicketResult.Done made => TypedResults.Json(new { made.Ticket.Id, made.Ticket.State }, JobJson.Options, statusCode: done),
        TicketResult.Refused refused => ApiAnswer.Invalid(new FormErrors().Add(refused.Field, refused.Message)),
        _ => TypedResults.NotFound(),
    };

    private sealed record ApiLink(long? Other, string? Role);

    private sealed record ApiMerge(long? Into, bool? Confirm);

    private sealed record ApiSplit(IReadOnlyList<long>? Seqs, string? Subject);

    private sealed record ApiUndo(long? Seq);

    private sealed record ApiIncidents(IReadOnlyList<long>? Incidents, string? Answer, string? Then);
}
