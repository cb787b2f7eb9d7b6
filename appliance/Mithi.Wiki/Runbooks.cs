using Markdig;
using Markdig.Syntax;
using Mithi.Kernel.Data;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Wiki.Rendering;

namespace Mithi.Wiki;

/// <summary>The pages under <c>runbooks/</c> of the service manual: each item of a numbered list is a step, a code block in it is its command.</summary>
internal sealed class Runbooks(Db db, WikiStore store) : IRunbooks
{
    private const string Folder = "runbooks/";

    public async Task<IReadOnlyList<RunbookName>> ListAsync(CurrentPerson me, CancellationToken ct)
        => SectionFor(me) is not { } section ? [] : await db.ReadAsync(tx => tx.QueryAsync<RunbookName>("""
            select path as name, title from wiki_page where section = @Slug and path >= 'runbooks/' and path < 'runbooks0' order by title, path limit @most
            """, new { section.Slug, most = Limits.RunbooksMax }), ct);

    public async Task<Runbook?> FindAsync(string name, CurrentPerson me, CancellationToken ct)
        => SectionFor(me) is { } section && name.StartsWith(Folder, StringComparison.Ordinal) && PagePath.Parse(name) is { } path
            && await store.PageAsync(section, path, ct) is { } page ? new(page.Path, page.Title, Steps(PageText.Read(page.Body, page.Path).Markdown)) : null;

    /// <summary>Steps of all numbered lists of a page that stand in no other list, in order.</summary>
    public static IReadOnlyList<RunbookStep> Steps(string markdown)
    {
        MarkdownDocument document;
        try
        {
            document = Markdown.Parse(markdown);
        }
        catch (ArgumentException)
        {
            return [];   // nested past the parser's bound: no runbook
        }
        var items = document.OfType<ListBlock>().Where(l => l.IsOrdered).SelectMany(l => l.OfType<ListItemBlock>()).Take(Limits.StepsMax);
        return [.. items.Select((item, i) => new RunbookStep(i + 1, Text(item, markdown), Command(item)))];
    }

    private static string Text(ListItemBlock item, string markdown) => string.Join('\n', item.Where(b => b is not CodeBlock)
        .Select(b => MarkdownRenderer.PlainText(markdown.Substring(b.Span.Start, b.Span.Length)).Trim())).Trim();

    private static string Command(ListItemBlock item)
        => string.Join('\n', item.OfType<CodeBlock>().Select(c => c.Lines.ToString().Replace("\r", "").TrimEnd('\n')));

    private static Section? SectionFor(CurrentPerson me) => Section.Find("service-manual", me);
}
