using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Mithi.Cli;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web.Pages;

namespace Mithi.Kernel.Web;

/// <summary>Around every request: its id, the headers that protect readers, the host's name, and an error page for what fails.</summary>
public sealed partial class RequestFrame(RequestDelegate next, NodeAddress address, IEnumerable<IHostNames> names, ILogger<RequestFrame> log)
{
    // No script, style or frame but our own; a page that needs more says so on its own response.
    private const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        + "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public async Task InvokeAsync(HttpContext context)
    {
        Protect(context);
        try
        {
            if (await IsOursAsync(context)) await next(context);
            else RefuseHost(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;   // the reader has gone; there is nobody to answer
        }
        catch (BadHttpRequestException wrong)
        {
            Fail(context, wrong.StatusCode, null);
        }
        catch (UserException wrong)
        {
            Fail(context, StatusCodes.Status400BadRequest, new(wrong.Message, wrong.Hint));
        }
        catch (Exception fault)
        {
            Failed(log, fault, context.Request.Method, RouteOf(context), context.TraceIdentifier);
            Fail(context, DiskFull.Caused(fault) ? StatusCodes.Status507InsufficientStorage : StatusCodes.Status500InternalServerError, null);
        }
        await ExplainAsync(context);
    }

    private static void Protect(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["X-Request-Id"] = context.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.CacheControl = "no-store";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
    }

    private async ValueTask<bool> IsOursAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (address.IsOurs(host)) return true;
        foreach (var more in names)
            if (await more.IsOursAsync(host, context.RequestAborted)) return true;
        return false;
    }

    private static void RefuseHost(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Features.Set(new Refusal("This node does not go by the name in the address.",
            "Use the address that the node's administrator gave you. The administrator sets it with --public-url."));
    }

    // Never the address itself: that of an invitation or of a new password is a secret, and logs are read by many.
    private static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";

    private static void Fail(HttpContext context, int status, Refusal? why)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = status;
        if (why is not null) context.Features.Set(why);
    }

    // A status without a body gets words: a page for people, problem details for programs.
    private static async Task ExplainAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null || response.ContentLength > 0) return;
        var error = ErrorModel.For(context);
        if (context.Features.Get<IHttpResponseBodyFeature>() is null) return;
        IResult answer = context.IsApi() ? error.ToProblem() : Error.Create(error);
        await answer.ExecuteAsync(context);
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Route} failed ({RequestId})")]
    private static partial void Failed(ILogger log, Exception fault, string method, string route, string requestId);
}
