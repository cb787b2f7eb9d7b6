using Mithi.Archive;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Downloads;

/// <summary>Whether who asks may have a release's bytes.</summary>
internal sealed class Entitled(EntitlementStore entitlements, TimeProvider time)
{
    public async Task<bool> MayAsync(CurrentPerson me, Release release, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        if (await entitlements.MayDownloadAsync(me, release.Product, release.Version, release.Channel, now, ct, byName: release.Kind == ArchiveKind.Ptf)) return true;
        // The operating system below a product is no product of its own: whoever may have any product may have it.
        return release.Kind == ArchiveKind.OsImage && me.May(Permission.ReleaseDownload)
            && (await entitlements.WithinAsync(me, Permission.ReleaseDownload, ct)).Any(e => now < e.EndsAt && e.GivesChannel(release.Channel));
    }

    /// <summary>
    /// Whether who asks may know of it. What is released to all is; a temporary fix of another customer, and what is not released
    /// yet, is shown to those alone who may have it.
    /// </summary>
    public async Task<bool> SeesAsync(CurrentPerson me, Release release, CancellationToken ct)
        => release.IsForAll || await MayAsync(me, release, ct);
}
