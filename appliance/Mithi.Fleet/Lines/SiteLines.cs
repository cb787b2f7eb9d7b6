using Mithi.Fleet.Sites;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Pairing;

namespace Mithi.Fleet.Lines;

/// <summary>All machines that are connected now. Nothing here outlives the process; nothing here needs to.</summary>
internal sealed class SiteLines(SiteSignals signals)
{
    private readonly Lock changing = new();
    private readonly List<SiteLine> lines = [];

    /// <summary>The paired machine of a site, when it is connected.</summary>
    public SiteLine? Of(SiteId site)
    {
        lock (changing) return lines.LastOrDefault(l => l.Site == site && l.IsPaired);
    }

    /// <summary>The machines that show a code for a site, the oldest first.</summary>
    public IReadOnlyList<SiteLine> WaitingFor(SiteId site)
    {
        lock (changing) return [.. lines.Where(l => l.Site == site && IsWaiting(l))];
    }

    /// <summary>All machines that show a code.</summary>
    public IReadOnlyList<SiteLine> Waiting()
    {
        lock (changing) return [.. lines.Where(IsWaiting)];
    }

    public SiteLine? Of(PendingPairing pending)
    {
        lock (changing) return lines.Find(l => l.Pending == pending);
    }

    /// <summary>Adds a machine; an older connection of the same machine goes.</summary>
    public void Add(SiteLine line)
    {
        List<SiteLine> replaced;
        lock (changing)
        {
            replaced = [.. lines.Where(l => l.Site == line.Site && l.Device == line.Device)];
            lines.Add(line);
        }
        foreach (var old in replaced) old.Connection.End(CloseReason.Replaced, "The same machine has connected anew.");
        signals.Changed(line.Site);
    }

    public void Remove(SiteLine line)
    {
        lock (changing) lines.Remove(line);
        signals.Changed(line.Site);
    }

    /// <summary>Tells the site's machine, when it is connected, that there may be an order for it.</summary>
    public void Wake(SiteId site)
    {
        Of(site)?.Wake();
        signals.Changed(site);
    }

    private static bool IsWaiting(SiteLine line) => !line.IsPaired && line.Pending is { Decision.IsCompleted: false };
}
