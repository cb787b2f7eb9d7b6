namespace Mithi.Kernel.People;

/// <summary>Where to go after signing in: a page of this site, whatever the address bar was made to say.</summary>
internal static class ReturnPath
{
    private const int LengthMax = 2_000;

    public static string Of(string? wish)
    {
        if (wish is not { Length: > 0 and <= LengthMax } || wish[0] != '/') return "/";
        // "//host" and "/\host" are other sites to a browser, which also drops tabs and line breaks on the way.
        if (wish.Length > 1 && wish[1] is '/' or '\\') return "/";
        if (wish.Any(c => c is '\\' or < ' ' or '\x7f')) return "/";
        return wish.StartsWith("/sign-", StringComparison.Ordinal) ? "/" : wish;
    }
}
