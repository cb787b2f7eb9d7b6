using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Sla;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Tickets for programs: what the pages do. wiki-content/reference/ticket-api.md.</summary>
internal static class TicketApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var tickets = routes.MapGroup("/api/tickets").CountsAsApi();
        tickets.MapGet("", ListAsync).Needs(Permission.TicketRead)
            .Says("Lists tickets, the newest change first.", typeof(ApiTickets), null, 200, "show", "priority", "level", "q", "limit", "before");
        tickets.MapPost("", OpenAsync).Needs(Permission.TicketOpen).Says("Opens a ticket.", typeof(ApiDone), typeof(ApiNewTicket), 201);
        tickets.MapGet("/{id}", ShowAsync).Needs(Permission.TicketRead).Says("A ticket with its conversation.", typeof(ApiTicket), null, 200, "before");
        tickets.MapPost("/{id}/replies", ReplyAsync).Needs(Permission.TicketReply).Says("Adds a public message.", typeof(ApiDone), typeof(ApiReply), 201);
        tickets.MapPost("/{id}/notes", NoteAsync).Needs(Permission.TicketNote).Says("Adds an internal note.", typeof(ApiDone), typeof(ApiNote), 201);
        tickets.MapPost("/{id}/state", MoveAsync).Needs(Permission.TicketReply).Says("Moves the ticket to another state.", typeof(ApiDone), typeof(ApiState));
        tickets.MapPost("/{id}/priority", PrioritiseAsync).Needs(Permission.TicketWork).Says("Sets the priority.", typeof(ApiDone), typeof(ApiPriority));
        tickets.MapPost("/{id}/assignee", AssignAsync).Needs(Permission.TicketWork).Says("Gives the ticket to somebody, or back.", typeof(ApiDone), typeof(ApiAssignee));
        tickets.MapPost("/{id}/level", HandOverAsync).Needs(Permission.TicketWork).Says("Hands the ticket over to another level.", typeof(ApiDone), typeof(ApiLevel));
        tickets.MapGet("/{id}/files/{seq:long}/{number:int}", FileAsync).Needs(Permission.TicketRead).Says("A file of a message or note, by its content type.");
        tickets.MapGet("/{id}/clocks", ClocksAsync).Needs(Permission.TicketNote).Says("The promises, and how each was counted.", typeof(ApiClocks));
        tickets.MapGet("/{id}/participants", ParticipantsAsync).Needs(Permission.TicketNote).Says("Whom public messages go to by mail.", typeof(ApiParticipants));
        routes.MapGet("/api/staff", StaffAsync).Needs(Permission.TicketWork).CountsAsApi().Says("Who can be given a ticket.", typeof(ApiStaff));
    }

    private static async Task<IResult> ListAsync(CurrentPerson me, TicketStore store, HttpContext context, CancellationToken ct)
    {
        var most = int.TryParse(context.Request.Query["limit"], out var asked) ? Math.Clamp(asked, 1, Limits.ApiRowsMax) : Limits.PageRows;
        var (lines, next) = await store.ListAsync(TicketFilter.Read(context.Request.Query), me, most, ct);
        var isStaff = me.May(Permission.TicketNote);
        return ApiAnswer.Json(new ApiTickets([.. lines.Select(l => new ApiTicketLine(l.Id, l.Subject, l.OrganisationName, l.RequesterName, l.Kind, l.Priority, l.State,
            isStaff ? l.Level : null, isStaff ? l.AssigneeName : null, l.FixVersion, l.UpdatedAt, l.NextDue))], next?.ToString()));
    }

    private static async Task<IResult> ShowAsync(TicketId id, long? before, CurrentPerson me, TicketStore store, HttpContext context, CancellationToken ct)
    {
        if (await store.PageAsync(id, before, me, ct) is not { } page) return TypedResults.NotFound();
        var tag = new EntityTagHeaderValue($"\"{page.Ticket.UpdatedAt.ToUnixTimeMilliseconds()}.{(page.Entries.Count > 0 ? page.Entries[^1].Seq : 0)}\"");
        context.Response.Headers.ETag = tag.ToString();
        return context.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Compare(tag, useStrongComparison: false))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : ApiAnswer.Json(Of(page, me));
    }

    private static async Task<IResult> OpenAsync(CurrentPerson me, TicketDesk desk, BlobStore blobs, HttpContext context, CancellationToken ct)
    {
        if (await ApiAnswer.ReadAsync<ApiNewTicket>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        var form = new NewTicketForm(Text(sent.Subject), Text(sent.Kind, NewTicketForm.Empty.Kind), Text(sent.Priority, NewTicketForm.Empty.Priority),
            Text(sent.Product), Text(sent.Version), Text(sent.Body), Text(sent.Requester));
        var errors = form.Check();
        if (form.Subject.Any(char.IsControl)) errors.Add("subject", "This contains a character that can't be used.");
        var files = await FilesAsync(sent.Files, blobs, errors, ct);
        return errors.Any ? ApiAnswer.Invalid(errors) : Answer(await desk.OpenAsync(form.ToDraft(files), me, Via.Api, ct), me, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ReplyAsync(TicketId id, CurrentPerson me, TicketDesk desk, BlobStore blobs, HttpContext context, CancellationToken ct)
    {
        if (await ApiAnswer.ReadAsync<ApiReply>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        var (body, errors) = BodyOf(sent.Body);
        if (Text(sent.Then).Length > 0 && FormText.Name<TicketState>(sent.Then) is null) errors.Add("then", "Choose one of the list.");
        var files = await FilesAsync(sent.Files, blobs, errors, ct);
        if (errors.Any) return ApiAnswer.Invalid(errors);
        var draft = new ReplyDraft(body, sent.Seen ?? long.MaxValue, FormText.Name<TicketState>(sent.Then)) { Files = files };
        return Answer(await desk.ReplyAsync(id, draft, me, Via.Api, ct), me, StatusCodes.Status201Created);
    }

    private static async Task<IResult> NoteAsync(TicketId id, CurrentPerson me, TicketDesk desk, BlobStore blobs, HttpContext context, CancellationToken ct)
    {
        if (await ApiAnswer.ReadAsync<ApiNote>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        var (body, errors) = BodyOf(sent.Body);
        var files = await FilesAsync(sent.Files, blobs, errors, ct);
        if (errors.Any) return ApiAnswer.Invalid(errors);
        return Answer(await desk.NoteAsync(id, new ReplyDraft(body, sent.Seen ?? long.MaxValue) { Files = files }, me, Via.Api, ct), me, StatusCodes.Status201Created);
    }

    private static Task<IResult> MoveAsync(TicketId id, CurrentPerson me, TicketDesk desk, HttpContext context, CancellationToken ct)
        => ChangeAsync<ApiState, TicketState>("to", sent => FormText.Name<TicketState>(sent.To), (to, _) => desk.MoveAsync(id, to, me, ct), me, context, ct);

    private static Task<IResult> PrioritiseAsync(TicketId id, CurrentPerson me, TicketDesk desk, HttpContext context, CancellationToken ct)
        => ChangeAsync<ApiPriority, Priority>("priority", sent => FormText.Name<Priority>(sent.Priority), (to, _) => desk.PrioritiseAsync(id, to, me, ct), me, context, ct);

    private static Task<IResult> AssignAsync(TicketId id, CurrentPerson me, TicketDesk desk, HttpContext context, CancellationToken ct)
        => ChangeAsync<ApiAssignee, ValueTuple<PersonId?>>("assignee", sent => new(sent.Assignee is { } person ? new PersonId(person) : null),
            (to, _) => desk.AssignAsync(id, to.Item1, me, ct), me, context, ct);

    private static Task<IResult> HandOverAsync(TicketId id, CurrentPerson me, TicketDesk desk, HttpContext context, CancellationToken ct)
        => ChangeAsync<ApiLevel, Level>("level", sent => FormText.Name<Level>(sent.Level), (to, sent) => desk.HandOverAsync(id, to, Text(sent.Reason).Trim(), EvidenceOf(sent), me, ct), me, context, ct);

    private static IReadOnlyList<Evidence> EvidenceOf(ApiLevel sent)
        => [.. (sent.Evidence ?? []).Take(Limits.EvidenceMax).OfType<ApiEvidence>().Select(e => new Evidence(Text(e.Question), e.Given ?? false, Text(e.Words).Trim()))];

    private static async Task<IResult> ChangeAsync<TSent, T>(string field, Func<TSent, T?> value, Func<T, TSent, Task<TicketResult>> change, CurrentPerson me,
        HttpContext context, CancellationToken ct) where TSent : class where T : struct
    {
        if (await ApiAnswer.ReadAsync<TSent>(context, ct) is not { } sent) return ApiAnswer.NotJson();
        return value(sent) is { } given ? Answer(await change(given, sent), me, StatusCodes.Status200OK) : ApiAnswer.Invalid(field, "Choose one of the list.");
    }

    private static async Task<IResult> FileAsync(TicketId id, long seq, int number, CurrentPerson me, TicketStore store, BlobStore blobs, HttpContext context, CancellationToken ct)
    {
        if (await store.FileAsync(id, seq, number, me, ct) is not { } file || !blobs.Exists(file.Blob)) return TypedResults.NotFound();
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return TypedResults.File(blobs.OpenRead(file.Blob), file.ContentType, file.Name, enableRangeProcessing: true);
    }

    private static async Task<IResult> ClocksAsync(TicketId id, CurrentPerson me, TicketStore store, TimeProvider time, CancellationToken ct)
    {
        if (await store.ClocksAsync(id, me, ct) is not { } clocks) return TypedResults.NotFound();
        var now = time.GetCurrentInstant();
        return ApiAnswer.Json(new ApiClocks([.. from kind in Enum.GetValues<ClockKind>() let clock = clocks.Of(kind) where clock is not null
            select new ApiClock(kind, clocks.Calendars.GetValueOrDefault(kind, ""), clock.StateAt(now), clock.DueAt, clock.Stop, (long)clock.Elapsed(now).TotalSeconds, (long?)clock.Target?.TotalSeconds,
                [.. clock.Explain(now).Select(l => new ApiClockSpan(l.Span.Start, l.Span.End, l.Counted, l.Reason))])]));
    }

    private static async Task<IResult> ParticipantsAsync(TicketId id, CurrentPerson me, TicketStore store, CancellationToken ct)
        => await store.ParticipantsAsync(id, me, ct) is { } people ? ApiAnswer.Json(new ApiParticipants(people)) : TypedResults.NotFound();

    private static async Task<IResult> StaffAsync(TicketStore store, CancellationToken ct) => ApiAnswer.Json(new ApiStaff(await store.StaffAsync(ct)));

    internal static IResult Answer(TicketResult result, CurrentPerson me, int status = StatusCodes.Status200OK) => result switch
    {
        TicketResult.Done { Ticket: var t } => ApiAnswer.Json(new ApiDone(t.Id, t.State, t.Priority,
            me.May(Permission.TicketNote) ? t.Level : null, me.May(Permission.TicketNote) ? t.Seq : null), status),
        TicketResult.Refused refused => ApiAnswer.Invalid(refused.Field, refused.Message),
        TicketResult.Stale stale => ApiAnswer.Json(new ApiStale([.. stale.Newer.Select(e => Entry(e, me)).OfType<ApiEntry>()]), StatusCodes.Status409Conflict),
        _ => TypedResults.NotFound(),
    };

    private static ApiTicket Of(TicketPage page, CurrentPerson me)
    {
        var (ticket, isStaff) = (page.Ticket, me.May(Permission.TicketNote));
        return new(ticket.Id, ticket.Subject, page.OrganisationName, new(ticket.RequesterName, ticket.RequesterEmail), ticket.Kind, ticket.Priority, ticket.State,
            isStaff ? ticket.Level : null, isStaff ? ticket.AssigneeName : null, isStaff ? ticket.AssigneeId : null, ticket.Product, ticket.ProductVersion,
            ticket.HasFix ? new(ticket.FixProduct, ticket.FixVersion) : null, isStaff ? ticket.MergedIntoId : null,
            isStaff ? [.. page.Ties.Select(l => new ApiTie(l.Seq, l.OtherId, l.Role, l.State))] : null, ticket.OpenedAt, ticket.UpdatedAt,
            page.Clocks.FirstResponse.DueAt, page.Clocks.NextResponse?.DueAt, page.Clocks.Resolution.DueAt, [.. page.Entries.Select(e => Entry(e, me)).OfType<ApiEntry>()], page.Older);
    }

    private static ApiEntry? Entry(TicketEntry entry, CurrentPerson me) => entry switch
    {
        TicketEntry.Message m => new(m.Seq, "message", m.At, m.Side, m.Side == Side.Staff && !me.May(Permission.TicketNote) ? "Support" : m.AuthorName, m.Body, m.Files, null, m.From),
        // The store gives notes to nobody else; this outlet asks once more.
        TicketEntry.Note n when me.May(Permission.TicketNote) => new(n.Seq, "note", n.At, null, n.AuthorName, n.Body, n.Files, null, n.From),
        TicketEntry.Card c => new(c.Seq, "card", c.At, Side.Staff, me.May(Permission.TicketNote) ? c.AuthorName : "Support",
            c.Step.Command.Length > 0 ? $"{c.Text}\n\n{c.Step.Command}" : c.Text, [], c.IsDone switch { null => null, true => "done", _ => "failed" }, null),
        TicketEntry.Happened h => new(h.Seq, "event", h.At, null, null, null, null, h.Change.Kind, null) { Evidence = ConversationView.EvidenceOf(h, me) is { Count: > 0 } evidence ? evidence : null },
        _ => null,
    };

    private static (string Body, FormErrors Errors) BodyOf(string? sent)
    {
        var (body, errors) = (Text(sent).Trim(), new FormErrors());
        if (body.Length == 0) errors.Add("body", "Write something first.");
        if (body.Length > Limits.BodyCharsMax) errors.Add("body", "This is too long: attach it as a file.");
        return (body, errors);
    }

    /// <summary>Kept only when nothing else is wrong.</summary>
    private static async Task<IReadOnlyList<TicketFile>> FilesAsync(IReadOnlyList<ApiUpload?>? sent, BlobStore blobs, FormErrors errors, CancellationToken ct)
    {
        if (sent is not { Count: > 0 }) return [];
        if (sent.Count > Limits.AttachmentsMax) errors.Add("files", "At most 10 files at once.");
        if (sent.Sum(f => (long)(f?.Content?.Length ?? 0)) / 4 * 3 > Limits.AttachmentBytesMax) errors.Add("files", "The files are too large: at most 25 MB together.");
        if (errors.Any) return [];
        var contents = new List<(string Name, byte[] Bytes)>();
        foreach (var file in sent)
        {
            var bytes = new byte[(file?.Content?.Length ?? 0) / 4 * 3 + 3];
            if (file?.Content is not { } text || !Convert.TryFromBase64String(text, bytes, out var written))
            {
                errors.Add("files", "A file's content has to be base64.");
                return [];
            }
            contents.Add((file.Name ?? "", bytes[..written]));
        }
        var kept = new List<TicketFile>();
        foreach (var (name, bytes) in contents)
        {
            using var content = new MemoryStream(bytes, writable: false);
            kept.Add(await Uploads.KeepAsync(content, name, blobs, Limits.AttachmentBytesMax, ct));
        }
        return kept;
    }

    internal static string Text(string? text, string otherwise = "")
        => text is { Length: > 0 } ? new string([.. text.Replace("\r\n", "\n").Where(c => c is '\n' or '\t' || !char.IsControl(c))]) : otherwise;
}
