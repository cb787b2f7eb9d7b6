using Mithi.Kernel.People;

namespace Mithi.Kernel.Web;

/// <summary>The main menu: what the modules offer, filtered by what the reader may do.</summary>
public sealed class Menu(IReadOnlyList<MenuEntry> entries)
{
    /// <summary>What the node calls itself at the top of its pages.</summary>
    public string NodeName { get; set; } = "Mithi";

    public IEnumerable<MenuEntry> For(CurrentPerson me) => entries.Where(e => me.May(e.Permission));

    public static bool IsCurrent(MenuEntry entry, string path)
        => path == entry.Path || path.StartsWith(entry.Path + "/", StringComparison.Ordinal);
}
