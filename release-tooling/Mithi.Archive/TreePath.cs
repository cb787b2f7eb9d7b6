using System.Text;

namespace Mithi.Archive;

/// <summary>Which paths and link targets may stand in a tree.</summary>
public static class TreePath
{
    /// <summary>The order of entries: by the bytes of UTF-8, so a folder always comes before what it holds.</summary>
    public static readonly IComparer<string> Order = Comparer<string>.Create(Compare);

    /// <summary>Why <paramref name="path"/> can't be a path of a tree, as the end of a sentence; null if it can.</summary>
    public static string? WhyNot(string path)
    {
        if (path.Length == 0) return "is empty";
        if (!IsPlainText(path)) return "has a control character, a backslash or broken Unicode";
        if (Encoding.UTF8.GetByteCount(path) > Limits.PathBytesMax) return $"is longer than {Limits.PathBytesMax} bytes";
        foreach (var name in path.Split('/'))
        {
            if (WhyNotName(name) is { } reason) return reason;
        }
        return null;
    }

    /// <summary>Why a link at <paramref name="path"/> may not point to <paramref name="target"/>; null if it may.</summary>
    /// <remarks>
    /// A target climbs only at its beginning and never past the root. Folders of a tree are real folders, so this climb is
    /// exactly what the kernel does; from there it only descends, through links that obey the same rule.
    /// </remarks>
    public static string? WhyNotLink(string path, string target)
    {
        if (target.Length == 0 || target[0] == '/') return "is not relative";
        if (!IsPlainText(target)) return "has a control character, a backslash or broken Unicode";
        if (Encoding.UTF8.GetByteCount(target) > Limits.PathBytesMax) return $"is longer than {Limits.PathBytesMax} bytes";
        var depth = path.Count(c => c == '/');
        var names = target.Split('/');
        var climbs = names.TakeWhile(name => name == "..").Count();
        if (climbs > depth) return "leads out of the tree";
        foreach (var name in names.Skip(climbs))
        {
            if (name == "..") return "climbs after it descended";
            if (WhyNotName(name) is { } reason) return reason;
        }
        return null;
    }

    /// <summary>The folder that holds <paramref name="path"/>; null at the root.</summary>
    public static string? Parent(string path)
        => path.LastIndexOf('/') is var end and >= 0 ? path[..end] : null;

    private static string? WhyNotName(string name) => name switch
    {
        "" => "has an empty part",
        "." or ".." => "has a part that is . or ..",
        _ when Encoding.UTF8.GetByteCount(name) > Limits.NameBytesMax => $"has a name longer than {Limits.NameBytesMax} bytes",
        _ => null,
    };

    private static bool IsPlainText(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // A broken surrogate is enumerated as the replacement character; a real one in a name is refused with it.
            if (Rune.IsControl(rune) || rune.Value == '\\' || rune == Rune.ReplacementChar) return false;
        }
        return true;
    }

    private static int Compare(string? left, string? right)
    {
        // UTF-16 order differs from UTF-8 order only where surrogates meet the top of the basic plane.
        if (left is null || right is null) return string.CompareOrdinal(left, right);
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            var (a, b) = (left[i], right[i]);
            if (a == b) continue;
            return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
        }
        return left.Length - right.Length;
    }
}
