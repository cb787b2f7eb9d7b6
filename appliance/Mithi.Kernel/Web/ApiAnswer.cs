using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Mithi.Kernel.Jobs;

namespace Mithi.Kernel.Web;

/// <summary>How routes for programs read JSON and answer: camelCase, enums by name, times in unix milliseconds; errors are problem details (RFC 9457).</summary>
public static class ApiAnswer
{
    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => TypedResults.Json(value, JobJson.Options, statusCode: status);

    /// <summary>The body as a record; null when it is none, and then <see cref="NotJson"/> is the answer.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context, CancellationToken ct) where T : class
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

    public static IResult NotJson()
        => TypedResults.Problem("Send one JSON object with the content type application/json.", statusCode: StatusCodes.Status400BadRequest);

    /// <summary>Names each field that is wrong, with its reason.</summary>
    public static IResult Invalid(FormErrors errors)
        => TypedResults.Problem(new HttpValidationProblemDetails(errors.All.ToDictionary(e => e.Key, e => new[] { e.Value })) { Status = StatusCodes.Status422UnprocessableEntity });

    public static IResult Invalid(string field, string message) => Invalid(new FormErrors().Add(field, message));
}
