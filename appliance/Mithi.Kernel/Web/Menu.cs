using Mithi.Kernel.People;

namespace Mithi.Kernel.Web;

/// <summary>The main menu: what the modules offer, filtered by what the reader may do.</summary>
public sealed class Menu(IReadOnlyList<MenuEntry> entries)
{
    /// <summary>What the node calls itself at the top of its pages.</summary>
    public string NodeName { get; set; } = "Mithi";

    public IEnumerable<MenuEntry> For(CurrentPerson me) => entries.Where(e => me.May(e.Permission));

    /// <summary>The entry that a page belongs to: the one that names it most exactly. Null when there is none.</summary>
    public static MenuEntry? Current(IEnumerable<MenuEntry> entries, string path)
        => entries.Where(e => path == e.Path || path.StartsWith(e.Path + "/", StringComparison.Ordinal)).MaxBy(e => e.Path.Length);
}
