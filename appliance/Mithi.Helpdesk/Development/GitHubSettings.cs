using Mithi.Kernel.Settings;

namespace Mithi.Helpdesk.Development;

/// <summary>How this node reaches product development's issues on GitHub.</summary>
public static class GitHubSettings
{
    private const string Group = "Product development";

    public static readonly Setting Repository = new()
    {
        Key = "development.repository", Group = Group, Title = "GitHub repository",
        Help = "Where issues go, like example/mail-server. While this is empty, issues are kept in this node's own list alone.",
        Check = text => IsRepository(text) ? null : "Write it as owner/name.",
    };

    public static readonly Setting Token = new()
    {
        Key = "development.token", Group = Group, Title = "GitHub token", Kind = SettingKind.Secret,
        Help = "A fine-grained token of that repository alone, which may read and write issues.",
    };

    public static readonly Setting HookSecret = new()
    {
        Key = "development.hook-secret", Group = Group, Title = "Webhook secret", Kind = SettingKind.Secret,
        Help = "The same as in the webhook on GitHub, which calls /hooks/github. Without it, news from GitHub is asked for every few minutes.",
    };

    public static readonly Setting Api = new()
    {
        Key = "development.api", Group = Group, Title = "Address of the API", Default = "https://api.github.com/", Required = true,
        Help = "For GitHub Enterprise, like https://github.example.org/api/v3/.",
        Check = text => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback)) && url.Query.Length == 0
            ? null : "Write an address that begins with https://.",
    };

    public static IReadOnlyList<Setting> All { get; } = [Repository, Token, HookSecret, Api];

    private static bool IsRepository(string text) => text.Split('/') is [var owner, var name] && IsName(owner) && IsName(name);

    private static bool IsName(string text) => text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && text is not ("." or "..");
}
