namespace Mithi.Site.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if (File.Exists(Path.Join(at.FullName, "Mithi.Appliance.sln"))) return at.FullName;
        throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
