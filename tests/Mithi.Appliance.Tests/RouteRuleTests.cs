using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>Walks the route table itself, so that a new route without a rule fails here and not in the field.</summary>
public sealed class RouteRuleTests
{
    [Fact]
    public async Task Every_route_has_exactly_one_rule()
    {
        await using var house = await TestAppliance.StartAsync();
        var wrong = Routes(house).Where(r => r.Metadata.GetOrderedMetadata<RouteRule>().Count != 1).Select(r => r.DisplayName);
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Every_route_answers_each_role_as_its_rule_says()
    {
        await using var house = await TestAppliance.StartAsync();
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        var partner = await house.OrganisationAsync("Partner", "Partner");
        var customer = await house.OrganisationAsync("Customer", "Customer", partner);
        foreach (var role in Enum.GetValues<Role>())
        {
            var home = role.IsStaff() ? vendor : role == Role.Partner ? partner : customer;
            using var browser = role == Role.Public ? house.Browser() : await house.SignInAsync(role, home);
            foreach (var route in Routes(house)) await AskAsync(browser, role, route);
        }
    }

    private static async Task AskAsync(TestBrowser browser, Role role, RouteEndpoint route)
    {
        var rule = route.Metadata.GetRequiredMetadata<RouteRule>();
        var allowed = rule.Permission is { } needed ? PermissionTable.Of(role, needed) != Scope.None : !rule.SignedIn || role != Role.Public;
        foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
        {
            using var request = new HttpRequestMessage(new(method), PathOf(route));
            using var response = await browser.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var shown = $"{role} {method} {route.RoutePattern.RawText}: {(int)response.StatusCode}";
            if (allowed) Assert.False(response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized, shown);
            else if (role == Role.Public) Assert.True(IsSignIn(response) || response.StatusCode == HttpStatusCode.Unauthorized, shown);
            else Assert.True(response.StatusCode == HttpStatusCode.Forbidden, shown);
            Assert.True((int)response.StatusCode < 500, shown);
        }
    }

    private static bool IsSignIn(HttpResponseMessage response)
        => response.StatusCode == HttpStatusCode.Redirect && response.Headers.Location!.ToString().StartsWith("/sign-in", StringComparison.Ordinal);

    // Parameters get a value that no row has: the rule answers before the handler looks for one.
    private static string PathOf(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            _ => "987654321",
        }))));

    private static IEnumerable<RouteEndpoint> Routes(TestAppliance house)
        => house.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();
}
