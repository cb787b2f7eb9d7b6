using Microsoft.AspNetCore.Builder;

namespace Mithi.Kernel.Web;

/// <summary>What a route for programs takes and answers, for its description.</summary>
/// <param name="Summary">One English sentence.</param>
/// <param name="Request">The record that is read from the body; null: none.</param>
/// <param name="Response">The record that is answered; null: what its content type says.</param>
/// <param name="Status">Of a success.</param>
/// <param name="Query">Names of what may stand behind the question mark.</param>
public sealed record ApiDoc(string Summary, Type? Request, Type? Response, int Status, IReadOnlyList<string> Query);

public static class ApiDocs
{
    /// <summary>Describes the route in <c>/api/openapi.json</c>.</summary>
    public static T Says<T>(this T route, string summary, Type? response = null, Type? request = null, int status = 200, params IReadOnlyList<string> query)
        where T : IEndpointConventionBuilder => route.WithMetadata(new ApiDoc(summary, request, response, status, query));
}
