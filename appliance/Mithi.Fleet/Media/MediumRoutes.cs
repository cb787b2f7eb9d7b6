using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Fleet.Sites;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Fleet.Media;

/// <summary>A site's medium, stamped while it streams.</summary>
internal static class MediumRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapGet("/sites/{id:long}/medium/{file}", SendAsync).Needs(Permission.SitePlan);

    private static async Task<IResult> SendAsync(
        long id, string file, CurrentPerson me, SiteStore sites, MediumStore media, HttpContext http, CancellationToken ct)
    {
        if (file is not ("site.conf" or "site.img" or "install.iso")) return TypedResults.NotFound();
        if (await sites.FindAsync(new(id), me, Permission.SitePlan, ct) is not { } site) return TypedResults.NotFound();
        var state = media.State();
        if (file != "site.conf" && !state.ReleaseRoot || file == "install.iso" && !state.Iso)
        {
            http.Features.Set(new Refusal("This node has nothing to make the medium of.",
                "Publish a release first, and put the installation medium into the node's data folder."));
            return TypedResults.NotFound();
        }
        await sites.NoteMediumAsync(new(id), file, me, ct);
        var name = $"{site.TheSheet.HostName}.{site.TheSheet.Domain}-{file}";
        if (file == "site.conf") return TypedResults.Bytes(System.Text.Encoding.UTF8.GetBytes((await media.StampAsync(site, ct)).ToText()),
            "text/plain; charset=utf-8", name);
        var image = await media.ImageAsync(site, ct);
        if (file == "site.img") return TypedResults.Bytes(image, "application/octet-stream", name);
        http.Response.ContentLength = media.IsoBytes();
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        return TypedResults.Stream(to => media.WriteIsoAsync(image, to, ct), "application/x-iso9660-image");
    }
}
