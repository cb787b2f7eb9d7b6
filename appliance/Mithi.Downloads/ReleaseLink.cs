using Mithi.Kernel.Links;
using Mithi.Kernel.People;

namespace Mithi.Downloads;

/// <summary><c>release:connect-server/5.2.1</c> points to that version in the download centre.</summary>
internal sealed class ReleaseLink(ReleaseStore store) : ILinkTarget
{
    public string Scheme => "release";

    public async Task<LinkTarget?> ResolveAsync(string id, CurrentPerson me, CancellationToken ct)
    {
        if (!me.May(Permission.ReleaseRead) || id.Split('/') is not [var product, var version]) return null;
        return await store.OfVersionAsync(product, version, ct) is { } release
            ? new($"/downloads/{release.Product}#v-{release.Version}", release.Name)
            : null;
    }
}
