using System.Text.RegularExpressions;

namespace Mithi.Wiki;

/// <summary>Where a page stands in its section: lower-case words joined by hyphens, folders by slashes, no ending.</summary>
/// <remarks>So a path is the same in an address, in git, and on every file system that a clone may land on.</remarks>
public readonly partial record struct PagePath
{
    /// <summary>The page that a section or folder opens with.</summary>
    public const string Index = "index";

    private PagePath(string value) => Value = value;

    public string Value { get; }

    /// <summary>The file in the repository.</summary>
    public string File => Value + ".md";

    /// <summary>Null for anything that is not such a path, whatever it tries.</summary>
    public static PagePath? Parse(string? text)
    {
        text = string.IsNullOrEmpty(text) ? Index : text;
        if (text.Length > Limits.PathCharsMax || !Form().IsMatch(text)) return null;
        return text.Count(c => c == '/') < Limits.PathDepthMax ? new(text) : null;
    }

    /// <summary>A file of the repository as a page; null for files that are none.</summary>
    public static PagePath? OfFile(string file) => file.EndsWith(".md", StringComparison.Ordinal) ? Parse(file[..^3]) : null;

    public override string ToString() => Value;

    // Windows device names are no files in a clone there.
    [GeneratedRegex(@"\A(?!(?:.*/)?(?:con|prn|aux|nul|com\d|lpt\d)(?:/|\z))[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)*\z")]
    private static partial Regex Form();
}
