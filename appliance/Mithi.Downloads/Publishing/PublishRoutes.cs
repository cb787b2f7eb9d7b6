using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Mithi.Archive;
using Mithi.Cli;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Trust;

namespace Mithi.Downloads.Publishing;

/// <summary>The API that <c>mithi-release publish</c> speaks: wiki-content/reference/release-api.md.</summary>
internal static class PublishRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/releases").Needs(Permission.ReleasePublish).CountsAsApi();
        api.MapMethods("/blobs/{sha256}", ["HEAD"], Has);
        api.MapPut("/blobs/{sha256}", PutAsync);
        api.MapPost("/publish", PublishAsync);
        api.MapGet("/trust", (Publications publications) => TypedResults.Bytes(publications.Keys.Trust.ToBytes(), "application/json"));
    }

    private static StatusCodeHttpResult Has(string sha256, BlobStore blobs)
        => TypedResults.StatusCode(BlobId.TryParse(sha256, null, out var id) && blobs.Exists(id) ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);

    private static async Task<IResult> PutAsync(string sha256, HttpContext context, BlobStore blobs, CancellationToken ct)
    {
        if (!BlobId.TryParse(sha256, null, out var id)) return Refused(StatusCodes.Status400BadRequest, "The name of a blob is its SHA-256 in lower-case hexadecimal.");
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = Limits.ArchiveBytesMax;
        try
        {
            await blobs.PutAsync(context.Request.Body, Limits.ArchiveBytesMax, id, ct);
            return TypedResults.StatusCode(StatusCodes.Status201Created);
        }
        catch (BlobException wrong)
        {
            return Refused(wrong.Fault == BlobFault.TooLong ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status422UnprocessableEntity, wrong.Message);
        }
    }

    private static async Task<IResult> PublishAsync(HttpContext context, CurrentPerson me, Publications publications, CancellationToken ct)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = Limits.PublicationBytesMax;
        if (await PublicationForm.ReadAsync(context.Request.Body, ct) is not { } form)
            return Refused(StatusCodes.Status400BadRequest, "This is no publication. Its form is described in the manual under Reference, Release API.");
        try
        {
            var snapshot = await publications.PublishAsync(form.Proposal, form.Channel, me, ct);
            return TypedResults.Json(new { snapshot });
        }
        catch (TrustException wrong)
        {
            var status = wrong.Fault is TrustFault.Rollback or TrustFault.SameVersionChanged ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity;
            return Refused(status, $"{wrong.Fault}: {wrong.Message}");
        }
        catch (ArchiveException wrong)
        {
            return Refused(StatusCodes.Status422UnprocessableEntity, $"{wrong.Fault}: {wrong.Message}");
        }
        catch (UserException wrong)
        {
            return Refused(StatusCodes.Status422UnprocessableEntity, $"{wrong.Message} {wrong.Hint}");
        }
    }

    private static ProblemHttpResult Refused(int status, string why) => TypedResults.Problem(title: "Refused", detail: why, statusCode: status);
}
