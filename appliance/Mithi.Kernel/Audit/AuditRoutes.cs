using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Audit.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime.Text;

namespace Mithi.Kernel.Audit;

/// <param name="Verdict">Set when the reader asked for the chain to be checked.</param>
public sealed record AuditModel(IReadOnlyList<AuditRow> Rows, AuditFilter Filter, long? Next, AuditVerdict? Verdict)
{
    public string Query => $"action={Uri.EscapeDataString(Filter.Action)}&subject={Uri.EscapeDataString(Filter.Subject)}"
        + (Filter.Person is { } person ? $"&person={person}" : "");
}

internal static class AuditRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/audit").Needs(Permission.AuditRead);
        audit.MapGet("", ShowAsync);
        audit.MapPost("/verify", VerifyAsync);
        audit.MapGet("/csv", CsvAsync);
    }

    private static async Task<IResult> ShowAsync(
        string? action, string? subject, string? person, string? before, AuditLog log, CancellationToken ct)
        => AuditPage.Create(await ModelAsync(Filter(action, subject, person), before, null, log, ct));

    private static async Task<IResult> VerifyAsync(AuditLog log, CancellationToken ct)
        => AuditPage.Create(await ModelAsync(new(), null, await log.VerifyAsync(ct), log, ct));

    private static async Task CsvAsync(
        string? action, string? subject, string? person, AuditLog log, HttpContext context, CancellationToken ct)
    {
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"audit.csv\"";
        await using var writer = new StreamWriter(context.Response.Body, new UTF8Encoding(false));
        await writer.WriteAsync("id,at,person,who,action,subject,detail,hash\r\n");
        for (long? before = null; ;)
        {
            // In pages, so that no reader is held open while a slow client downloads.
            var rows = await log.PageAsync(Filter(action, subject, person), before, Limits.VerifyRows, ct);
            foreach (var r in rows)
                await writer.WriteAsync(string.Join(',', $"{r.Id}", InstantPattern.ExtendedIso.Format(r.At), $"{r.PersonId}", Cell(r.Label),
                    Cell(r.Action), Cell(r.Subject), Cell(r.Detail), r.Hash) + "\r\n");
            if (rows.Count < Limits.VerifyRows) return;
            before = rows[^1].Id;
        }
    }

    // RFC 4180; and a leading sign would make a spreadsheet run what somebody typed as a name.
    internal static string Cell(string text)
        => $"\"{(text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" : "")}{text.Replace("\"", "\"\"")}\"";

    private static async Task<AuditModel> ModelAsync(AuditFilter filter, string? before, AuditVerdict? verdict, AuditLog log, CancellationToken ct)
    {
        var rows = await log.PageAsync(filter, long.TryParse(before, out var id) && id > 0 ? id : null, Limits.PageRows + 1, ct);
        return new([.. rows.Take(Limits.PageRows)], filter, rows.Count > Limits.PageRows ? rows[Limits.PageRows - 1].Id : null, verdict);
    }

    private static AuditFilter Filter(string? action, string? subject, string? person)
        => new(PersonId.TryParse(person, null, out var id) ? id : null, action?.Trim() ?? "", subject?.Trim() ?? "");
}
