using Mithi.Kernel.Links;
using Mithi.Kernel.People;

namespace Mithi.Downloads;

/// <summary><c>release:connect-server/5.2.1</c> points to that version in the download centre.</summary>
internal sealed class ReleaseLink(ReleaseStore store, Entitled entitled) : ILinkTarget
{
    public string Scheme => "release";

    public async Task<LinkTarget?> ResolveAsync(string id, CurrentPerson me, CancellationToken ct)
    {
        if (!me.May(Permission.ReleaseRead) || id.Split('/') is not [var product, var version]) return null;
        foreach (var release in await store.OfVersionAsync(product, version, ct))
            if (await entitled.SeesAsync(me, release, ct)) return new($"/downloads/{release.Product}#v-{release.Version}", release.Name);
        return null;
    }
}
