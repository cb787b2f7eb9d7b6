using Mithi.Kernel.People;

namespace Mithi.Wiki;

/// <summary>A manual: a repository of its own, because a repository is the unit in which git gives read access.</summary>
/// <param name="Slug">In addresses and as the repository's name.</param>
/// <param name="Title">English; pages translate it.</param>
/// <param name="Read">Who may see it; to everybody else it does not exist.</param>
public sealed record Section(string Slug, string Title, string About, Permission Read)
{
    public static readonly IReadOnlyList<Section> All =
    [
        new("administrators-manual", "Administrators manual", "Set up, run and repair a node, a product and its releases.", Permission.ManualRead),
        new("applications-manual", "Applications manual", "For the people who use the server every day.", Permission.ManualRead),
        new("reference", "Reference", "Formats, protocols and codes, exact enough to build on.", Permission.ManualRead),
        new("service-manual", "Service manual", "How support works; runbooks.", Permission.ServiceManualRead),
    ];

    /// <summary>Null when there is no such section, or when this reader must not know that there is.</summary>
    public static Section? Find(string slug, CurrentPerson me) => All.FirstOrDefault(s => s.Slug == slug && me.May(s.Read));

    public static IEnumerable<Section> For(CurrentPerson me) => All.Where(s => me.May(s.Read));
}
