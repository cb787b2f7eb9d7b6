namespace Mithi.Trust.Tests.Recorded;

/// <summary>Data that others made. It travels beside the repository and is never copied into it.</summary>
internal static class Corpora
{
    public static string Tuf
    {
        get
        {
            var folder = Path.Join(Environment.GetEnvironmentVariable("MITHI_CORPORA") ?? Path.Join(Repository, "../shared/data"), "tuf");
            return Directory.Exists(folder)
                ? folder
                : throw new DirectoryNotFoundException($"The recorded scenarios are not at {folder}: set MITHI_CORPORA to the folder with the corpora.");
        }
    }

    public static string Repository
    {
        get
        {
            for (var at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
                if (File.Exists(Path.Join(at, "Mithi.Appliance.sln"))) return at;
            throw new DirectoryNotFoundException("The tests do not run from inside the repository.");
        }
    }
}
