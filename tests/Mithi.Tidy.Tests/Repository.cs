using Mithi.Cli;

namespace Mithi.Tidy.Tests;

/// <summary>The checkout that the tests were built from, as git sees it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Tracked and new files that are not ignored, as paths from the root, and still there.</summary>
    public static IReadOnlyList<string> Files { get; } = List();

    public static string Read(string path) => File.ReadAllText(Path.Join(Root, path));

    public static IEnumerable<string> Like(params string[] endings)
        => Files.Where(f => endings.Any(e => f.EndsWith(e, StringComparison.Ordinal)));

    // The tests run from a folder below the checkout.
    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Join(folder.FullName, "Mithi.Appliance.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a checkout.");
        return folder.FullName;
    }

    private static string[] List()
    {
        var git = Proc.OutputAsync("git", ["-C", Root, "ls-files", "--cached", "--others", "--exclude-standard"],
            new ProcOptions { DebianPackage = "git" }).GetAwaiter().GetResult();
        return [.. git.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(f => File.Exists(Path.Join(Root, f)))];
    }
}
