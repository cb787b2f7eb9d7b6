using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using NodaTime;
using Octo = Octokit;

namespace Mithi.Helpdesk.Development;

/// <summary>The repository that the settings name, with a client for it.</summary>
internal sealed record GitHubAccess(Octo.IGitHubClient Client, string Owner, string Name)
{
    public string Repository => $"{Owner}/{Name}";
}

/// <summary>Opens GitHub as it is set up now, and says what its refusals mean for a job.</summary>
internal sealed class GitHubDoor(SettingStore settings, TimeProvider time)
{
    private static readonly Duration WaitMax = Duration.FromHours(1);

    private readonly AnswerCache answers = new();

    /// <summary>Null while no repository or token is given.</summary>
    public async Task<GitHubAccess?> OpenAsync(CancellationToken ct)
    {
        var repository = await settings.TextAsync(GitHubSettings.Repository, ct);
        if (repository.Split('/') is not [var owner, var name] || await settings.SecretAsync(GitHubSettings.Token, ct) is not { } token) return null;
        var api = await settings.TextAsync(GitHubSettings.Api, ct);
        var connection = new Octo.Connection(new("mithi"), new(api.EndsWith('/') ? api : $"{api}/"),
            new Octo.Internal.InMemoryCredentialStore(new(token)), new Octo.Internal.HttpClientAdapter(Octo.Internal.HttpMessageHandlerFactory.CreateDefault),
            new Octo.Internal.SimpleJsonSerializer());
        connection.SetRequestTimeout(Limits.GitHubAnswerMax);
        return new(new Octo.GitHubClient(connection) { ResponseCache = answers }, owner, name);
    }

    /// <summary>What a job does about a refusal. Waiting counts no attempt, so a limit never uses the attempts up.</summary>
    public Exception Told(Octo.ApiException refusal)
    {
        string? Header(string name) => refusal.HttpResponse?.Headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        var isLimit = refusal.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests;
        Duration? wait = Number(Header("Retry-After")) is { } seconds ? Duration.FromSeconds(Math.Min(seconds, 86_400))
            : isLimit && Header("X-RateLimit-Remaining") == "0" && Number(Header("X-RateLimit-Reset")) is { } reset and < 253_402_300_000
                ? Instant.FromUnixTimeSeconds(reset) - time.GetCurrentInstant()
            // GitHub asks for a minute at least where it names no time.
            : isLimit && refusal.Message.Contains("rate limit", StringComparison.OrdinalIgnoreCase) ? Duration.FromMinutes(1) : null;
        if (wait is { } told) return JobException.WaitFor("GitHub asks to wait before the next call.", Duration.Min(Duration.Max(told, Duration.FromSeconds(1)), WaitMax));
        return refusal.StatusCode switch
        {
            HttpStatusCode.Unauthorized => JobException.WaitFor("GitHub refuses the token. Give a new one in the settings.", WaitMax),
            HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone
                => JobException.WaitFor("GitHub does not let this token work on issues of the repository, or there is no such repository.", WaitMax),
            HttpStatusCode.UnprocessableEntity => JobException.GiveUp($"GitHub does not take it: {refusal.Message}", refusal),
            _ => refusal,
        };
    }

    /// <summary>Answers with their ETags: asking again for what has not changed costs nothing of the hourly limit.</summary>
    private sealed class AnswerCache : Octo.Caching.IResponseCache
    {
        // The poll asks two addresses, each for its first page; what is pushed out is asked for in full once more.
        private const int AnswersMax = 16;

        private readonly ConcurrentDictionary<string, Octo.Caching.CachedResponse.V1> kept = new();

        public Task<Octo.Caching.CachedResponse.V1> GetAsync(Octo.Internal.IRequest request) => Task.FromResult(kept.GetValueOrDefault(Key(request))!);

        public Task SetAsync(Octo.Internal.IRequest request, Octo.Caching.CachedResponse.V1 cachedResponse)
        {
            if (kept.Count >= AnswersMax) kept.Clear();
            kept[Key(request)] = cachedResponse;
            return Task.CompletedTask;
        }

        private static string Key(Octo.Internal.IRequest request) => $"{request.Method} {request.BaseAddress}{request.Endpoint} {string.Join('&', request.Parameters)}";
    }
}
