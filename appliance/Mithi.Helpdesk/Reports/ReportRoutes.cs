using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Helpdesk.Reports.Pages;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Reports;

internal static class ReportRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var reports = routes.MapGroup("/reports").Needs(Permission.ReportRead);
        reports.MapGet("", ShowAsync);
        reports.MapGet("/{table}.csv", CsvAsync);
        routes.MapGet("/api/reports/tickets", ApiAsync).Needs(Permission.ReportRead).CountsAsApi()
            .Says("How promises were kept in a period, as the page of reports shows it.", typeof(ApiReport), null, 200, "period", "from", "until", "by", "organisation");
    }

    private static async Task<IResult> ShowAsync(CurrentPerson me, ReportStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var errors = new FormErrors();
        if (await ReadAsync(me, store, time, context, errors, ct) is not { } asked) return TypedResults.NotFound();
        var report = await store.ReportAsync(asked.Query, me, ct);
        if (errors.Any) context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return ReportPage.Create(new(asked.Query, report, ReportTable.Of(report, asked.Query, me.May(Permission.TicketNote)), asked.Name, GroupingsOf(me), errors)
        {
            From = errors.Any ? context.Request.Query["from"].ToString() : asked.Query.Period.From,
            Until = errors.Any ? context.Request.Query["until"].ToString() : asked.Query.Period.Until,
        });
    }

    private static async Task<IResult> CsvAsync(string table, CurrentPerson me, ReportStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var errors = new FormErrors();
        if (await ReadAsync(me, store, time, context, errors, ct) is not { } asked) return TypedResults.NotFound();
        if (errors.Any) return TypedResults.BadRequest();
        var tables = ReportTable.Of(await store.ReportAsync(asked.Query, me, ct), asked.Query, me.May(Permission.TicketNote));
        return tables.FirstOrDefault(t => t.Id == table) is { } found
            ? TypedResults.Text(ReportCsv.Write(found, asked.Query.By), "text/csv; charset=utf-8") : TypedResults.NotFound();
    }

    private static async Task<IResult> ApiAsync(CurrentPerson me, ReportStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var errors = new FormErrors();
        if (await ReadAsync(me, store, time, context, errors, ct) is not { } asked) return TypedResults.NotFound();
        if (errors.Any) return ApiAnswer.Invalid(errors);
        var isStaff = me.May(Permission.TicketNote);
        var (query, report) = (asked.Query, await store.ReportAsync(asked.Query, me, ct));
        return ApiAnswer.Json(new ApiReport(query.Period.From, query.Period.Until, me.Zone.Id, query.By, query.Organisation,
            ApiReportLine.Of(report.Total, query, isTotal: true, isStaff), [.. report.Lines.Select(l => ApiReportLine.Of(l, query, isTotal: false, isStaff))]));
    }

    /// <summary>What is asked for; null when it is about somebody out of reach.</summary>
    private static async Task<(ReportQuery Query, string? Name)?> ReadAsync(
        CurrentPerson me, ReportStore store, TimeProvider time, HttpContext context, FormErrors errors, CancellationToken ct)
    {
        var asked = context.Request.Query;
        var today = time.GetCurrentInstant().InZone(me.Zone).Date;
        if (ReportPeriod.Read(asked, today) is not { } period)
        {
            errors.Add("from", "Choose a first and a last day, at most a year apart.");
            period = ReportPeriod.Of(PeriodKind.Month, today);
        }
        var by = FormText.Name<Grouping>(asked["by"].ToString()) is { } chosen && GroupingsOf(me).Contains(chosen) ? chosen : Grouping.Priority;
        if (asked["organisation"].ToString() is not { Length: > 0 } about) return (new(period, by, null), null);
        return IdText.TryParse<OrganisationId>(about, out var id) && await store.OrganisationAsync(id, me, ct) is { } name ? (new(period, by, id), name) : null;
    }

    private static IReadOnlyList<Grouping> GroupingsOf(CurrentPerson me) => [.. Groupings.All.Where(by =>
        (me.May(Permission.TicketNote) || !Groupings.IsInternal(by)) && (by != Grouping.Customer || me.ScopeOf(Permission.ReportRead) != Scope.Organisation))];
}

/// <summary>The page of reports.</summary>
/// <param name="Organisation">The name of whom it is about; null: of all.</param>
public sealed record ReportModel(
    ReportQuery Query, Report Report, IReadOnlyList<ReportTable> Tables, string? Organisation, IReadOnlyList<Grouping> Groupings, FormErrors Errors)
{
    public string From { get; init; } = "";

    public string Until { get; init; } = "";

    /// <summary>This report in another form or about another organisation.</summary>
    public string Url(string path, Kernel.People.OrganisationId? organisation) => path + QueryString.Create(new Dictionary<string, string?>
    {
        ["period"] = Query.Period.Kind.ToString().ToLowerInvariant(), ["from"] = Query.Period.Kind == PeriodKind.Custom ? Query.Period.From : null,
        ["until"] = Query.Period.Kind == PeriodKind.Custom ? Query.Period.Until : null, ["by"] = Query.By.ToString(), ["organisation"] = organisation?.ToString(),
    }.Where(p => p.Value is not null));
}
