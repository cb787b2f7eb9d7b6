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
        if (await entitlements.MayDownloadAsync(me, release.Product, release.Version, release.Channel, now, ct)) return true;
        // The operating system below a product is no product of its own: whoever may have any product may have it.
        return release.Kind == ArchiveKind.OsImage && me.May(Permission.ReleaseDownload)
            && (await entitlements.WithinAsync(me, Permission.ReleaseDownload, ct)).Any(e => now < e.EndsAt);
    }
}
