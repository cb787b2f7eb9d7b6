using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Joins.Pages;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Joins;

internal static class JoinRoutes
{
    // As much of a message as tells which one it is.
    private const int HeadCharsMax = 160;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var work = routes.MapGroup("/tickets/{id}").Needs(Permission.TicketWork);
        work.MapGet("/split", SplitPageAsync);
        work.MapPost("/split", SplitAsync).CountsAsWrite();
        work.MapPost("/links", LinkAsync).CountsAsWrite();
        work.MapPost("/merge", MergeAsync).CountsAsWrite();
        work.MapPost("/undo", UndoAsync).CountsAsWrite();
        work.MapPost("/incidents", AnswerIncidentsAsync).CountsAsWrite();
    }

    private static async Task<IResult> LinkAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketJoins joins, TicketView view, CancellationToken ct)
    {
        var result = FormText.Name<LinkRole>(FormText.Line(fields, "role")) is not { } role ? new TicketResult.Refused("role", "Choose one of the list.")
            : Number(fields, "other") is not { } other ? new TicketResult.Refused("other", "Give the number of a ticket.")
            : await joins.LinkAsync(id, other, role, me, ct);
        return await AnswerAsync(result, id, fields, me, view, ct);
    }

    private static async Task<IResult> MergeAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketJoins joins, TicketView view, CancellationToken ct)
        => await AnswerAsync(Number(fields, "into") is not { } into ? new TicketResult.Refused("into", "Give the number of a ticket.")
            : await joins.MergeAsync(id, into, fields.Flag("confirm"), me, ct), id, fields, me, view, ct);

    private static async Task<IResult> UndoAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketUndo undo, TicketView view, CancellationToken ct)
        => await AnswerAsync(long.TryParse(FormText.Line(fields, "seq"), out var seq) ? await undo.UndoAsync(id, seq, me, ct)
            : new TicketResult.Refused("undo", "There is nothing to undo here, or it has been undone already."), id, fields, me, view, ct);

    private static async Task<IResult> AnswerIncidentsAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketJoins joins, TicketView view, CancellationToken ct)
    {
        TicketId[] incidents = [.. fields["incident"].Select(i => IdText.TryParse<TicketId>(i, out var one) ? one : default)];
        var result = await joins.AnswerIncidentsAsync(id, incidents, FormText.Area(fields, "answer"), FormText.Name<TicketState>(FormText.Line(fields, "incidents-then")), me, Via.Portal, ct);
        return await AnswerAsync(result, id, fields, me, view, ct);
    }

    /// <summary>The ticket that goes on, or the page again with what was typed and why it could not be.</summary>
    private static async Task<IResult> AnswerAsync(TicketResult result, TicketId id, IFormCollection fields, CurrentPerson me, TicketView view, CancellationToken ct)
    {
        if (result is TicketResult.Done done) return new SeeOther($"/tickets/{done.Ticket.Id}");
        if (result is not TicketResult.Refused refused || await view.OfAsync(id, me, ct) is not { } model) return TypedResults.NotFound();
        var errors = new FormErrors().Add(refused.Field, refused.Message);
        return new RefusedForm(TicketShow.Create(model with
        {
            Errors = errors,
            Joins = model.Joins! with
            {
                Errors = errors,
                Form = new(FormText.Line(fields, "other"), FormText.Line(fields, "role"), FormText.Line(fields, "into"), FormText.Area(fields, "answer")),
            },
        }));
    }

    private static async Task<IResult> SplitPageAsync(TicketId id, long? seq, CurrentPerson me, TicketStore store, CancellationToken ct)
        => await ModelAsync(id, seq is { } one ? [one] : [], null, null, me, store, ct) is { } model ? TicketSplit.Create(model) : TypedResults.NotFound();

    private static async Task<IResult> SplitAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketJoins joins, TicketStore store, CancellationToken ct)
    {
        long[] seqs = [.. fields["seq"].Select(s => long.TryParse(s, out var seq) ? seq : 0)];
        var subject = FormText.Line(fields, "subject");
        switch (await joins.SplitAsync(id, seqs, subject, me, ct))
        {
            case TicketResult.Done done: return new SeeOther($"/tickets/{done.Ticket.Id}");
            case TicketResult.Refused refused when await ModelAsync(id, seqs, subject, new FormErrors().Add(refused.Field, refused.Message), me, store, ct) is { } model:
                return new RefusedForm(TicketSplit.Create(model));
            default: return TypedResults.NotFound();
        }
    }

    private static async Task<SplitModel?> ModelAsync(TicketId id, IReadOnlyCollection<long> chosen, string? subject, FormErrors? errors, CurrentPerson me, TicketStore store, CancellationToken ct)
    {
        if (await store.PageAsync(id, null, me, ct) is not { } page) return null;
        var lines = page.Entries.Select(e => e switch
        {
            TicketEntry.Message m => new SplitLine(m.Seq, false, m.AuthorName, m.At, Head(m.Body), chosen.Contains(m.Seq)),
            TicketEntry.Note n => new SplitLine(n.Seq, true, n.AuthorName, n.At, Head(n.Body), chosen.Contains(n.Seq)),
            _ => null,
        }).OfType<SplitLine>().Where(l => l.Seq > 1).ToArray();
        return new(page.Ticket, lines, subject ?? page.Ticket.Subject, errors);
    }

    private static string Head(string body) => body.Length <= HeadCharsMax ? body : $"{body[..HeadCharsMax]}…";

    private static TicketId? Number(IFormCollection fields, string name)
        => IdText.TryParse<TicketId>(FormText.Line(fields, name).TrimStart('#'), out var id) ? id : null;
}
