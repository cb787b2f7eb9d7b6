using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Levels.Pages;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Levels;

/// <summary>Giving a ticket to another level, and what the levels want to be given with it.</summary>
internal static class LevelRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/tickets/{id}/hand-over", ShowAsync).Needs(Permission.TicketWork);
        routes.MapPost("/tickets/{id}/level", HandOverAsync).Needs(Permission.TicketWork).CountsAsWrite();
        routes.MapGet("/helpdesk/evidence", ListAsync).Needs(Permission.HelpdeskManage);
        routes.MapPost("/helpdesk/evidence", SaveAsync).Needs(Permission.HelpdeskManage).CountsAsWrite();
        routes.MapGet("/api/levels", LevelsAsync).Needs(Permission.TicketWork).CountsAsApi().Says("What each level asks for when a ticket comes up to it.", typeof(ApiLevels));
    }

    private static async Task<IResult> ShowAsync(TicketId id, string? level, CurrentPerson me, Db db, CancellationToken ct)
        => await ModelAsync(id, FormText.Name<Level>(level), [], "", null, me, db, ct) is { } model ? HandOverPage.Create(model) : TypedResults.NotFound();

    private static async Task<IResult> HandOverAsync(TicketId id, IFormCollection fields, CurrentPerson me, TicketDesk desk, Db db, CancellationToken ct)
    {
        var (to, reason, evidence, errors) = (FormText.Name<Level>(FormText.Line(fields, "level")), FormText.Area(fields, "reason"), EvidenceForm.ReadAnswers(fields), new FormErrors());
        if (to is not { } given) errors.Add("level", "Choose one of the list.");
        else
            switch (await desk.HandOverAsync(id, given, reason, evidence, me, ct))
            {
                case TicketResult.Done: return new SeeOther($"/tickets/{id}");
                case TicketResult.Refused refused: errors.Add(refused.Field, refused.Message); break;
                default: return TypedResults.NotFound();
            }
        return await ModelAsync(id, to, evidence, reason, errors, me, db, ct) is { } model ? new RefusedForm(HandOverPage.Create(model)) : TypedResults.NotFound();
    }

    /// <summary>Beside each question that is still open stands that it is.</summary>
    private static Task<HandOverModel?> ModelAsync(TicketId id, Level? to, IReadOnlyList<Evidence> given, string reason, FormErrors? errors, CurrentPerson me, Db db, CancellationToken ct)
        => db.ReadAsync(async tx =>
        {
            if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket) return null;
            if (to == ticket.Level) to = null;
            var evidence = to is { } level ? (await EvidenceStore.GetAsync(tx)).Sort(ticket.Level, level, given) : [];
            if (errors?.Of("evidence") is { } missing)
            {
                var beside = new FormErrors();
                for (var i = 0; i < evidence.Count; i++)
                    if (!evidence[i].IsAnswered) beside.Add($"words-{i}", missing);
                errors = beside;
            }
            return new HandOverModel(ticket, to, evidence, reason, errors);
        }, ct);

    private static async Task<IResult> ListAsync(EvidenceStore store, CancellationToken ct) => EvidencePage.Create(new(EvidenceForm.Of(await store.GetAsync(ct)), null));

    private static async Task<IResult> SaveAsync(IFormCollection fields, CurrentPerson me, EvidenceStore store, TimeProvider time, CancellationToken ct)
    {
        var (form, list, errors) = EvidenceForm.Read(fields);
        if (!errors.Any)
        {
            if (await store.SaveAsync(list, me, time.GetCurrentInstant(), ct)) return new SeeOther("/helpdesk/evidence");
            errors.Add("", "Somebody else changed this meanwhile. What you typed is still here: look and save again.");
            form = form with { Version = (await store.GetAsync(ct)).Version };
        }
        return new RefusedForm(EvidencePage.Create(new(form, errors)));
    }

    private static async Task<IResult> LevelsAsync(EvidenceStore store, CancellationToken ct)
    {
        var list = await store.GetAsync(ct);
        return ApiAnswer.Json(new ApiLevels([.. Enum.GetValues<Level>().Select(l => new ApiLevelLine(l, list.Questions.GetValueOrDefault(l, [])))]));
    }
}
