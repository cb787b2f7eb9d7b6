using System.Data.Common;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Finds out who asks, from the session's cookie or the Authorization header, before anything else looks at a request.</summary>
/// <remarks>
/// A wrong token is refused at once: a program whose token ran out must learn of it, not see what the public sees. A wrong
/// cookie is taken away and its bearer is the public: a person then meets the sign-in page where he needs it.
/// </remarks>
public sealed class WhoAsks(
    RequestDelegate next, SessionStore sessions, TokenStore tokens, TimeProvider time, ILogger<WhoAsks> log)
{
    private const string ZoneCookie = "zone";

    public async Task InvokeAsync(HttpContext context)
    {
        var now = time.GetCurrentInstant();
        var language = BrowserLanguage.Of(context.Request.Headers.AcceptLanguage);
        if (context.Request.Headers.Authorization is [{ Length: > 0 } header, ..])
        {
            var (scheme, text) = TokenOf(header);
            if (text is null || await tokens.KnowAsync(text, now, context.RequestAborted) is not { } token)
            {
                await RefuseAsync(context);
                return;
            }
            if (now - token.UsedAt >= Limits.SeenStep)
                await NoteAsync(() => tokens.UsedAsync(token.Id, now, context.RequestAborted));
            context.Features.Set(token.ToCurrentPerson(language) with { Scheme = scheme });
        }
        else
        {
            context.Features.Set(await BySessionAsync(context, language, now)
                ?? CurrentPerson.Nobody(language, Zones.Find(context.Request.Cookies[ZoneCookie]) ?? DateTimeZone.Utc));
        }
        // Forms are good for the person who was shown them only: the forgery token is bound to this name, on every page,
        // also on one that no route answers.
        if (context.Me().Id is { } id) context.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, id.ToString())], "mithi"));
        await next(context);
    }

    private async Task<CurrentPerson?> BySessionAsync(HttpContext context, string language, Instant now)
    {
        if (!SessionCookie.IsSent(context.Request)) return null;
        var session = SessionCookie.Read(context.Request) is { } secret
            ? await sessions.KnowAsync(secret, now, context.RequestAborted) : null;
        if (session is null)
        {
            SessionCookie.Clear(context);
            return null;
        }
        if (now - session.SeenAt >= Limits.SeenStep)
            await NoteAsync(() => sessions.SeenAsync(session, now, context.RequestAborted));
        return session.ToCurrentPerson(language);
    }

    // With a full disk nothing can be noted, but everything can still be read.
    private async Task NoteAsync(Func<Task> note)
    {
        try
        {
            await note();
        }
        catch (DbException failed)
        {
            log.LogWarning(failed, "The time of last use could not be written.");
        }
    }

    // "Bearer mithi_..." by programs; "Basic" with the token as the password by download tools that know nothing else.
    private static (TokenScheme Scheme, string? Text) TokenOf(string header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var value) || value.Parameter is not { Length: < 1_024 } parameter)
            return default;
        if (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return (TokenScheme.Bearer, parameter);
        if (!value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return default;
        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length)) return default;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return (TokenScheme.Basic, colon < 0 ? null : pair[(colon + 1)..]);
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        Challenge.Write(context, "error=\"invalid_token\"");
        // Only programs send tokens, whatever the address.
        context.Features.Set(new Refusal("This token is not valid: it is mistyped, expired or revoked.", "Make a new one in your profile."));
        return ErrorModel.For(context).ToProblem().ExecuteAsync(context);
    }
}
