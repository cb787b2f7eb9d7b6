using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Mithi.Helpdesk.Development;

/// <summary>A comment that no reader sees, in what we write on GitHub: by it we know our own again.</summary>
internal static partial class IssueMarker
{
    public static string New() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public static string Sign(string text, string marker) => $"{text}\n\n<!-- mithi:{marker} -->";

    public static bool Marks(string? text, string marker) => text is not null && text.Contains($"<!-- mithi:{marker} -->", StringComparison.Ordinal);

    /// <summary>Null when it has none. Anybody can write one, so whether it is ours only our own rows say.</summary>
    public static string? Of(string text) => Marker().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("<!-- mithi:([0-9a-f]{32}) -->", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
}
