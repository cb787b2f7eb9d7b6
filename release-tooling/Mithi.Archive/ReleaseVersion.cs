using System.Globalization;
using System.Text.RegularExpressions;

namespace Mithi.Archive;

/// <summary>A version of a product: <c>1.0.0</c>, its service pack <c>1.0.0-sp1</c>, patches <c>1.0.0-p1</c> and <c>1.0.0-sp1-p1</c>.</summary>
/// <remarks>Ordered by time of life: 1.0.0, 1.0.0-p1, 1.0.0-p2, 1.0.0-sp1, 1.0.0-sp1-p1, 1.0.1.</remarks>
public sealed partial record ReleaseVersion : IComparable<ReleaseVersion>
{
    private ReleaseVersion(int major, int minor, int micro, int servicePack, int patch)
        => (Major, Minor, Micro, ServicePack, Patch) = (major, minor, micro, servicePack, patch);

    /// <summary>The first number.</summary>
    public int Major { get; }

    /// <summary>The second number.</summary>
    public int Minor { get; }

    /// <summary>The third number.</summary>
    public int Micro { get; }

    /// <summary>The service pack's number, 0 for none.</summary>
    public int ServicePack { get; }

    /// <summary>The patch's number, 0 for none.</summary>
    public int Patch { get; }

    /// <summary>The version without service pack and patch: what a service pack is cumulative over.</summary>
    public ReleaseVersion Build => new(Major, Minor, Micro, 0, 0);

    /// <summary>Reads a version; throws <see cref="FormatException"/> for anything else.</summary>
    public static ReleaseVersion Parse(string text)
        => TryParse(text) ?? throw new FormatException($"{text} is not a version like 1.0.0, 1.0.0-sp1, 1.0.0-p1 or 1.0.0-sp1-p1.");

    /// <summary>Reads a version; null for anything else, also for numbers with leading zeros.</summary>
    public static ReleaseVersion? TryParse(string? text)
    {
        if (text is null || Pattern().Match(text) is not { Success: true } match) return null;
        Span<int> numbers = stackalloc int[5];
        for (var i = 0; i < 5; i++)
        {
            if (match.Groups[i + 1] is { Success: true } group)
                numbers[i] = int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        return new(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    /// <inheritdoc/>
    public int CompareTo(ReleaseVersion? other) => other is null ? 1 : SortKey.CompareTo(other.SortKey);

    /// <summary>A number that orders versions of one product in a database; four decimal digits for each of the first three numbers, three for the others.</summary>
    public long SortKey
        => (((Major * 10_000L + Minor) * 10_000L + Micro) * 1_000L + ServicePack) * 1_000L + Patch;

    public static bool operator <(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString()
        => $"{Major}.{Minor}.{Micro}" + (ServicePack > 0 ? $"-sp{ServicePack}" : "") + (Patch > 0 ? $"-p{Patch}" : "");

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})(?:-sp([1-9][0-9]{0,2}))?(?:-p([1-9][0-9]{0,2}))?\z")]
    private static partial Regex Pattern();
}
