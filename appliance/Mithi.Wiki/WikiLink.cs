using Mithi.Kernel.Links;
using Mithi.Kernel.People;

namespace Mithi.Wiki;

/// <summary><c>wiki:service-manual/tickets</c> in a ticket points to that page, for those who may read it.</summary>
internal sealed class WikiLink(WikiStore store) : ILinkTarget
{
    public string Scheme => "wiki";

    public async Task<LinkTarget?> ResolveAsync(string id, CurrentPerson me, CancellationToken ct)
    {
        var parts = id.Split('/', 2);
        if (Section.Find(parts[0], me) is not { } section || PagePath.Parse(parts.ElementAtOrDefault(1)) is not { } path) return null;
        return await store.PageAsync(section, path, ct) is { } page ? new($"/wiki/{section.Slug}/{path}", page.Title) : null;
    }
}
