namespace Mithi.ReleaseTool.OsImages;

/// <summary>Every bound of building images, with its reason.</summary>
internal static class Limits
{
    // apt's answer takes three seconds; a lock held by another apt takes as long as that one runs.
    public static readonly TimeSpan SolveMax = TimeSpan.FromMinutes(5);

    // A build takes 40 seconds here; over a slow line 80 MB of packages take twenty minutes.
    public static readonly TimeSpan OsImageBuildMax = TimeSpan.FromMinutes(60);
}
