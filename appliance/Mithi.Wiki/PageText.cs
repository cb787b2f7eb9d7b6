using System.Text.RegularExpressions;

namespace Mithi.Wiki;

/// <summary>A page's source: front matter with its stable id and title, then Markdown.</summary>
public sealed partial record PageText(string Id, string Title, string Markdown)
{
    /// <param name="path">Gives the title where the source has none.</param>
    public static PageText Read(string source, string path)
    {
        var match = FrontMatter().Match(source);
        if (!match.Success) return new("", Heading(source) ?? FromPath(path), source);
        var fields = match.Groups[1].Value;
        var body = source[match.Length..];
        var title = Cut(Of(fields, "title") ?? Heading(body) ?? FromPath(path));
        return new(Of(fields, "id") ?? "", title, WithoutHeading(body, title));
    }

    // A file that is read outside the wiki begins with its title; the page shows it once.
    private static string WithoutHeading(string body, string title)
    {
        var start = body.TrimStart();
        return FirstHeading().Match(start) is { Success: true, Index: 0 } heading && heading.Groups[1].Value.Trim() == title
            ? start[heading.Length..] : body;
    }

    private static string? Of(string fields, string name)
        => fields.Split('\n').Select(l => l.Split(':', 2)).FirstOrDefault(p => p.Length == 2 && p[0].Trim() == name)?[1].Trim().Trim('"') is { Length: > 0 } value
            ? value : null;

    private static string? Heading(string body) => FirstHeading().Match(body) is { Success: true } m ? Cut(m.Groups[1].Value.Trim()) : null;

    private static string FromPath(string path)
    {
        var last = path.Split('/')[^1].Replace('-', ' ');
        return char.ToUpperInvariant(last[0]) + last[1..];
    }

    private static string Cut(string title) => title.Length <= Limits.TitleCharsMax ? title : title[..Limits.TitleCharsMax];

    [GeneratedRegex(@"\A---\r?\n((?:.*\n)*?)---\r?\n", RegexOptions.None, 500)]
    private static partial Regex FrontMatter();

    [GeneratedRegex(@"^# (.+)$", RegexOptions.Multiline, 500)]
    private static partial Regex FirstHeading();
}
