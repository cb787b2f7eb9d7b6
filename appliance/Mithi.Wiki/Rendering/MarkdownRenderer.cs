using System.Collections.Concurrent;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Ganss.Xss;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Html;

namespace Mithi.Wiki.Rendering;

/// <summary>Markdown to HTML that is safe to show. The sanitiser runs last: Markdown passes every kind of link.</summary>
internal sealed class MarkdownRenderer
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoIdentifiers().UseTaskLists().UseFootnotes().UseEmphasisExtras().UseAutoLinks().UseAlertBlocks().Build();

    private readonly ConcurrentDictionary<(string Blob, string Base), string> rendered = new();

    /// <param name="blob">Git's id of the source: the same id is the same HTML.</param>
    /// <param name="section">Relative links are resolved from the page's place in its section.</param>
    public async Task<IHtmlContent> ToHtmlAsync(string blob, string markdown, Section section, string path, CancellationToken ct)
    {
        var at = $"/wiki/{section.Slug}/{path}";
        if (rendered.TryGetValue((blob, at), out var known)) return new HtmlString(known);
        string html;
        try
        {
            // Off the request's thread and within a bound: nobody's page may hold up the node.
            html = await Task.Run(() => Render(markdown, at), ct).WaitAsync(Limits.RenderMax, ct);
        }
        catch (Exception e) when (e is TimeoutException or ArgumentException or InsufficientExecutionStackException)
        {
            return new HtmlString($"<pre>{System.Net.WebUtility.HtmlEncode(markdown)}</pre>");
        }
        if (rendered.Count >= Limits.RenderedMax) rendered.Clear();
        rendered[(blob, at)] = html;
        return new HtmlString(html);
    }

    /// <summary>For a preview: rendered and forgotten.</summary>
    public static string Render(string markdown, string at)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>()) link.Url = Resolve(link.Url, at);
        return Sanitizer().Sanitize(document.ToHtml(Pipeline));
    }

    /// <summary>The words alone, for the search.</summary>
    public static string PlainText(string markdown)
    {
        try
        {
            return Markdown.ToPlainText(markdown, Pipeline);
        }
        catch (ArgumentException)
        {
            return markdown;   // nested past the parser's bound: its source is still words
        }
    }

    // A link to a neighbour's file works in git, on a stick and here: people.md means the page "people" beside this one.
    private static string? Resolve(string? url, string at)
    {
        if (string.IsNullOrEmpty(url) || url[0] is '#' or '/' || url.Contains(':', StringComparison.Ordinal)) return url;
        if (!Uri.TryCreate(new Uri($"http://node{at}"), url, out var target) || target.Host != "node") return url;
        var path = target.AbsolutePath;
        return (path.EndsWith(".md", StringComparison.Ordinal) ? path[..^3] : path) + target.Fragment;
    }

    private static HtmlSanitizer Sanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        sanitizer.AllowedTags.ExceptWith(["form", "button", "select", "option", "textarea", "style", "iframe", "svg", "math"]);
        sanitizer.AllowedAttributes.Remove("style");
        sanitizer.AllowedAttributes.UnionWith(["id", "class", "checked", "disabled", "type"]);
        sanitizer.AllowedSchemes.Add("mailto");
        sanitizer.PostProcessDom += (_, page) => Dress(page.Document);
        return sanitizer;
    }

    // What may be wider than the page scrolls in a frame of its own, which the keyboard reaches; a heading without words is none.
    private static void Dress(IHtmlDocument page)
    {
        foreach (var code in page.QuerySelectorAll("pre")) code.SetAttribute("tabindex", "0");
        foreach (var empty in page.QuerySelectorAll("th").Where(h => h.TextContent.Trim().Length == 0)) empty.OuterHtml = "<td></td>";
        foreach (var table in page.QuerySelectorAll("table"))
        {
            var frame = page.CreateElement("div");
            frame.ClassName = "scroll";
            frame.SetAttribute("tabindex", "0");
            table.Replace(frame);
            frame.AppendChild(table);
        }
    }
}
