using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
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
        // The forgery token is bound to its reader by this name, so one person's token is no use to another.
        if (me.Id is { } id) context.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, id.ToString())], "mithi"));
        if (endpoint.Metadata.GetMetadata<RouteRule>() is not { } rule)
        {
            NoRule(log, endpoint.DisplayName);
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else if (!rule.Allows(me))
        {
            Refuse(context, me);
        }
        else if (await IsForgedAsync(context, me))
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
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"mithi\", charset=\"UTF-8\"";
        }
    }

    // A token is sent by a program on purpose; only a cookie is sent by a browser without being asked.
    private async Task<bool> IsForgedAsync(HttpContext context, CurrentPerson me)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)) return false;
        if (me.Proof == SignInKind.Token) return false;
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

    [LoggerMessage(LogLevel.Error, "The route {Route} has no rule, so nobody may use it")]
    private static partial void NoRule(ILogger log, string? route);
}

/// <summary>Why a request was refused, in words for its error page.</summary>
/// <param name="Message">English; the page translates it.</param>
public sealed record Refusal(string Message, string Hint);

public static class RequestKind
{
    /// <summary>Programs, not browsers: they get problem details and status codes instead of pages and redirects.</summary>
    public static bool IsApi(this HttpContext context) => context.Request.Path.StartsWithSegments("/api")
        || context.Request.Path.StartsWithSegments("/git") || context.Request.Path.StartsWithSegments("/releases")
        || context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/metrics");

    /// <summary>htmx asked, for a part of a page.</summary>
    public static bool IsPart(this HttpContext context) => context.Request.Headers["HX-Request"] == "true";
}
