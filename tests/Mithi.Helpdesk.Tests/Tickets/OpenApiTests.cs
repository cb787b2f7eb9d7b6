using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

/// <summary>The description of the interface, held against the interface itself.</summary>
public sealed class OpenApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_for_programs_is_described_with_its_parameters_and_refusals()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var description = await DescriptionAsync(desk);
        Assert.Equal("3.1.0", description.GetProperty("openapi").GetString());
        foreach (var route in desk.House.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(OpenApiWriter.IsApi))
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                var operation = description.GetProperty("paths").GetProperty(OpenApiWriter.PathOf(route)).GetProperty(method.ToLowerInvariant());
                Assert.Equal(route.RoutePattern.Parameters.Select(p => p.Name),
                    operation.GetProperty("parameters").EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!));
                Assert.True(operation.GetProperty("responses").TryGetProperty("422", out _));
            }
        // Each reference leads somewhere.
        var schemas = description.GetProperty("components").GetProperty("schemas");
        foreach (var name in description.GetRawText().Split("#/components/schemas/").Skip(1).Select(p => p[..p.IndexOf('"')]).Distinct()) Assert.True(schemas.TryGetProperty(name, out _), name);
    }

    [Fact]
    public async Task Every_ticket_route_says_what_it_is_for()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var mute = desk.House.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(r => OpenApiWriter.PathOf(r) is var path && (path.StartsWith("/api/tickets", StringComparison.Ordinal) || path == "/api/staff"))
            .Where(r => r.Metadata.GetMetadata<ApiDoc>() is null).Select(OpenApiWriter.PathOf);
        Assert.Empty(mute);
    }

    [Fact]
    public async Task Answers_are_as_they_are_described()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var description = await DescriptionAsync(desk);
        using var engineer = await TokenAsync(desk, "engineer@vendor.test");
        var file = new { name = "queue.txt", content = Convert.ToBase64String("1 mail"u8) };
        var id = (await PostAsync(engineer, "/api/tickets", new { subject = "From a program", body = "Words.", requester = "user@acme.test", files = new[] { file } }, "ApiDone", description)).GetProperty("id").GetInt64();
        var me = await desk.CountAsync("select id from person where email = 'engineer@vendor.test'");
        foreach (var (path, body) in new (string, object)[]
        {
            ("replies", new { body = "Seen.", then = "Open" }), ("notes", new { body = "Inside.", files = new[] { file } }), ("priority", new { priority = "P1" }),
            ("assignee", new { assignee = me }), ("level", new { level = "L3", reason = "Needs a look.", evidence = new object[] { new { question = "It can be reproduced", given = true }, new { question = "The configuration was seen", words = "Not yet" } } }), ("state", new { to = "WaitingForCustomer" }),
        })
            await PostAsync(engineer, $"/api/tickets/{id}/{path}", body, "ApiDone", description);
        foreach (var (path, schema) in new[]
        {
            ("/api/tickets?show=all", "ApiTickets"), ($"/api/tickets/{id}", "ApiTicket"), ($"/api/tickets/{id}/clocks", "ApiClocks"),
            ($"/api/tickets/{id}/participants", "ApiParticipants"), ("/api/staff", "ApiStaff"),
        })
            Matches(Parse(await engineer.PageAsync(path)), description.GetProperty("components").GetProperty("schemas").GetProperty(schema), schema);
        var ticket = Parse(await engineer.PageAsync($"/api/tickets/{id}"));
        Assert.Equal(("WaitingForCustomer", "P1", "L3"), (ticket.GetProperty("state").GetString(), ticket.GetProperty("priority").GetString(), ticket.GetProperty("level").GetString()));
        Assert.Equal("1 mail", await engineer.PageAsync($"/api/tickets/{id}/files/1/1"));
    }

    [Fact]
    public async Task A_ticket_that_did_not_change_is_not_sent_again()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var customer = await TokenAsync(desk, "user@acme.test");
        using var first = await customer.GetAsync($"/api/tickets/{id}");
        customer.Http.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        // A note is nothing that a customer's program could hear of.
        using (await desk.NoteAsync(desk.Engineer, id, "xylophone")) { }
        using var same = await customer.GetAsync($"/api/tickets/{id}");
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using (await desk.ReplyAsync(desk.Engineer, id, "Since when?")) { }
        using var changed = await customer.GetAsync($"/api/tickets/{id}");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task No_answer_tells_anybody_what_is_not_his()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser, "subject-canary", "message-canary");
        using var engineer = await TokenAsync(desk, "engineer@vendor.test");
        var file = new { name = "file-canary.txt", content = Convert.ToBase64String("content-canary"u8) };
        using (var note = await engineer.Http.PostAsJsonAsync($"/api/tickets/{id}/notes", new { body = "note-canary", files = new[] { file } }, Ct)) Assert.Equal(HttpStatusCode.Created, note.StatusCode);
        using (await engineer.Http.PostAsJsonAsync($"/api/tickets/{id}/level", new { level = "L3", reason = "reason-canary", evidence = new object[] { new { question = "It can be reproduced", given = true }, new { question = "The configuration was seen", words = "evidence-canary" } } }, Ct)) { }
        using (await engineer.Http.PostAsJsonAsync($"/api/tickets/{id}/assignee", new { assignee = await desk.CountAsync("select id from person where email = 'engineer@vendor.test'") }, Ct)) { }
        string[] outlets = ["?show=all", "?show=all&q=note-canary", $"/{id}", $"/{id}?before=100", $"/{id}/clocks", $"/{id}/participants", $"/{id}/files/2/1", $"/{id}/files/1/1"];
        string[] inside = ["note-canary", "reason-canary", "evidence-canary", "reproduced", "file-canary", "content-canary", "A SupportL1", "\"L3\"", "engineer@vendor.test"];
        foreach (var (email, sees) in new[] { ("user@acme.test", true), ("admin@acme.test", true), ("partner@partner.test", true), ("colleague@acme.test", false), ("admin@other.test", false) })
        {
            using var program = await TokenAsync(desk, email);
            foreach (var outlet in outlets)
            {
                using var answer = await program.GetAsync($"/api/tickets{outlet}");
                var text = await answer.Content.ReadAsStringAsync(Ct);
                foreach (var canary in inside) Assert.False(text.Contains(canary, StringComparison.Ordinal), $"{email} {outlet} {canary}");
                if (!sees) Assert.False(text.Contains("subject-canary", StringComparison.Ordinal) || text.Contains("message-canary", StringComparison.Ordinal), $"{email} {outlet}");
            }
            if (sees) Assert.Contains("message-canary", await program.PageAsync($"/api/tickets/{id}"));
            foreach (var (path, body) in new (string, object)[] { ("notes", new { body = "x" }), ("priority", new { priority = "P1" }), ("assignee", new { }), ("level", new { level = "L2", reason = "x" }) })
            {
                using var refused = await program.Http.PostAsJsonAsync($"/api/tickets/{id}/{path}", body, Ct);
                Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            }
            using var move = await program.Http.PostAsJsonAsync($"/api/tickets/{id}/state", new { to = "Closed" }, Ct);
            Assert.Equal(sees ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.NotFound, move.StatusCode);
        }
    }

    [Theory]
    [InlineData("replies", "{\"body\": \"x\", \"files\": [{\"name\": \"a\", \"content\": \"!\"}]}")]
    [InlineData("replies", "{\"body\": \"x\", \"files\": [null]}")]
    [InlineData("notes", "{\"body\": \" \"}")]
    [InlineData("state", "{\"to\": \"Dreaming\"}")]
    [InlineData("priority", "{\"priority\": \"0\"}")]
    [InlineData("assignee", "{\"assignee\": 987654321}")]
    [InlineData("level", "{\"level\": \"L2\"}")]
    public async Task What_can_not_be_is_refused_field_by_field_and_nothing_changes(string path, string json)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var engineer = await TokenAsync(desk, "engineer@vendor.test");
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await engineer.Http.PostAsync($"/api/tickets/{id}/{path}", content, Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("errors").EnumerateObject().Any());
        Assert.Equal(1, (await desk.TicketAsync(id)).Seq);
    }

    private static async Task<JsonElement> PostAsync(TestBrowser by, string path, object body, string schema, JsonElement description)
    {
        using var answer = await by.Http.PostAsJsonAsync(path, body, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        Matches(Parse(text), description.GetProperty("components").GetProperty("schemas").GetProperty(schema), path);
        return Parse(text);
    }

    /// <summary>As much of JSON Schema as the description uses: types, properties, items, enumerations.</summary>
    private static void Matches(JsonElement value, JsonElement schema, string where)
    {
        if (schema.ValueKind != JsonValueKind.Object) return;
        if (schema.TryGetProperty("type", out var type))
        {
            string[] types = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.GetString()!)] : [type.GetString()!];
            Assert.True(types.Contains(KindOf(value)), $"{where}: {value.GetRawText()} is none of {string.Join(", ", types)}");
        }
        if (schema.TryGetProperty("enum", out var names)) Assert.True(names.EnumerateArray().Any(n => JsonElement.DeepEquals(n, value)), $"{where}: {value.GetRawText()}");
        if (value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties))
            foreach (var member in value.EnumerateObject())
            {
                Assert.True(properties.TryGetProperty(member.Name, out var inner), $"{where}.{member.Name} is not described");
                Matches(member.Value, inner, $"{where}.{member.Name}");
            }
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            foreach (var item in value.EnumerateArray()) Matches(item, items, where + "[]");
    }

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => "integer", JsonValueKind.String => "string", JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array", JsonValueKind.Null => "null", _ => "object",
    };

    private static async Task<JsonElement> DescriptionAsync(TestHelpdesk desk)
    {
        using var nobody = desk.House.Browser();
        return Parse(await nobody.PageAsync("/api/openapi.json"));
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static async Task<TestBrowser> TokenAsync(TestHelpdesk desk, string email)
    {
        var person = await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<PersonId>("select id from person where email = @email", new { email }), Ct);
        var token = await desk.House.Get<TokenStore>().AddAsync(person, "test", [], Duration.FromDays(1), desk.House.Now, Ct);
        return desk.House.Browser().WithToken(token!.Text);
    }
}
