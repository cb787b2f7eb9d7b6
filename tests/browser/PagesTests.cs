using Microsoft.AspNetCore.Routing;
using Mithi.Browser.Tests.Looks;
using Mithi.Testing;

namespace Mithi.Browser.Tests;

/// <summary>Every page of the sample's house, wide and on a phone, light and dark.</summary>
public abstract class PagesTests(SampleHouse house)
{
    protected SampleHouse House => house;

    public static TheoryData<string> Parts => [.. Tour.Parts.Keys];

    [Theory, MemberData(nameof(Parts))]
    public async Task Pages_are_fit_to_read_for_everybody(string part)
    {
        var faults = new List<string>();
        foreach (var look in Tour.Parts[part](house)) faults.AddRange(await house.LookAsync(look));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}

public sealed class EnglishPagesTests(SampleHouse house) : PagesTests(house), IClassFixture<SampleHouse>
{
    // What a browser gets that is no page, and where to get one of each; nothing for the sites' WebSocket.
    private static Dictionary<string, string> Others(SampleHouse house) => new()
    {
        ["/api/openapi.json"] = "/api/openapi.json", ["/api/staff"] = "/api/staff", ["/api/levels"] = "/api/levels", ["/api/tickets/{id}/clocks"] = "/api/tickets/1/clocks",
        ["/api/tickets/{id}/participants"] = "/api/tickets/1/participants", ["/api/tickets/{id}/files/{seq:long}/{number:int}"] = $"/api/tickets/1/files/{house.FileEntry}/1",
        ["/webhooks/{id}/deliveries/{delivery}.json"] = $"/webhooks/{house.Webhook}/deliveries/1.json",
        ["/api/tickets"] = "/api/tickets", ["/api/tickets/{id}"] = "/api/tickets/1", ["/api/releases/trust"] = "/api/releases/trust",
        ["/reports/{table}.csv"] = "/reports/backlog.csv", ["/api/reports/tickets"] = "/api/reports/tickets",
        ["/tickets/{id}/feed"] = "/tickets/1/feed", ["/tickets/{id}/files/{seq:long}/{number:int}"] = $"/tickets/1/files/{house.FileEntry}/1",
        ["/tickets/{id}/clocks/{clock}.csv"] = "/tickets/1/clocks/Resolution.csv", ["/helpdesk/mail/{id:long}.eml"] = $"/helpdesk/mail/{house.Mail}.eml",
        ["/sites/{id:long}/log"] = $"/sites/{house.Sites.Installing}/log", ["/sites/{id:long}/live"] = $"/sites/{house.Sites.Green}/live",
        ["/sites/{id:long}/medium/{file}"] = $"/sites/{house.Sites.Planned}/medium/site.conf", ["/audit/csv"] = "/audit/csv",
        ["/health/live"] = "/health/live", ["/health/ready"] = "/health/ready", ["/metrics"] = "/metrics",
        ["/releases/metadata/{name}"] = "/releases/metadata/timestamp.json",
        ["/releases/targets/{product}/{version}/{name}"] = house.Target,
        ["/downloads/{product}/{version}/{name}"] = house.Release, ["/site"] = "",
    };

    // A part of a page that scripts fetch: the page around it is looked at.
    private static readonly string[] PartsOfPages = ["/tickets/{id}/entries"];

    [Fact]
    public async Task Every_page_that_can_be_asked_for_is_looked_at()
    {
        var looked = Tour.Parts.Values.SelectMany(part => part(House)).Where(look => look.Status < 400 || look.Name == "link-gone").Select(look => look.Route)
            .Append(FirstRunTests.Route).ToHashSet();
        var others = Others(House);
        var routes = House.House.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") != false)
            .Select(route => "/" + route.RoutePattern.RawText!.Trim('/')).Distinct().ToList();

        Assert.Empty(routes.Except(looked).Except(others.Keys).Except(PartsOfPages));
        Assert.Empty(looked.Concat(others.Keys).Except(routes));

        using var administrator = House.Hand(Reader.Administrator);
        foreach (var (route, path) in others.Where(other => other.Value.Length > 0))
        {
            using var answer = await administrator.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            Assert.True(answer.IsSuccessStatusCode, $"{route}: {path} answered {(int)answer.StatusCode}");
            Assert.True(answer.Content.Headers.ContentType?.MediaType != "text/html", $"{route} is a page, so it wants a look.");
        }
    }
}

public sealed class HindiPagesTests(HindiHouse house) : PagesTests(house), IClassFixture<HindiHouse>;
