using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mithi.Helpdesk.Tests.Development;

/// <summary>The part of GitHub's REST API that we use, on a free port of this machine, with the faults that it is known for.</summary>
internal sealed class FakeGitHub : IAsyncDisposable
{
    public const string Repository = "example/mail-server";

    private const string Issues = $"/repos/{Repository}/issues";

    // Small, so that a handful of issues already needs a second page.
    private const int PageMax = 2;

    private readonly WebApplication app;
    private readonly TimeProvider time;

    private FakeGitHub(WebApplication app, TimeProvider time) => (this.app, this.time) = (app, time);

    public List<JsonObject> All { get; } = [];

    public List<(int Number, JsonObject Comment)> Comments { get; } = [];

    public List<string> Calls { get; } = [];

    /// <summary>What happens instead of the next answers, one each; true: the call is done nevertheless, before it.</summary>
    public Queue<(bool Done, Func<HttpContext, Task> Answer)> Faults { get; } = [];

    public string Url => app.Urls.First() + "/";

    public static async Task<FakeGitHub> StartAsync(TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var github = new FakeGitHub(app, time);
        app.Run(github.AnswerAsync);
        await app.StartAsync();
        return github;
    }

    public static Task CutAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public static Func<HttpContext, Task> Refuse(int status, string message, params (string Name, string Value)[] headers) => context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        return context.Response.WriteAsJsonAsync(new { message, documentation_url = "https://docs.github.com/rest" });
    };

    public JsonObject Open(string title, string body)
    {
        var issue = new JsonObject
        {
            ["id"] = 1_000 + All.Count, ["node_id"] = "I_1", ["number"] = All.Count + 1, ["title"] = title, ["body"] = body, ["state"] = "open", ["locked"] = false,
            ["html_url"] = $"https://github.test/{Repository}/issues/{All.Count + 1}", ["url"] = $"{Url}{Issues}/{All.Count + 1}", ["comments"] = 0,
            ["user"] = User("octo"), ["labels"] = new JsonArray(), ["assignees"] = new JsonArray(), ["created_at"] = Now, ["updated_at"] = Now,
        };
        All.Add(issue);
        return issue;
    }

    public JsonObject Comment(int number, string by, string body)
    {
        var comment = new JsonObject
        {
            ["id"] = 5_000 + Comments.Count, ["node_id"] = "IC_1", ["body"] = body, ["user"] = User(by), ["created_at"] = Now, ["updated_at"] = Now,
            ["html_url"] = $"https://github.test/{Repository}/issues/{number}#issuecomment-{5_000 + Comments.Count}",
        };
        Comments.Add((number, comment));
        return comment;
    }

    public void SetState(int number, string state)
    {
        All[number - 1]["state"] = state;
        All[number - 1]["updated_at"] = Now;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private string Now => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject User(string login) => new() { ["login"] = login, ["id"] = 7, ["type"] = "User" };

    private async Task AnswerAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value!);
        Calls.Add($"{method} {path}");
        if (context.Request.Headers.Authorization.ToString() != "Token secret")
        {
            await Refuse(401, "Bad credentials")(context);
            return;
        }
        if (Faults.TryDequeue(out var fault))
        {
            if (fault.Done) await ActAsync(context, method, path);
            await fault.Answer(context);
            return;
        }
        var answer = await ActAsync(context, method, path);
        if (answer is null)
        {
            await Refuse(404, "Not Found")(context);
            return;
        }
        if (answer is JsonArray list) answer = Page(context, list);
        var text = answer.ToJsonString();
        var tag = $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers["X-RateLimit-Limit"] = "5000";
        context.Response.Headers["X-RateLimit-Remaining"] = "4999";
        context.Response.Headers["X-RateLimit-Reset"] = "1767675600";
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            Calls[^1] += " 304";
            context.Response.StatusCode = 304;
            return;
        }
        context.Response.StatusCode = method == "POST" ? 201 : 200;
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(text);
    }

    private async Task<JsonNode?> ActAsync(HttpContext context, string method, string path)
    {
        var sent = method is "POST" or "PATCH" ? (await JsonNode.ParseAsync(context.Request.Body))!.AsObject() : [];
        var since = context.Request.Query["since"].ToString();
        bool IsNew(JsonObject o) => since.Length == 0 || DateTimeOffset.Parse((string)o["updated_at"]!, CultureInfo.InvariantCulture) >= DateTimeOffset.Parse(since, CultureInfo.InvariantCulture);
        if (path == Issues)
            return method == "POST" ? Open((string)sent["title"]!, (string)sent["body"]!).DeepClone() : new JsonArray([.. All.Where(IsNew).Select(i => i.DeepClone())]);
        if (path == $"{Issues}/comments") return new JsonArray([.. Comments.Where(c => IsNew(c.Comment)).Select(c => c.Comment.DeepClone())]);
        if (!path.StartsWith($"{Issues}/", StringComparison.Ordinal) || !int.TryParse(path[(Issues.Length + 1)..].Split('/')[0], out var number) || number > All.Count) return null;
        if (path.EndsWith("/comments", StringComparison.Ordinal))
            return method == "POST" ? Comment(number, "octo", (string)sent["body"]!).DeepClone()
                : new JsonArray([.. Comments.Where(c => c.Number == number && IsNew(c.Comment)).Select(c => c.Comment.DeepClone())]);
        if (method == "PATCH") SetState(number, (string)sent["state"]!);
        return All[number - 1].DeepClone();
    }

    private JsonArray Page(HttpContext context, JsonArray list)
    {
        var page = int.TryParse(context.Request.Query["page"], out var asked) ? asked : 1;
        if (list.Count > page * PageMax)
        {
            var query = string.Join('&', context.Request.Query.Where(q => q.Key != "page").Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value.ToString())}").Append($"page={page + 1}"));
            context.Response.Headers.Link = $"<{Url.TrimEnd('/')}{context.Request.Path}?{query}>; rel=\"next\"";
        }
        return new JsonArray([.. list.Skip((page - 1) * PageMax).Take(PageMax).Select(n => n!.DeepClone())]);
    }
}
