using Mithi.Site.Ask;

namespace Mithi.Site.Downloads;

/// <summary>Which archives lead to a version, in the order in which they are applied.</summary>
internal static class Archives
{
    /// <summary>The target path of an operating system image.</summary>
    public static string OsImage(string product, string version) => Target(product, version, "os-image");

    /// <summary>The build, and then the service pack and the patch that the version names.</summary>
    public static IReadOnlyList<string> Chain(string product, string version)
    {
        var parts = version.Split('-');
        var chain = new List<string> { Target(product, parts[0], "build") };
        for (var i = 1; i < parts.Length; i++)
        {
            var kind = parts[i].StartsWith("sp", StringComparison.Ordinal) ? "service-pack"
                : parts[i].StartsWith('p') ? "patch"
                : throw new FaultException(Faults.NoSource, $"{version} is not a version");
            chain.Add(Target(product, string.Join('-', parts[..(i + 1)]), kind));
        }
        return chain;
    }

    private static string Target(string product, string version, string kind)
        => $"{product}/{version}/{product}-{version}.linux-x64.{kind}.tar.zst";
}
