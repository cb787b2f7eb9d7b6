namespace Mithi.Trust.Metadata;

/// <summary>Shell patterns of a delegation: <c>*</c>, <c>?</c> and <c>[a-z]</c> within one segment; a slash matches only itself.</summary>
internal static class PathPattern
{
    public static bool Matches(string pattern, string path)
    {
        if (pattern.Length > Limits.PathCharsMax || path.Length > Limits.PathCharsMax) return false;
        var (patterns, segments) = (pattern.Split('/'), path.Split('/'));
        if (patterns.Length != segments.Length) return false;
        for (var i = 0; i < patterns.Length; i++)
            if (!SegmentMatches(patterns[i], segments[i])) return false;
        return true;
    }

    // Only the last star is ever tried again, so the work is at most pattern times text.
    private static bool SegmentMatches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, resume) = (p++, t);
            }
            else if (p < pattern.Length && One(pattern[p..], text[t], out var used))
            {
                p += used;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    private static bool One(ReadOnlySpan<char> pattern, char c, out int used)
    {
        used = 1;
        if (pattern[0] == '?') return true;
        // A bracket that is not closed stands for itself; a closing one right after the opening is a member.
        var start = pattern.Length > 1 && pattern[1] == '!' ? 2 : 1;
        var end = pattern.Length > start + 1 ? pattern[(start + 1)..].IndexOf(']') : -1;
        if (pattern[0] != '[' || end < 0) return pattern[0] == c;
        var members = pattern[start..(start + 1 + end)];
        used = start + 1 + end + 1;
        return In(members, c) != (start == 2);
    }

    private static bool In(ReadOnlySpan<char> members, char c)
    {
        for (var i = 0; i < members.Length; i++)
        {
            if (i + 2 < members.Length && members[i + 1] == '-')
            {
                if (members[i] <= c && c <= members[i + 2]) return true;
                i += 2;
            }
            else if (members[i] == c)
            {
                return true;
            }
        }
        return false;
    }
}
