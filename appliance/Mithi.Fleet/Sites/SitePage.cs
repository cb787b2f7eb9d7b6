using Mithi.Fleet.Lines;
using Mithi.Fleet.Media;
using Mithi.Fleet.Orders;
using Mithi.Fleet.Releases;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Protocol.Messages;
using NodaTime;

namespace Mithi.Fleet.Sites;

/// <summary>The board.</summary>
public sealed class BoardPage
{
    internal BoardPage(Listing<SiteRow> sites, IReadOnlyList<SiteRow> waiting, string words, SiteState? state)
        => (Sites, Waiting, Words, State) = (sites, waiting, words, state);

    internal Listing<SiteRow> Sites { get; }

    /// <summary>Sites where a machine shows a code now.</summary>
    internal IReadOnlyList<SiteRow> Waiting { get; }
    internal string Words { get; }
    internal SiteState? State { get; }
}

/// <summary>The form of a sheet, new or changed.</summary>
public sealed class SheetPage
{
    internal SheetPage(SiteId? site, SheetForm form, IReadOnlyList<Organisation> organisations, IReadOnlyList<KnownRelease> releases, bool stale)
        => (Site, Form, Organisations, Releases, Stale) = (site, form, organisations, releases, stale);

    /// <summary>Null for a new site.</summary>
    internal SiteId? Site { get; }
    internal SheetForm Form { get; }
    internal IReadOnlyList<Organisation> Organisations { get; }
    internal IReadOnlyList<KnownRelease> Releases { get; }
    internal bool Stale { get; }
}

/// <summary>One site, with what is known only from its connection.</summary>
public sealed class SitePage
{
    internal SitePage(Site site, SiteLine? line, IReadOnlyList<SiteLine> waiting, IReadOnlyList<SiteOrder> orders,
        IReadOnlyList<LogRow> log, IReadOnlyList<KnownRelease> releases, MediumState medium, Instant now)
        => (Site, Line, Waiting, Orders, Log, Releases, Medium, Now) = (site, line, waiting, orders, log, releases, medium, now);

    internal Site Site { get; }
    internal SiteLine? Line { get; }
    internal IReadOnlyList<SiteLine> Waiting { get; }
    internal IReadOnlyList<SiteOrder> Orders { get; }
    internal IReadOnlyList<LogRow> Log { get; }
    internal IReadOnlyList<KnownRelease> Releases { get; }
    internal MediumState Medium { get; }
    internal Instant Now { get; }

    /// <summary>Why the last form was not carried out; English.</summary>
    internal string Notice { get; init; } = "";
    internal FormErrors? CodeErrors { get; init; }
    internal string Code { get; init; } = "";

    /// <summary>Green, but neither connected nor heard of lately.</summary>
    internal bool IsSilent => Site.IsPaired && Line is null && Now - Site.SeenAt > Limits.SilentMax;

    /// <summary>Changes when the page's forms no longer fit; then the reader is shown the page anew.</summary>
    internal string Fingerprint => string.Join('/',
        Site.State, Site.Machine, Site.Device.Length, Site.SheetRevision, Site.ThePlan?.PlanId, Site.ApprovedPlan, Site.TheFault?.Code,
        Site.Version, Site.TheReport?.PreviousVersion, Waiting.Count,
        string.Join(',', Orders.Select(o => $"{o.Id}{o.State}")));

    /// <summary>Versions of the site's product that it can be brought to, the newest first.</summary>
    internal IEnumerable<KnownRelease> Choices => Releases.Where(r => r.Product == Site.Product && r.Kind != "os-image" && r.Version != Site.Version);

    /// <summary>The steps that can be begun again.</summary>
    internal IEnumerable<Step> Failed => Site.TheSteps.Where(s => s.State == StepState.Failed);
}

/// <summary>States and sizes in words.</summary>
internal static class SiteWords
{
    /// <summary>A text's key and the colour of its badge.</summary>
    public static (string Text, string Class) Of(SiteState state, bool waiting) => state switch
    {
        SiteState.Planned when waiting => ("Waits for its code", "warn"),
        SiteState.Planned => ("Planned", ""),
        SiteState.Paired => ("Paired", "warn"),
        SiteState.Installing => ("Installing", "warn"),
        SiteState.Green => ("Green", "good"),
        _ => ("Needs attention", "bad"),
    };

    public static (string Text, string Class) Of(StepState state) => state switch
    {
        StepState.Waiting => ("Waits", ""),
        StepState.Running => ("Runs", "warn"),
        StepState.Done => ("Done", "good"),
        StepState.Failed => ("Failed", "bad"),
        _ => ("Skipped", ""),
    };

    public static (string Text, string Class) Of(SiteOrder order, Instant now) => order.State switch
    {
        _ when order.HasExpired(now) => ("Expired", "bad"),
        OrderState.Waiting => ("Waits for the site", "warn"),
        OrderState.Sent => ("Sent", "warn"),
        OrderState.Done => ("Done", "good"),
        OrderState.Failed => ("Failed", "bad"),
        _ => ("Dropped", ""),
    };

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):0.0} GB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):0.0} MB",
        >= 1L << 10 => $"{bytes / (double)(1L << 10):0.0} kB",
        _ => $"{bytes} B",
    };

    public static string Time(TimeSpan span) => span.TotalHours >= 1 ? span.ToString(@"h\:mm\:ss") : span.ToString(@"m\:ss");
}
