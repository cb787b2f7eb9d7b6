using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets.Pages;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Tickets;

internal static class TicketRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/tickets").Needs(Permission.TicketRead);
        read.MapGet("", ListAsync);
        read.MapGet("/{id}", ShowAsync);
        read.MapGet("/{id}/entries", EntriesAsync);
        read.MapGet("/{id}/feed", FeedAsync);
        read.MapGet("/{id}/files/{seq:long}/{number:int}", FileAsync);
        routes.MapGet("/tickets/{id}/clocks/{clock}.csv", ClockAsync).Needs(Permission.TicketNote);
        routes.MapGet("/tickets/new", New).Needs(Permission.TicketOpen);
        routes.MapPost("/tickets/new", OpenAsync).Needs(Permission.TicketOpen).CountsAsWrite();
        routes.MapPost("/tickets/{id}/replies", ReplyAsync).Needs(Permission.TicketReply).CountsAsWrite();
        routes.MapPost("/tickets/{id}/notes", NoteAsync).Needs(Permission.TicketNote).CountsAsWrite();
        routes.MapPost("/tickets/{id}/state", MoveAsync).Needs(Permission.TicketReply).CountsAsWrite();
        routes.MapPost("/tickets/{id}/priority", PrioritiseAsync).Needs(Permission.TicketWork).CountsAsWrite();
        routes.MapPost("/tickets/{id}/consent", AwaitConsentAsync).Needs(Permission.TicketWork).CountsAsWrite();
        routes.MapPost("/tickets/{id}/assignee", AssignAsync).Needs(Permission.TicketWork).CountsAsWrite();
    }

    private static async Task<IResult> ListAsync(CurrentPerson me, TicketListView view, HttpContext context, CancellationToken ct)
        => TicketsPage.Create(await view.OfAsync(TicketFilter.Read(context.Request.Query), me, ct));

    private static async Task<IResult> ShowAsync(TicketId id, long? before, CurrentPerson me, TicketView view, CancellationToken ct)
        => await view.OfAsync(id, me, ct, before) is { } model ? TicketShow.Create(model) : TypedResults.NotFound();

    /// <summary>What was said after an entry, for a page that is open.</summary>
    private static async Task<IResult> EntriesAsync(
        TicketId id, long? after, CurrentPerson me, TicketStore store, ConversationView view, CancellationToken ct)
        => await store.EntriesAsync(id, me, Math.Max(0, after ?? 0), ct) is { } entries
            ? Conversation.Create(await view.OfAsync(id, entries, me, ct)) : TypedResults.NotFound();

    /// <summary>Tells an open page that there is something new; it fetches that itself, with its reader's rights of then.</summary>
    private static async Task<IResult> FeedAsync(
        TicketId id, CurrentPerson me, TicketStore store, TicketFeed feed, TimeProvider time, IHostApplicationLifetime host, CancellationToken ct)
    {
        if (await store.FindAsync(id, me, ct) is null) return TypedResults.NotFound();
        return TypedResults.ServerSentEvents(WithPulse(feed, id, me.May(Permission.TicketNote), time, ct, host.ApplicationStopping));
    }

    private static async IAsyncEnumerable<SseItem<string>> WithPulse(TicketFeed feed, TicketId id, bool internalToo, TimeProvider time,
        CancellationToken gone, CancellationToken stopping, [EnumeratorCancellation] CancellationToken ct = default)
    {
        // After a while the browser asks again, so that an ended session ends its feed too.
        using var life = new CancellationTokenSource(Limits.FeedLifeMax, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, stopping, life.Token, ct);
        await using var news = feed.ListenAsync(id, internalToo, end.Token).GetAsyncEnumerator(CancellationToken.None);
        yield return new("", "ready");
        for (var next = news.MoveNextAsync().AsTask(); ;)
        {
            bool? more = null;
            try
            {
                more = await next.WaitAsync(Limits.FeedSilenceMax.ToTimeSpan(), time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                // Silence: a sign of life for the proxies in between.
            }
            catch (OperationCanceledException)
            {
                more = false;
            }
            if (more == false) yield break;
            yield return more is null ? new("", "pulse") : new(news.Current.Seq.ToString(), news.Current.Event);
            if (more is not null) next = news.MoveNextAsync().AsTask();
        }
    }

    private static async Task<IResult> FileAsync(
        TicketId id, long seq, int number, CurrentPerson me, TicketStore store, BlobStore blobs, HttpContext context, CancellationToken ct)
    {
        if (await store.FileAsync(id, seq, number, me, ct) is not { } file || !blobs.Exists(file.Blob)) return TypedResults.NotFound();
        // Never shown as a page of ours, whatever is in it.
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return TypedResults.File(blobs.OpenRead(file.Blob), file.ContentType, file.Name, enableRangeProcessing: true);
    }

    private static async Task<IResult> ClockAsync(
        TicketId id, string clock, CurrentPerson me, TicketStore store, TimeProvider time, Texts texts, CancellationToken ct)
    {
        if (FormText.Name<ClockKind>(clock) is not { } kind || (await store.ClocksAsync(id, me, ct))?.Of(kind) is not { } counted) return TypedResults.NotFound();
        return TypedResults.Text(ClockCsv.Write(counted, time.GetCurrentInstant(), me.Zone), "text/csv; charset=utf-8");
    }

    private static IResult New(CurrentPerson me) => TicketNew.Create(new(NewTicketForm.Empty, ForOthers(me), null));

    private static async Task<IResult> OpenAsync(
        IFormCollection fields, CurrentPerson me, TicketDesk desk, BlobStore blobs, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = NewTicketForm.Read(fields);
        if (!ForOthers(me)) form = form with { Requester = "" };
        var files = await Uploads.ReadAsync(fields.Files, blobs, errors, ct);
        if (!errors.Any)
        {
            switch (await desk.OpenAsync(form.ToDraft(files), me, Via.Portal, ct))
            {
                case TicketResult.Done done: return new SeeOther($"/tickets/{done.Ticket.Id}");
                case TicketResult.Refused refused: errors.Add(refused.Field, refused.Message); break;
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return TicketNew.Create(new(form, ForOthers(me), errors));
    }

    private static Task<IResult> ReplyAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketDesk desk, TicketView view,
        BlobStore blobs, HttpContext context, CancellationToken ct)
        => WriteAsync(id, fields, me, isNote: false, draft => desk.ReplyAsync(id, draft, me, Via.Portal, ct), view, blobs, context, ct);

    private static Task<IResult> NoteAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketDesk desk, TicketView view,
        BlobStore blobs, HttpContext context, CancellationToken ct)
        => WriteAsync(id, fields, me, isNote: true, draft => desk.NoteAsync(id, draft, me, Via.Portal, ct), view, blobs, context, ct);

    private static async Task<IResult> WriteAsync(TicketId id, IFormCollection fields, CurrentPerson me, bool isNote,
        Func<ReplyDraft, Task<TicketResult>> write, TicketView view, BlobStore blobs, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = ReplyForm.Read(fields);
        var files = await Uploads.ReadAsync(fields.Files, blobs, errors, ct);
        if (!errors.Any)
        {
            switch (await write(form.ToDraft(files)))
            {
                case TicketResult.Done done: return new SeeOther($"/tickets/{id}#m{done.Ticket.Seq}");
                case TicketResult.Missing: return TypedResults.NotFound();
                case TicketResult.Refused refused: errors.Add(refused.Field, refused.Message); break;
                case TicketResult.Stale stale:
                    context.Response.StatusCode = StatusCodes.Status409Conflict;
                    return TicketStale.Create(await view.StaleAsync(stale, form, isNote, files.Count > 0, me, ct));
            }
        }
        if (await view.OfAsync(id, me, ct) is not { } model) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return TicketShow.Create(isNote ? model with { Note = form, Errors = errors, IsNoteWrong = true } : model with { Reply = form, Errors = errors });
    }

    private static Task<IResult> MoveAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketDesk desk, TicketView view, HttpContext context, CancellationToken ct)
        => ChangeAsync(id, me, FormText.Name<TicketState>(FormText.Line(fields, "to")), to => desk.MoveAsync(id, to, me, ct), "to", fields, view, context, ct);

    private static Task<IResult> PrioritiseAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketDesk desk, TicketView view, HttpContext context, CancellationToken ct)
        => ChangeAsync(id, me, FormText.Name<Priority>(FormText.Line(fields, "priority")), to => desk.PrioritiseAsync(id, to, me, ct), "priority", fields, view, context, ct);

    private static Task<IResult> AwaitConsentAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketDesk desk, TicketView view, HttpContext context, CancellationToken ct)
        => ChangeAsync<bool>(id, me, FormText.Line(fields, "consent") switch { "wait" => true, "go" => false, _ => null },
            waiting => desk.AwaitConsentAsync(id, waiting, me, ct), "consent", fields, view, context, ct);

    private static Task<IResult> AssignAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketDesk desk, TicketView view, HttpContext context, CancellationToken ct)
    {
        // Empty is a choice, nobody; what is no person's number is none.
        var chosen = FormText.Line(fields, "assignee");
        ValueTuple<PersonId?>? to = chosen.Length == 0 ? new(null) : PersonId.TryParse(chosen, null, out var person) ? new(person) : null;
        return ChangeAsync(id, me, to, given => desk.AssignAsync(id, given.Item1, me, ct), "assignee", fields, view, context, ct);
    }

    /// <summary>One of the small forms beside a ticket; what was refused is shown again as it was chosen.</summary>
    private static async Task<IResult> ChangeAsync<T>(TicketId id, CurrentPerson me, T? value, Func<T, Task<TicketResult>> change, string field,
        IFormCollection fields, TicketView view, HttpContext context, CancellationToken ct) where T : struct
    {
        var errors = new FormErrors();
        if (value is not { } given) errors.Add(field, "Choose one of the list.");
        else
            switch (await change(given))
            {
                case TicketResult.Done: return new SeeOther($"/tickets/{id}");
                case TicketResult.Refused refused: errors.Add(refused.Field, refused.Message); break;
                default: return TypedResults.NotFound();
            }
        if (await view.OfAsync(id, me, ct) is not { } model) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return TicketShow.Create(model with { Errors = errors, Chosen = (field, FormText.Line(fields, field)) });
    }

    private static bool ForOthers(CurrentPerson me) => me.ScopeOf(Permission.TicketOpen) is Scope.Organisation or Scope.Customers or Scope.All;
}
