using Mithi.Fleet.Lines;
using Mithi.Fleet.Media;
using Mithi.Fleet.Orders;
using Mithi.Fleet.Releases;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Fleet.Sites;

/// <summary>Gathers what the page of one site shows, from its rows and from its connection.</summary>
internal sealed class SiteView(
    SiteStore sites, OrderStore orders, KnownReleases releases, MediumStore media, SiteLines lines, TimeProvider time)
{
    /// <summary>Null when it is not there or out of reach.</summary>
    public async Task<SitePage?> PageAsync(SiteId id, CurrentPerson me, CancellationToken ct,
        string notice = "", FormErrors? codeErrors = null, string code = "")
    {
        if (await sites.FindAsync(id, me, Permission.SiteRead, ct) is not { } site) return null;
        return new(site, lines.Of(id), lines.WaitingFor(id), await orders.LatestAsync(id, Limits.OrdersShown, ct),
            await sites.LogAsync(site, Limits.LogRowsShown, ct), await releases.AllAsync(ct), media.State(), time.GetCurrentInstant())
        {
            Notice = notice, CodeErrors = codeErrors, Code = code,
        };
    }
}
