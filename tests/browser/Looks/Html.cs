using System.Net;
using System.Text.RegularExpressions;

namespace Mithi.Browser.Tests.Looks;

/// <summary>Things that stand in a page's HTML.</summary>
internal static partial class Html
{
    /// <summary>What a manual's editor shows.</summary>
    public static (string Text, string Base) Editor(string html)
        => (WebUtility.HtmlDecode(Area().Match(html).Groups[1].Value), Base().Match(html).Groups[1].Value);

    /// <param name="pattern">Its first group is what is wanted.</param>
    public static string Link(string html, string pattern)
        => Regex.Match(html, pattern) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : throw new InvalidOperationException($"{pattern} is not in {html}");

    [GeneratedRegex("(?s)<textarea[^>]*>\n(.*?)</textarea>")]
    private static partial Regex Area();

    [GeneratedRegex("name=\"base\" value=\"([0-9a-f]*)\"")]
    private static partial Regex Base();
}
