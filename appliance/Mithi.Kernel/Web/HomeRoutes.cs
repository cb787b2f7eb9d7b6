using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Web.Pages;

namespace Mithi.Kernel.Web;

internal static class HomeRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", IResult (Menu menu) => Home.Create(new(menu))).ForEverybody("the start page shows each reader what he may use");
        routes.MapGet("/api/openapi.json", Describe).ForEverybody("it describes the program and says nothing of what is in it").CountsAtTheDoor()
            .Says("This description.", typeof(JsonObject));
    }

    private static IResult Describe(EndpointDataSource endpoints, NodeAddress address)
        => TypedResults.Text(OpenApiWriter.Write(endpoints.Endpoints, address.Public).ToJsonString(), "application/json; charset=utf-8");
}

/// <summary>The start page.</summary>
public sealed record HomeModel(Menu Menu);
