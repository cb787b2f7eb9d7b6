using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Time zones by their IANA names, from the data that travels in the program.</summary>
public static class Zones
{
    public static IReadOnlyList<string> Names { get; } = [.. DateTimeZoneProviders.Tzdb.Ids.Where(IsPlace), "UTC"];

    /// <summary>Null when there is no such zone.</summary>
    public static DateTimeZone? Find(string? name)
        => string.IsNullOrEmpty(name) || name.Length > 64 ? null : DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    // "Etc/GMT+5" is five hours west, not east: nobody who picks one gets what he means.
    private static bool IsPlace(string name)
        => name.Contains('/') && !name.StartsWith("Etc/", StringComparison.Ordinal) && !name.StartsWith("US/", StringComparison.Ordinal);
}
