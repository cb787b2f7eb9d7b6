using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Sla.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>Calendars and what is promised by them, for supervisors.</summary>
internal static class CalendarRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helpdesk/calendars", ListAsync).Needs(Permission.HelpdeskManage);
        routes.MapPost("/helpdesk/calendars", AddAsync).Needs(Permission.HelpdeskManage).CountsAsWrite();
        routes.MapGet("/helpdesk/calendars/{id:long}", ShowAsync).Needs(Permission.HelpdeskManage);
        routes.MapPost("/helpdesk/calendars/{id:long}", SaveAsync).Needs(Permission.HelpdeskManage).CountsAsWrite();
        routes.MapGet("/helpdesk/promises", PromisesAsync).Needs(Permission.HelpdeskManage);
        routes.MapPost("/helpdesk/promises", SavePromisesAsync).Needs(Permission.HelpdeskManage).CountsAsWrite();
    }

    private static async Task<IResult> ListAsync(CalendarStore store, TimeProvider time, CancellationToken ct)
        => CalendarsPage.Create(new(await store.ListAsync(time.GetCurrentInstant(), ct), "", null));

    private static async Task<IResult> AddAsync(IFormCollection fields, CurrentPerson me, CalendarStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (name, errors, now) = (fields.Line("name"), new FormErrors(), time.GetCurrentInstant());
        var lines = await store.ListAsync(now, ct);
        if (name.Length is 0 or > Limits.CalendarNameCharsMax) errors.Add("name", "Give it a name of at most 60 characters.");
        if (!long.TryParse(fields.Line("like"), out var like) || lines.All(l => l.Id != like)) errors.Add("like", "Choose one of the list.");
        if (!errors.Any)
        {
            if (await store.AddAsync(name, like, me, now, ct) is { } id) return new SeeOther($"/helpdesk/calendars/{id}");
            errors.Add("name", "There is a calendar of this name already.");
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return CalendarsPage.Create(new(lines, name, errors));
    }

    private static async Task<IResult> ShowAsync(long id, CalendarStore store, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        return await store.FindAsync(id, now, ct) is { } facts
            ? CalendarPage.Create(ModelOf(id, facts, CalendarForm.Of(facts.Calendar, facts.Version, now), facts.Calendar, now)) : TypedResults.NotFound();
    }

    /// <summary>Saves a new version; or shows the next two weeks of it, or what it would have changed, and saves nothing.</summary>
    private static async Task<IResult> SaveAsync(
        long id, IFormCollection fields, CurrentPerson me, CalendarStore store, WhatIf whatIf, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        if (await store.FindAsync(id, now, ct) is not { } facts) return TypedResults.NotFound();
        var (form, calendar, errors) = CalendarForm.Read(fields);
        WhatIfAnswer? answer = null;
        if (calendar is not null)
        {
            var from = CalendarForm.ReadFrom(form.From, calendar.Zone, now, errors);
            if (calendar.Next(from) is null) errors.Add("", "It would not open within 400 days: nothing could be promised by it.");
            switch (fields.Line("do"))
            {
                case "preview": break;
                case "what-if" when CalendarForm.ReadSince(form.Since, calendar.Zone, now, errors) is var since && !errors.Any:
                    answer = await whatIf.AskAsync(books => books.With(id, new(facts.Name, since, calendar)), since, now, ct);
                    break;
                case "" when !errors.Any:
                    if (await store.SaveAsync(id, form.Version, calendar, from, me, now, ct)) return new SeeOther($"/helpdesk/calendars/{id}");
                    errors.Add("", "Somebody else changed this meanwhile. What you typed is still here: look and save again.");
                    form = form with { Version = facts.Version };
                    break;
            }
        }
        if (errors.Any) context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return CalendarPage.Create(ModelOf(id, facts, form, calendar ?? facts.Calendar, now) with { Answer = answer, Errors = errors });
    }

    private static async Task<IResult> PromisesAsync(CurrentPerson me, CalendarStore store, TimeProvider time, CancellationToken ct)
    {
        var (id, standard, versions) = await store.StandardAsync(ct);
        return PromisesPage.Create(new(PromiseForm.Of(standard, id, time.GetCurrentInstant(), me.Zone), await store.NamesAsync(ct), versions, null, null));
    }

    private static async Task<IResult> SavePromisesAsync(
        IFormCollection fields, CurrentPerson me, CalendarStore store, WhatIf whatIf, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (now, calendars) = (time.GetCurrentInstant(), await store.NamesAsync(ct));
        var (id, _, versions) = await store.StandardAsync(ct);
        var (form, targets, errors) = PromiseForm.Read(fields, calendars);
        WhatIfAnswer? answer = null;
        if (targets is not null)
        {
            var from = CalendarForm.ReadFrom(form.From, me.Zone, now, errors);
            switch (fields.Line("do"))
            {
                case "what-if" when CalendarForm.ReadSince(form.Since, me.Zone, now, errors) is var since && !errors.Any:
                    answer = await whatIf.AskAsync(books => books.With(new(since, null, "Standard", targets, form.Retroactive)), since, now, ct);
                    break;
                case "" when !errors.Any:
                    if (await store.SaveStandardAsync(form.Version, targets, form.Retroactive, from, me, now, ct)) return new SeeOther("/helpdesk/promises");
                    errors.Add("", "Somebody else changed this meanwhile. What you typed is still here: look and save again.");
                    form = form with { Version = id };
                    break;
            }
        }
        if (errors.Any) context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return PromisesPage.Create(new(form, calendars, versions, answer, errors));
    }

    private static CalendarModel ModelOf(long id, CalendarFacts facts, CalendarForm form, WorkingCalendar shown, Instant now)
        => new(id, facts.Name, form, facts.Versions, facts.Uses, PreviewOf(shown, now), null, null);

    /// <summary>What is open on the days of two weeks, in the wall time of the calendar.</summary>
    private static IReadOnlyList<PreviewDay> PreviewOf(WorkingCalendar calendar, Instant now)
    {
        var today = now.InZone(calendar.Zone).Date;
        return [.. Enumerable.Range(0, 14).Select(today.PlusDays).Select(day => new PreviewDay(day, string.Join(", ", SpansOf(calendar, day))))];
    }

    private static IEnumerable<string> SpansOf(WorkingCalendar calendar, LocalDate day)
    {
        var (at, end) = (calendar.Zone.AtStartOfDay(day).ToInstant(), calendar.Zone.AtStartOfDay(day.PlusDays(1)).ToInstant());
        while (at < end && calendar.Next(at) is { } span && span.Start < end)
        {
            at = Instant.Min(span.End, end);
            yield return $"{span.Start.InZone(calendar.Zone).TimeOfDay:HH:mm}–{(at == end ? "24:00" : $"{at.InZone(calendar.Zone).TimeOfDay:HH:mm}")}";
        }
    }
}
