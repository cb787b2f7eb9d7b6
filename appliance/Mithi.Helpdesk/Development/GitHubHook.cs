using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Mithi.Kernel.Data;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Development;

/// <summary>What GitHub tells by itself. Nothing is read before its signature is right.</summary>
internal static class GitHubHook
{
    public static async Task<IResult> TakeAsync(HttpContext context, SettingStore settings, Db db, IssueNews news, TimeProvider time, CancellationToken ct)
    {
        if (await settings.SecretAsync(GitHubSettings.HookSecret, ct) is not { } secret) return TypedResults.NotFound();
        if (await BodyAsync(context.Request, ct) is not { } body) return TypedResults.StatusCode(StatusCodes.Status413PayloadTooLarge);
        if (!IsSigned(context.Request.Headers["X-Hub-Signature-256"].ToString(), secret, body)) return TypedResults.StatusCode(StatusCodes.Status401Unauthorized);
        var delivery = context.Request.Headers["X-GitHub-Delivery"].ToString();
        if (delivery.Length is 0 or > 100) return TypedResults.StatusCode(StatusCodes.Status400BadRequest);
        if (Read(context.Request.Headers["X-GitHub-Event"].ToString(), body) is not { } told) return TypedResults.StatusCode(StatusCodes.Status400BadRequest);
        await db.WriteAsync(async tx =>
        {
            if (!await DevelopmentStore.TakeDeliveryAsync(tx, delivery, time.GetCurrentInstant())) return;
            if (told is Told.State state) await news.HearStateAsync(tx, state.Repository, state.Number, state.To, state.By, state.At);
            if (told is Told.Comment comment) await news.HearCommentAsync(tx, comment.Repository, comment.Number, comment.Id, comment.Author, comment.Body, comment.At);
        }, ct);
        return TypedResults.NoContent();
    }

    private static bool IsSigned(string header, string secret, byte[] body)
    {
        const string Prefix = "sha256=";
        var expected = Prefix + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(header));
    }

    /// <summary>Null when it is too long.</summary>
    private static async Task<byte[]?> BodyAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength > Limits.HookBytesMax) return null;
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        for (int read; (read = await request.Body.ReadAsync(buffer, ct)) > 0;)
        {
            if (body.Length + read > Limits.HookBytesMax) return null;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    /// <summary>Null when it can't be read; what we don't follow is <see cref="Told.Else"/>.</summary>
    private static Told? Read(string kind, byte[] body)
    {
        try
        {
            var root = JsonDocument.Parse(body, new() { MaxDepth = 32 }).RootElement;
            if (kind is not ("issues" or "issue_comment")) return new Told.Else();
            var issue = root.GetProperty("issue");
            // A pull request has comments of the same kind.
            if (issue.TryGetProperty("pull_request", out _)) return new Told.Else();
            var (repository, number) = (root.GetProperty("repository").GetProperty("full_name").GetString() ?? "", issue.GetProperty("number").GetInt64());
            var action = root.GetProperty("action").GetString();
            if (kind == "issues")
                return action is "closed" or "reopened"
                    ? new Told.State(repository, number, issue.GetProperty("state").GetString() == "closed" ? IssueState.Closed : IssueState.Open, Login(root.GetProperty("sender")), At(issue, "updated_at"))
                    : new Told.Else();
            var comment = root.GetProperty("comment");
            return action == "created" ? new Told.Comment(repository, number, comment.GetProperty("id").GetInt64(), Login(comment.GetProperty("user")),
                comment.GetProperty("body").GetString() ?? "", At(comment, "created_at")) : new Told.Else();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string Login(JsonElement user) => user.ValueKind == JsonValueKind.Object && user.GetProperty("login").GetString() is { Length: <= 100 } login ? login : "";

    private static Instant At(JsonElement of, string name) => Instant.FromDateTimeOffset(of.GetProperty(name).GetDateTimeOffset());

    private abstract record Told
    {
        private Told() { }

        public sealed record State(string Repository, long Number, IssueState To, string By, Instant At) : Told;

        public sealed record Comment(string Repository, long Number, long Id, string Author, string Body, Instant At) : Told;

        public sealed record Else : Told;
    }
}
