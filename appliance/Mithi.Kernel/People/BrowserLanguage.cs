using Microsoft.Net.Http.Headers;

namespace Mithi.Kernel.People;

/// <summary>The best language that we have for what a browser asks for (RFC 9110, 12.5.4).</summary>
public static class BrowserLanguage
{
    public const string Default = "en";

    /// <summary>The languages of the texts, with their own names.</summary>
    public static IReadOnlyList<(string Code, string Name)> Known { get; } = [("en", "English"), ("hi", "हिन्दी")];

    public static string Of(Microsoft.Extensions.Primitives.StringValues accept)
    {
        if (accept.Count == 0 || accept.ToString().Length > 1_000) return Default;
        if (!StringWithQualityHeaderValue.TryParseList([.. accept!], out var wishes)) return Default;
        return wishes.Where(w => w.Quality is null or > 0).OrderByDescending(w => w.Quality ?? 1)
            .Select(w => w.Value.ToString().Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(w => Known.Any(k => k.Code == w)) ?? Default;
    }

    public static bool IsKnown(string code) => Known.Any(k => k.Code == code);
}
