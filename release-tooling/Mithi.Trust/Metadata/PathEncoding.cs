namespace Mithi.Trust.Metadata;

/// <summary>How names that a repository chose become URLs and files that stay where they belong.</summary>
internal static class PathEncoding
{
    /// <summary>One path segment: nothing in it can be a separator, a query, or a step upwards.</summary>
    public static string Segment(string name)
        => name is "." or ".." ? name.Replace(".", "%2E") : Uri.EscapeDataString(name);

    /// <summary>A target path as part of a URL, segment by segment.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.PathUnsafe"/>: a segment is empty, <c>.</c> or <c>..</c>.</exception>
    public static string Target(string path)
    {
        var segments = path.Split('/');
        // A URL with such a step is silently shortened on its way, so what we ask for would not be what was signed.
        if (path.Length is 0 or > Limits.PathCharsMax || segments.Any(s => s is "" or "." or ".." || s.Contains('\0')))
            throw new TrustException(TrustFault.PathUnsafe, path, "a target's path must not be empty, absolute or have a step upwards");
        return string.Join('/', segments.Select(Uri.EscapeDataString));
    }

    /// <summary>A target path whose last segment carries a digest: section 6.2.1.</summary>
    public static string Consistent(string path, string digest)
    {
        var slash = path.LastIndexOf('/') + 1;
        return path[..slash] + digest + "." + path[slash..];
    }
}
