using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

/// <summary>Words that nobody outside may read are put everywhere, and every route of the house is asked for them.</summary>
/// <remarks>The routes come from the route table, so a new one is asked without being listed here.</remarks>
public sealed partial class LeakTests
{
    /// <summary>What staff keeps to itself.</summary>
    private static readonly string[] Inside =
    [
        "zqnote", "zqreason", "zqname", "zqcontent", "zqstaff", "zqissue", "zqtold", "zqdraft", "zqanswer", "zqmacro", "zqnumber", "zqmachine", "zqevidence", "engineer@vendor.test",
    ];

    /// <summary>What one customer has and others must not hear of.</summary>
    private const string OfAcme = "zqacme", OfOther = "zqother";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_route_tells_anybody_what_is_not_his()
    {
        await using var desk = await StartAsync();
        var audiences = await AudiencesAsync(desk);
        var routes = desk.House.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        var (asked, read) = (0, 0L);
        foreach (var route in routes.Where(r => Methods(r).Contains("GET")))
            foreach (var path in PathsOf(route))
                foreach (var reader in audiences)
                {
                    read += await AskAsync(reader, new(HttpMethod.Get, path));
                    asked++;
                }
        // Each of these words can be met, by those who may: else its absence would say nothing.
        var met = new HashSet<string>();
        foreach (var path in routes.Where(r => Methods(r).Contains("GET") && !r.RoutePattern.RawText!.EndsWith("/feed", StringComparison.Ordinal)).SelectMany(PathsOf))
        {
            using var answer = await desk.Engineer.GetAsync(path);
            var text = await answer.Content.ReadAsStringAsync(Ct);
            met.UnionWith(Inside.Append(OfAcme).Append(OfOther).Where(w => text.Contains(w, StringComparison.Ordinal)));
        }
        Assert.Empty(Inside.Append(OfAcme).Append(OfOther).Except(met));
        // What a page says when it refuses: nothing that is sent is right, or it is for somebody else.
        foreach (var route in routes.Where(r => Methods(r).Contains("POST") && !r.RoutePattern.RawText!.Contains("sign-out", StringComparison.Ordinal)))
            foreach (var path in PathsOf(route))
                foreach (var reader in audiences)
                {
                    var request = new HttpRequestMessage(HttpMethod.Post, path);
                    if (path.StartsWith("/api/", StringComparison.Ordinal)) request.Content = new StringContent("{\"to\": \"Dreaming\"}", Encoding.UTF8, "application/json");
                    else request.Content = new FormUrlEncodedContent([new("_forgery", reader.Forgery)]);
                    read += await AskAsync(reader, request);
                    asked++;
                }
        Assert.True(asked > 1_000 && read > 1_000_000, $"{asked} answers, {read} bytes: too few to mean anything.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{routes.Length} routes, {asked} answers, {read} bytes");
    }

    [Fact]
    public async Task A_search_for_what_is_hidden_is_as_one_for_what_is_not_there()
    {
        await using var desk = await StartAsync();
        var audiences = await AudiencesAsync(desk);
        foreach (var reader in audiences)
            foreach (var word in reader.Hidden.Where(w => w.StartsWith("zq", StringComparison.Ordinal)))
                foreach (var outlet in (string[])["/search?q=", "/tickets?show=all&q=", "/api/tickets?show=all&q=", "/search?q=kind:ticket ", "/search?q=\"the \" "])
                    Assert.Equal(Same(await TextAsync(reader, outlet + "zznever"), "zznever"), Same(await TextAsync(reader, outlet + word), word));
        // Levels, names and hours of staff are no filter for who does not see them.
        foreach (var reader in audiences.Where(r => r.IsOutside))
            foreach (var (one, two) in new[] { ("level=L3", "level=L1"), ("show=mine", "show=mine&level=L3"), ("q=level:3", "q=level:1"), ("q=assignee:zqstaff", "q=assignee:zznever") })
                Assert.Equal(Same(await TextAsync(reader, "/api/tickets?" + one), one), Same(await TextAsync(reader, "/api/tickets?" + two), two));
    }

