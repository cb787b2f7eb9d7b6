using System.Reflection;

namespace Mithi.Site;

/// <summary>Which version this program is.</summary>
internal static class Versions
{
    public static string Own { get; } =
        typeof(Versions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
