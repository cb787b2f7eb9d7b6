using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Mithi.Downloads.Publishing;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Downloads.Serving;

/// <summary>Bytes for whoever is entitled to them: to browsers by name, to update clients as a TUF repository.</summary>
internal static partial class ServeRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var files = routes.MapGroup("").Needs(Permission.ReleaseDownload).CountsAtTheDoor();
        files.MapMethods("/releases/metadata/{name}", ["GET", "HEAD"], Metadata);
        files.MapMethods("/releases/targets/{product}/{version}/{name}", ["GET", "HEAD"], TargetAsync);
        files.MapMethods("/downloads/{product}/{version}/{name}", ["GET", "HEAD"], FileAsync);
    }

    // The metadata is signed and names no secrets; the bytes below are what entitlement guards.
    private static Results<PhysicalFileHttpResult, NotFound> Metadata(string name, Publications publications)
    {
        if (name.Length > Limits.MetadataNameCharsMax || !MetadataName().IsMatch(name)) return TypedResults.NotFound();
        var path = Path.Join(publications.MetadataFolder, name);
        return File.Exists(path) ? TypedResults.PhysicalFile(path, "application/json") : TypedResults.NotFound();
    }

    // The consistent form of a target puts its digest before its name: product/version/SHA256.name.
    private static Task<IResult> TargetAsync(string product, string version, string name, HttpContext context, CancellationToken ct)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot == 64 ? SendAsync(product, version, name[65..], name[..64], context, ct) : Task.FromResult<IResult>(TypedResults.NotFound());
    }

    private static Task<IResult> FileAsync(string product, string version, string name, HttpContext context, CancellationToken ct)
        => SendAsync(product, version, name, null, context, ct);

    private static async Task<IResult> SendAsync(string product, string version, string name, string? sha256, HttpContext context, CancellationToken ct)
    {
        var services = context.RequestServices;
        var (store, blobs, time) = (services.GetRequiredService<ReleaseStore>(), services.GetRequiredService<BlobStore>(), services.GetRequiredService<TimeProvider>());
        var me = context.Me();
        var release = await store.FindAsync(product, version, name, ct);
        if (release is null || (sha256 is not null && sha256 != release.Sha256)) return TypedResults.NotFound();
        if (!await services.GetRequiredService<Entitled>().MayAsync(me, release, ct)) return TypedResults.StatusCode(StatusCodes.Status403Forbidden);

        var file = new CountedStream(blobs.OpenRead(BlobId.Parse(release.Sha256)));
        context.Response.Headers.CacheControl = "private, no-cache";
        if (HttpMethods.IsGet(context.Request.Method)) await RecordAsync(release, me, file, context, store, time.GetCurrentInstant(), ct);
        return TypedResults.Stream(file, "application/zstd", release.Name, entityTag: new EntityTagHeaderValue($"\"{release.Sha256}\""),
            enableRangeProcessing: true);
    }

    // The row is there before the first byte; what was really sent is added when the response has ended, whole or cut.
    private static async Task RecordAsync(
        Release release, CurrentPerson me, CountedStream file, HttpContext context, ReleaseStore store, Instant now, CancellationToken ct)
    {
        var from = context.Request.GetTypedHeaders().Range?.Ranges.FirstOrDefault()?.From ?? 0;
        var transfer = await store.StartTransferAsync(release, me, context.Connection.RemoteIpAddress?.ToString() ?? "", from, now, ct);
        context.Response.OnCompleted(() => store.EndTransferAsync(transfer, file.Taken, from + file.Taken == release.Bytes, CancellationToken.None));
    }

    [GeneratedRegex(@"\A(?:timestamp|[0-9]+\.(?:root|snapshot|targets|[a-z0-9][a-z0-9-]*))\.json\z")]
    private static partial Regex MetadataName();
}
