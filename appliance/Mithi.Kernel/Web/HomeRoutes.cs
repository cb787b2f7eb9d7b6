using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Web.Pages;

namespace Mithi.Kernel.Web;

internal static class HomeRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapGet("/", IResult (Menu menu) => Home.Create(new(menu))).ForEverybody("the start page shows each reader what he may use");
}

/// <summary>The start page.</summary>
public sealed record HomeModel(Menu Menu);
