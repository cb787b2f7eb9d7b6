namespace Mithi.ReleaseTool.Packing;

/// <summary>A pattern for paths of a tree: <c>*</c> and <c>?</c> within one name, <c>**</c> for any number of folders.</summary>
internal sealed class Glob(string pattern)
{
    private readonly string[] _names = pattern.Split('/');

    public bool Matches(string path) => Matches(_names, path.Split('/'));

    public override string ToString() => pattern;

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.Length == 0) return path.Length == 0;
        if (pattern[0] == "**")
        {
            for (var skip = 0; skip <= path.Length; skip++)
            {
                if (Matches(pattern[1..], path[skip..])) return true;
            }
            return false;
        }
        return path.Length > 0 && MatchesName(pattern[0], path[0]) && Matches(pattern[1..], path[1..]);
    }

    // Goes back only to the last star: linear in the product of the lengths, whatever the pattern.
    private static bool MatchesName(string pattern, string name)
    {
        var (p, n, star, mark) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, mark, p) = (p, n, p + 1);
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n])) (p, n) = (p + 1, n + 1);
            else if (star >= 0) (p, n, mark) = (star + 1, mark + 1, mark + 1);
            else return false;
        }
        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
