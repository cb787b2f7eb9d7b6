using Microsoft.AspNetCore.Http;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Calls;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using NodaTime;

namespace Mithi.Kernel.Web;

/// <summary>Describes every route below <c>/api</c> as OpenAPI 3.1, from the routes themselves and the records that they name: it can't be out of date.</summary>
public static class OpenApiWriter
{
    private const string Json = "application/json";

    private static readonly JsonSchemaExporterOptions Exporter = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Own };

    private static readonly (string Status, string Means)[] Refusals =
    [
        ("400", "Not understood"), ("401", "No token, or one that is not known"), ("403", "The token may not do this"), ("404", "Nothing there, or out of reach"),
        ("409", "Changed meanwhile"), ("422", "A field is wrong; errors names each"), ("429", "Too many calls; Retry-After says in how many seconds"),
    ];

    public static JsonObject Write(IEnumerable<Endpoint> endpoints, string server)
    {
        var (paths, schemas) = (new JsonObject(), new JsonObject { ["Problem"] = Problem() });
        foreach (var route in endpoints.OfType<RouteEndpoint>().Where(IsApi).OrderBy(PathOf, StringComparer.Ordinal))
        {
            if (paths[PathOf(route)] is not JsonObject path) paths[PathOf(route)] = path = [];
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]) path[method.ToLowerInvariant()] = Operation(route, schemas);
        }
        return new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Mithi.Appliance", ["version"] = NodeOptions.Version },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = server }),
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API token of a person's profile." } },
                ["schemas"] = schemas,
            },
        };
    }

    /// <summary>A route's path as the description names it: parameters without their constraints.</summary>
    public static string PathOf(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        _ => "",
    }))));

    public static bool IsApi(RouteEndpoint route) => PathOf(route).StartsWith("/api/", StringComparison.Ordinal);

    private static JsonObject Operation(RouteEndpoint route, JsonObject schemas)
    {
        var (doc, rule) = (route.Metadata.GetMetadata<ApiDoc>(), route.Metadata.GetMetadata<RouteRule>());
        var responses = new JsonObject { [(doc?.Status ?? 200).ToString()] = Body("Done", doc?.Response, schemas) };
        foreach (var (status, means) in Refusals) responses[status] = new JsonObject
        {
            ["description"] = means, ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = Reference("Problem") } },
        };
        var operation = new JsonObject
        {
            ["summary"] = doc?.Summary ?? PathOf(route), ["description"] = rule?.Permission is { } needed ? $"Needs the permission {needed}." : rule?.Why ?? "",
            ["parameters"] = new JsonArray([.. Parameters(route, doc)]), ["responses"] = responses,
        };
        if (doc?.Request is { } request) operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(request, schemas) };
        if (rule is { Permission: null, SignedIn: false }) operation["security"] = new JsonArray();
        return operation;
    }

    private static IEnumerable<JsonNode> Parameters(RouteEndpoint route, ApiDoc? doc)
        => route.RoutePattern.Parameters.Select(p => Parameter(p.Name, "path", true)).Concat((doc?.Query ?? []).Select(name => Parameter(name, "query", false)))
            .Concat(KeyedCalls.Takes(route) ? [Key()] : []);

    private static JsonObject Key()
    {
        var key = Parameter(KeyedCalls.Header, "header", false);
        key["description"] = "The same call with the same key within a day is done once and answered alike.";
        (key["schema"]!["minLength"], key["schema"]!["maxLength"]) = (1, Calls.Limits.KeyCharsMax);
        return key;
    }

    private static JsonObject Parameter(string name, string where, bool isRequired)
        => new() { ["name"] = name, ["in"] = where, ["required"] = isRequired, ["schema"] = new JsonObject { ["type"] = "string" } };

    private static JsonObject Body(string description, Type? type, JsonObject schemas)
    {
        var body = new JsonObject { ["description"] = description };
        if (type is not null) body["content"] = Content(type, schemas);
        return body;
    }

    private static JsonObject Content(Type type, JsonObject schemas)
    {
        schemas[type.Name] ??= JobJson.Options.GetJsonSchemaAsNode(type, Exporter);
        return new() { [Json] = new JsonObject { ["schema"] = Reference(type.Name) } };
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    // Our converters write plain numbers and text, of which the exporter can't know.
    private static JsonNode Own(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type);
        var isNull = type is not null;
        type ??= context.TypeInfo.Type;
        if (type == typeof(Instant) || typeof(IId).IsAssignableFrom(type)) return new JsonObject { ["type"] = Type("integer") };
        return type == typeof(BlobId) ? new JsonObject { ["type"] = Type("string") } : schema;

        JsonNode Type(string name) => isNull ? new JsonArray(name, "null") : JsonValue.Create(name);
    }

    private static JsonObject Problem() => (JsonObject)JsonNode.Parse("""
        {"type": "object", "description": "RFC 9457", "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
         "detail": {"type": "string"}, "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}, "requestId": {"type": "string"}}}
        """)!;
}
