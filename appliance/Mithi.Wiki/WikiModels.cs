using Microsoft.AspNetCore.Html;
using Mithi.Kernel.Web;

namespace Mithi.Wiki;

/// <summary>A page with its section's tree; without a page, the list of pages alone.</summary>
public sealed record ShowModel(Section Section, IReadOnlyList<PageLine> Tree, WikiPage? Page, IHtmlContent? Html);

public sealed record HistoryModel(Section Section, PagePath Path, string PageTitle, IReadOnlyList<PageChange> Changes)
{
    public IEnumerable<PageChange> Shown => Changes.Take(Limits.ChangesPerPage);

    /// <summary>Where the next, older part begins; null at the end.</summary>
    public long? Older => Changes.Count > Limits.ChangesPerPage ? Changes[Limits.ChangesPerPage - 1].Id : null;
}

public sealed record DifferenceModel(Section Section, PagePath Path, string PageTitle, PageChange Change, PageDiff Diff);

/// <summary>The editor: a new page or an old one, with what was typed, mistakes, a preview, or what somebody else saved.</summary>
/// <param name="Action">Where the form is sent.</param>
/// <param name="Back">Where its reader came from.</param>
public sealed record EditModel(Section Section, bool IsNew, string Action, string Back, PageForm Form, FormErrors Errors)
{
    public IHtmlContent? Preview { get; init; }

    /// <summary>From what is saved now to what was typed here.</summary>
    public PageDiff? Theirs { get; init; }

    public static EditModel New(Section section)
        => new(section, true, $"/wiki/new/{section.Slug}", $"/wiki/{section.Slug}", new("", "---\nid: \ntitle: \n---\n\n", "", ""), new());

    public static EditModel Of(Section section, PagePath path, PageForm form)
        => new(section, false, $"/wiki/edit/{section.Slug}/{path}", $"/wiki/{section.Slug}/{path}", form, new());
}
