using Microsoft.AspNetCore.Http;

namespace Mithi.Kernel.People;

/// <summary>The cookie that carries a session's secret.</summary>
/// <remarks>
/// The prefix makes browsers refuse the cookie unless it came over HTTPS from this very host (RFC 6265bis, 4.1.3.2), so a
/// neighbour cannot plant one. Plain HTTP, which a node speaks on loopback only, has no such protection to ask for.
/// </remarks>
internal static class SessionCookie
{
    public const string SecureName = "__Host-mithi";
    public const string PlainName = "mithi";

    public static string? Read(HttpRequest request)
        => request.Cookies.TryGetValue(Name(request), out var secret) && Secret.LooksLikeOne(secret) ? secret : null;

    public static bool IsSent(HttpRequest request) => request.Cookies.ContainsKey(Name(request));

    /// <summary>Ends with the browser; the table knows when it expires before.</summary>
    public static void Write(HttpContext context, string secret)
        => context.Response.Cookies.Append(Name(context.Request), secret, Options(context.Request));

    public static void Clear(HttpContext context)
        => context.Response.Cookies.Delete(Name(context.Request), Options(context.Request));

    private static string Name(HttpRequest request) => request.IsHttps ? SecureName : PlainName;

    private static CookieOptions Options(HttpRequest request) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = request.IsHttps, Path = "/", IsEssential = true,
    };
}
