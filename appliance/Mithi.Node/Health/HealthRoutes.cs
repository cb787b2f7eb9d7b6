using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Node.Health;

/// <summary>For programs that watch: alive, ready, and the numbers.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Text("alive\n")).ForEverybody("A watcher restarts a process that does not answer.");
        routes.MapGet("/health/ready", ReadyAsync).ForEverybody("A proxy sends nobody here before it is ready; it says nothing else.");
        routes.MapGet("/metrics", MetricsAsync).ForEverybody("The handler answers this machine and tokens that may manage the node only.");
    }

    private static async Task<IResult> ReadyAsync(Db db, DataFolder folder, IHostApplicationLifetime host, CancellationToken ct)
    {
        if (host.ApplicationStopping.IsCancellationRequested) return NotReady("The node stops.");
        try
        {
            await db.ReadAsync(tx => tx.QuerySingleAsync<long>("select 1"), ct);
            return Directory.Exists(folder.Keys) ? Results.Text("ready\n") : NotReady("The data folder is gone.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return NotReady("The database does not answer.");
        }
    }

    private static async Task<IResult> MetricsAsync(CurrentPerson me, NodeMetrics metrics, HttpContext context, CancellationToken ct)
    {
        // What a proxy on this machine passes on is not from this machine.
        var direct = context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");
        if (!direct && !me.May(Permission.NodeManage))
        {
            if (me.IsSignedIn) return NotYours(StatusCodes.Status403Forbidden, "This token may not manage the node: the numbers are for one that may.");
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"mithi\"";
            return NotYours(StatusCodes.Status401Unauthorized, "Ask from this machine, or with a valid token that may manage the node.");
        }
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await metrics.WriteAsync(context.Response.Body, ct);
        return Results.Empty;
    }

    // A watcher shows whoever set it up what the answer says, in plain words.
    private static IResult NotYours(int status, string why) => Results.Text(why + "\n", statusCode: status);

    private static IResult NotReady(string why) => Results.Text(why + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
