using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Mithi.Tidy.Tests;

/// <summary>Words: every string of a page is translated, every page of the manual has a name, every link leads somewhere.</summary>
public sealed partial class TextTests
{
    [Fact]
    public void Every_sentence_of_a_page_is_there_in_Hindi()
    {
        var hindi = Repository.Like("Texts/hi.json").SelectMany(f =>
        {
            using var catalogue = JsonDocument.Parse(Repository.Read(f));
            return catalogue.RootElement.EnumerateObject().Select(p => p.Name).ToArray();
        }).ToHashSet();
        var missing = Repository.Like(".cshtml", ".cs").Where(f => f.StartsWith("appliance/", StringComparison.Ordinal))
            .SelectMany(f => Sentence().Matches(Repository.Read(f)).Select(m => Regex.Unescape(m.Groups[1].Value)))
            .Where(s => !hindi.Contains(s)).Distinct().Order(StringComparer.Ordinal);
        Assert.Empty(missing);
    }

    [Fact]
    public void A_sentence_is_translated_in_one_way()
    {
        // All modules' catalogues become one: of two translations of a sentence, one would take the other's place by chance.
        var twice = Repository.Like("Texts/hi.json").SelectMany(f =>
        {
            using var catalogue = JsonDocument.Parse(Repository.Read(f));
            return catalogue.RootElement.EnumerateObject().Select(p => (p.Name, Text: p.Value.GetString())).ToArray();
        }).Distinct().GroupBy(p => p.Name).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(" / ", g.Select(p => p.Text))}");
        Assert.Empty(twice);
    }

    [Fact]
    public void Every_page_of_the_manual_has_its_own_id_and_a_title()
    {
        var pages = Manual().ToDictionary(f => f, f => FrontMatter().Match(Repository.Read(f)));
        Assert.Empty(pages.Where(p => !p.Value.Success).Select(p => p.Key));
        Assert.Empty(pages.GroupBy(p => p.Value.Groups[1].Value).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public void Every_link_between_pages_leads_somewhere()
    {
        var broken = from file in Repository.Like(".md")
            from Match match in Link().Matches(Code().Replace(Repository.Read(file), ""))
            let link = match.Groups[1].Value.Split('#')[0]
            where link.Length > 0 && !link.Contains(':', StringComparison.Ordinal)
            let target = Path.GetRelativePath(Repository.Root, Path.Join(Repository.Root, Path.GetDirectoryName(file), link))
            where !File.Exists(Path.Join(Repository.Root, target)) && !Directory.Exists(Path.Join(Repository.Root, target))
            select $"{file}: {link}";
        Assert.Empty(broken);
    }

    private static IEnumerable<string> Manual() => Repository.Like(".md").Where(f => f.StartsWith("wiki-content/", StringComparison.Ordinal)
        && !f.StartsWith("wiki-content/internals/", StringComparison.Ordinal));

    // T["..."] and t["..."] in pages; the key may hold escaped quotes.
    [GeneratedRegex("""\b[Tt]\["((?:[^"\\]|\\.)+)"[\],]""")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\A---\nid: ([a-z0-9-]+)\ntitle: .+\n(?:[a-z-]+: .*\n)*---\n")]
    private static partial Regex FrontMatter();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("(?s)```.*?```|`[^`\n]*`")]
    private static partial Regex Code();
}
