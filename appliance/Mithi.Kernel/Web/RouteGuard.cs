using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Mithi.Kernel.People;

namespace Mithi.Kernel.Web;

/// <summary>Decides whether a request reaches its handler: the route's rule first, then the forgery token.</summary>
public sealed partial class RouteGuard(RequestDelegate next, IAntiforgery forgery, ILogger<RouteGuard> log)
{
    /// <summary>The header in which scripts send the forgery token.</summary>
    public const string ForgeryHeader = "X-Forgery-Token";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint)   // nothing here, or not by this method
        {
            await next(context);
            return;
        }
        var me = context.Me();
        if (endpoint.Metadata.GetMetadata<RouteRule>() is not { } rule)
        {
            NoRule(log, endpoint.DisplayName);
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else if (!rule.Allows(me))
        {
            Refuse(context, me);
        }
        else if (!rule.IsSigned && await IsForgedAsync(context, me))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Features.Set(new Refusal("The form has expired or did not come from this site.",
                "Go back, load the page again and send it once more."));
        }
        else
        {
            await next(context);
        }
    }

    private static void Refuse(HttpContext context, CurrentPerson me)
    {
        if (me.IsSignedIn)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else if (HttpMethods.IsGet(context.Request.Method) && !context.IsApi())
        {
            var back = context.Request.Path + context.Request.QueryString;
            context.Response.Redirect($"/sign-in?return={Uri.EscapeDataString(back)}");
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            Challenge.Write(context, "realm=\"mithi\"");
        }
    }

    // A bearer token is sent by a program on purpose. A cookie is sent by a browser without being asked, and so is a password
    // of basic authentication that was typed once: no form carries a token for it, so the browser must say that it is ours.
    private async Task<bool> IsForgedAsync(HttpContext context, CurrentPerson me)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)) return false;
        if (me.Proof == SignInKind.Token) return me.Scheme != TokenScheme.Bearer && IsForeign(context.Request);
        try
        {
            return !await forgery.IsRequestValidAsync(context);
        }
        catch (AntiforgeryValidationException unread) when (unread.InnerException is BadHttpRequestException or InvalidDataException)
        {
            // Too large, or no form at all: the sender's mistake, which the check met first because it reads the form.
            throw unread.InnerException as BadHttpRequestException
                ?? new BadHttpRequestException(unread.InnerException!.Message, StatusCodes.Status400BadRequest, unread);
        }
    }

    // Programs send neither header; browsers send at least one with everything that is not a plain GET.
    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is [var site, ..] && site is not ("same-origin" or "none")) return true;
        return request.Headers.Origin is [var origin, ..]
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    [LoggerMessage(LogLevel.Error, "The route {Route} has no rule, so nobody may use it")]
    private static partial void NoRule(ILogger log, string? route);
}

/// <summary>Why a request was refused, in words for its error page.</summary>
/// <param name="Message">English; the page translates it.</param>
public sealed record Refusal(string Message, string Hint);

/// <summary>What a 401 asks for.</summary>
internal static class Challenge
{
    /// <param name="parameters">Of the Bearer scheme.</param>
    public static void Write(HttpContext context, string parameters)
    {
        // A browser that is asked for "Basic" shows a box and from then on sends what was typed there with every request, so
        // only the paths of download tools ask for it.
        context.Response.Headers.WWWAuthenticate = context.Request.Path.StartsWithSegments("/releases")
            ? new StringValues([$"Bearer {parameters}", "Basic realm=\"mithi\", charset=\"UTF-8\""]) : $"Bearer {parameters}";
    }
}

public static class RequestKind
{
    /// <summary>Programs, not browsers: they get problem details and status codes instead of pages and redirects.</summary>
    public static bool IsApi(this HttpContext context) => context.Request.Path.StartsWithSegments("/api")
        || context.Request.Path.StartsWithSegments("/releases")
        || context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/metrics");
}
