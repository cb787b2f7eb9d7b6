using System.Runtime.CompilerServices;
using Mithi.Cli;

namespace Mithi.Tidy.Tests;

/// <summary>The checkout that the tests were built from, as git sees it.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Join(Here(), "../.."));

    /// <summary>Tracked and new files that are not ignored, as paths from the root, and still there.</summary>
    public static IReadOnlyList<string> Files { get; } = List();

    public static string Read(string path) => File.ReadAllText(Path.Join(Root, path));

    public static IEnumerable<string> Like(params string[] endings)
        => Files.Where(f => endings.Any(e => f.EndsWith(e, StringComparison.Ordinal)));

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    private static string[] List()
    {
        var git = Proc.OutputAsync("git", ["-C", Root, "ls-files", "--cached", "--others", "--exclude-standard"],
            new ProcOptions { DebianPackage = "git" }).GetAwaiter().GetResult();
        return [.. git.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(f => File.Exists(Path.Join(Root, f)))];
    }
}
