namespace Mithi.Testing;

/// <summary>The checkout that the tests were built from, and what was built beside them.</summary>
public static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>Where the programs are as they are shipped, and the media that are made of them.</summary>
    public static string Artifacts { get; } = Environment.GetEnvironmentVariable("MITHI_ARTIFACTS") ?? Path.Join(Root, "artifacts");

    /// <summary>A program of another project, built with the same configuration as the tests.</summary>
    public static string Built(string project, string name)
    {
        // .../bin/CONFIGURATION/net10.0/
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var path = Path.Join(Root, project, "bin", configuration, "net10.0", name);
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not there. Build the solution first: dotnet cake --target=Build");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Join(folder.FullName, "Mithi.Appliance.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a checkout.");
        return folder.FullName;
    }
}
