namespace Mithi.Helpdesk.Tests;

/// <summary>Where the data lies that nobody here wrote: <c>MITHI_CORPORA</c>, or <c>../shared/data</c> beside the repository.</summary>
internal static class Corpora
{
    public static string Path(params ReadOnlySpan<string> parts)
    {
        var folder = Environment.GetEnvironmentVariable("MITHI_CORPORA") is { Length: > 0 } given ? given : BesideRepository();
        var path = System.IO.Path.Combine([folder, .. parts]);
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new FileNotFoundException($"The test data {path} is not there. Name its folder in MITHI_CORPORA.", path);
        return path;
    }

    private static string BesideRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Mithi.Appliance.sln")))
                return System.IO.Path.GetFullPath(System.IO.Path.Combine(folder.FullName, "../shared/data"));
        throw new DirectoryNotFoundException("The repository's root is not above the test program. Name the test data's folder in MITHI_CORPORA.");
    }
}