    [Fact]
    public async Task No_mail_to_a_customer_holds_what_is_inside()
    {
        await using var desk = await StartAsync();
        var mails = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<dynamic>("select * from outgoing_mail"), Ct);
        Assert.NotEmpty(mails);
        foreach (IDictionary<string, object> mail in mails.Cast<IDictionary<string, object>>())
        {
            var text = string.Join('\n', mail.Values.Select(v => v is byte[] raw ? Encoding.UTF8.GetString(raw) : $"{v}"));
            if (text.Contains("vendor.test", StringComparison.Ordinal) && !text.Contains("acme.test", StringComparison.Ordinal)) continue;
            foreach (var word in Inside) Assert.False(text.Contains(word, StringComparison.OrdinalIgnoreCase), $"{word} in {text}");
        }
    }

    [Fact]
    public async Task An_open_page_hears_of_nothing_that_its_reader_may_not_know()
    {
        await using var desk = await StartAsync();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        bound.CancelAfter(TimeSpan.FromSeconds(60));
        await using var stream = await desk.AcmeUser.Http.GetStreamAsync("/tickets/1/feed", bound.Token);
        using var lines = new StreamReader(stream);
        using (await desk.NoteAsync(desk.Engineer, new(1), "zqnote again")) { }
        using (await desk.Engineer.PostAsync("/tickets/1/level", new Dictionary<string, string> { ["level"] = "L2", ["reason"] = "zqreason again" })) { }
        var inside = await desk.CountAsync("select max(seq) from ticket_event where ticket_id = 1");
        using (await desk.ReplyAsync(desk.Engineer, new(1), "Is it better now?")) { }
        var heard = new StringBuilder();
        while (!heard.ToString().Contains("entry", StringComparison.Ordinal)) heard.AppendLine(await lines.ReadLineAsync(bound.Token) ?? throw new EndOfStreamException());
        heard.AppendLine(await lines.ReadLineAsync(bound.Token));
        Assert.DoesNotContain("zq", heard.ToString(), StringComparison.Ordinal);
        Assert.Single(Regex.Matches(heard.ToString(), "entry"));
        Assert.Equal(inside + 1, await desk.CountAsync("select max(seq) from ticket_event where ticket_id = 1 and kind = 'replied'"));
    }

    /// <summary>Fails when anything in the answer is hidden from its reader; answers how many bytes were read.</summary>
    private static async Task<int> AskAsync(Audience reader, HttpRequestMessage request)
    {
        var what = $"{reader.Name} {request.Method} {request.RequestUri}";
        using (request)
        using (var answer = await reader.Browser.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct))
        {
            var text = new StringBuilder().Append(answer.Headers).Append(answer.Content.Headers);
            if (answer.Content.Headers.ContentType?.MediaType != "text/event-stream") text.Append(await answer.Content.ReadAsStringAsync(Ct));
            var all = text.ToString();
            foreach (var word in reader.Hidden) Assert.False(all.Contains(word, StringComparison.OrdinalIgnoreCase), $"{what} ({(int)answer.StatusCode}) tells {word}: {Around(all, word)}");
            // Doors where passwords are guessed close soon, and say so on a page that is read here like all others.
            Assert.True((int)answer.StatusCode < 500 && (request.Method == HttpMethod.Post || answer.StatusCode != HttpStatusCode.TooManyRequests), $"{what}: {(int)answer.StatusCode}");
            return all.Length;
        }
    }

    private static string Around(string all, string word)
    {
        var at = all.IndexOf(word, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? "" : all[Math.Max(0, at - 200)..Math.Min(all.Length, at + 100)];
    }

    private static async Task<string> TextAsync(Audience reader, string path)
    {
        using var answer = await reader.Browser.GetAsync(path);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, answer.StatusCode);
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}";
    }

    /// <summary>Without what was asked for, and without what is new in every answer.</summary>
    private static string Same(string text, string asked) => Fresh().Replace(text, "").Replace(Uri.EscapeDataString(asked), "?", StringComparison.Ordinal)
        .Replace(WebUtility.HtmlEncode(asked), "?", StringComparison.Ordinal).Replace(asked, "?", StringComparison.Ordinal);

    private static IReadOnlyList<string> Methods(RouteEndpoint route) => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"];

    /// <summary>The route with the numbers of things that there are, each parameter by each.</summary>
    private static IEnumerable<string> PathsOf(RouteEndpoint route)
    {
        IEnumerable<string> paths = [""];
        foreach (var segment in route.RoutePattern.PathSegments)
        {
            paths = paths.Select(p => p + "/");
            foreach (var part in segment.Parts)
                paths = part switch
                {
                    RoutePatternLiteralPart literal => paths.Select(p => p + literal.Content),
                    RoutePatternSeparatorPart separator => paths.Select(p => p + separator.Content),
                    RoutePatternParameterPart parameter => paths.SelectMany(p => ValuesOf(parameter.Name).Select(v => p + v)),
                    _ => paths,
                };
        }
        return paths.Select(p => p.Length == 0 ? "/" : p);
    }

    private static string[] ValuesOf(string parameter) => parameter switch
    {
        "id" => ["1", "2", "3"],
        "seq" => ["1", "2", "3", "4"],
        "number" => ["1"],
        "clock" => ["FirstResponse"],
        "kind" => ["Reply", "Note"],
        _ => ["1"],
    };

    /// <summary>Ticket 1 is Acme's, 2 is another customer's, 3 is nobody's; all that staff does with 1 has its word.</summary>
    private static async Task<TestHelpdesk> StartAsync()
    {
        var desk = await TestHelpdesk.StartAsync();
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync("update person set name = 'zqstaff' where email = 'engineer@vendor.test'"), Ct);
        await desk.SetAsync("mail.from", "support@vendor.test");
        Assert.Equal(new TicketId(1), await desk.OpenAsync(desk.AcmeUser, $"{OfAcme} is slow", $"Since Monday the {OfAcme}."));
        Assert.Equal(new TicketId(2), await desk.OpenAsync(desk.Stranger, $"{OfOther} is slow", $"Since Monday the {OfOther}."));
        using var engineer = await TokenAsync(desk, "engineer@vendor.test");
        var file = new { name = "zqname.txt", content = Convert.ToBase64String("zqcontent"u8) };
        var myself = await desk.CountAsync("select id from person where email = 'engineer@vendor.test'");
        await SaveAsync(engineer, "/api/tickets/1/notes", new { body = "zqnote", files = new[] { file } });
        await SaveAsync(engineer, "/api/tickets/1/assignee", new { assignee = myself });
        await SaveAsync(engineer, "/api/tickets/1/replies", new { body = "Look here." });
        await SaveAsync(engineer, "/api/tickets/2/notes", new { body = "zqnote", files = new[] { file } });
        await SaveAsync(engineer, "/api/tickets/1/time", new { minutes = 5, note = "zqnote" });
        foreach (var (path, fields) in new (string, (string, string)[])[]
        {
            ("/tickets/1/escalate", [("place", "Here"), ("title", "zqissue"), ("text", "zqtold")]),
            ("/development/1/comments", [("body", "zqtold")]),
            ("/tickets/1/drafts/Reply", [("body", "zqdraft"), ("seen", "1000")]), ("/tickets/1/drafts/Note", [("body", "zqdraft"), ("seen", "1000")]),
            ("/helpdesk/answers/new", [("name", "zqanswer"), ("body", "zqanswer")]),
            ("/helpdesk/macros/new", [("name", "zqmacro"), ("note", "zqmacro")]),
            ("/tickets/1/links", [("other", "2"), ("role", "Related")]),
        })
            using (var saved = await desk.Engineer.PostAsync(path, fields.ToDictionary(f => f.Item1, f => f.Item2)))
                Assert.True(saved.StatusCode is HttpStatusCode.SeeOther or HttpStatusCode.OK or HttpStatusCode.NoContent, $"{path}: {(int)saved.StatusCode}");
        var log = desk.House.Get<TicketLog>();
        await desk.House.Db.WriteAsync(async tx =>
        {
            var ticket = (await TicketStore.GetAsync(tx, new(1)))!;
            ticket = await log.AppendAsync(tx, ticket, new TicketChange.HandedOver(Level.L1, Level.L3) { Evidence = [new("Logs?", false, "zqevidence")] }, new(new(myself), "zqstaff"), "zqreason", desk.House.Now);
            ticket = await log.AppendAsync(tx, ticket, new TicketChange.Called("Meena", "zqnumber", 60, false), new(new(myself), "zqstaff"), "We talked.", desk.House.Now);
            await log.AppendAsync(tx, ticket, new TicketChange.AutomaticMail("Bounce", "zqmachine@elsewhere.test", Kernel.Blobs.BlobId.Parse(new string('a', 64))), Actor.House, "", desk.House.Now);
        }, Ct);
        await desk.TakeInAsync(TestHelpdesk.From("somebody@nowhere.test", $"{OfOther} by mail", $"Words of {OfOther}."));
        return desk;
    }

    private static async Task SaveAsync(TestBrowser by, string path, object body)
    {
        using var answer = await by.Http.PostAsJsonAsync(path, body, Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync(Ct)}");
    }

    private static async Task<IReadOnlyList<Audience>> AudiencesAsync(TestHelpdesk desk)
    {
        var otherPartner = await desk.House.OrganisationAsync("Partner", "Another Partner");
        string[] all = [.. Inside, OfAcme, OfOther];
        var audiences = new List<Audience>
        {
            new("the public", desk.House.Browser(), all),
            new("the customer", desk.AcmeUser, [.. Inside, OfOther]),
            new("his administrator", desk.AcmeAdministrator, [.. Inside, OfOther]),
            new("his partner", desk.Partner, [.. Inside, OfOther]),
            new("his colleague", desk.AcmeColleague, all),
            new("another customer", desk.Stranger, [.. Inside, OfAcme]),
            new("another partner", await desk.House.SignInAsync(Role.Partner, otherPartner, $"p{otherPartner}@elsewhere.test"), all),
            new("the customer's program", await TokenAsync(desk, "user@acme.test"), [.. Inside, OfOther]),
            new("the colleague's program", await TokenAsync(desk, "colleague@acme.test"), all),
            new("a program of staff that may only read tickets", await TokenAsync(desk, "engineer@vendor.test", Permission.TicketRead), [.. Inside.Except(["zqstaff", "engineer@vendor.test"])]),
        };
        foreach (var reader in audiences)
            reader.Forgery = reader.Name.Contains("program", StringComparison.Ordinal) ? "" : await reader.Browser.ForgeryAsync(reader.Name == "the public" ? "/sign-in" : "/");
        return audiences;
    }

    private static async Task<TestBrowser> TokenAsync(TestHelpdesk desk, string email, params Permission[] permissions)
    {
        var person = await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<PersonId>("select id from person where email = @email", new { email }), Ct);
        var token = await desk.House.Get<TokenStore>().AddAsync(person, "test", permissions, Duration.FromDays(1), desk.House.Now, Ct);
        return desk.House.Browser().WithToken(token!.Text);
    }

    [GeneratedRegex("name=\"_forgery\" value=\"[^\"]*\"|nonce=\"[^\"]*\"|nonce-[A-Za-z0-9+/=]+|[0-9]+ ms|0HN[0-9A-Z]+:[0-9A-F]{8}|content=\"CfDJ[^\"]*\"")]
    private static partial Regex Fresh();

    /// <param name="Hidden">What must be in no answer to him.</param>
    private sealed record Audience(string Name, TestBrowser Browser, string[] Hidden)
    {
        public string Forgery { get; set; } = "";

        public bool IsOutside => !Name.Contains("staff", StringComparison.Ordinal);
    }
}
