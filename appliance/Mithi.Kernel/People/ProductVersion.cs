using System.Globalization;
using System.Text.RegularExpressions;

namespace Mithi.Kernel.People;

/// <summary>A version as entitlements compare it: 1.0.0 &lt; 1.0.0-p1 &lt; 1.0.0-sp1 &lt; 1.0.0-sp1-p1 &lt; 1.0.1.</summary>
public readonly partial record struct ProductVersion(int Major, int Minor, int Fix, int ServicePack, int Patch)
    : IComparable<ProductVersion>
{
    /// <summary>Null for anything but digits in this form; each number has at most six.</summary>
    public static ProductVersion? Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success) return null;
        int Number(int group) => match.Groups[group].Success
            ? int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        return new(Number(1), Number(2), Number(3), Number(4), Number(5));
    }

    public int CompareTo(ProductVersion other)
        => (Major, Minor, Fix, ServicePack, Patch).CompareTo((other.Major, other.Minor, other.Fix, other.ServicePack, other.Patch));

    public static bool operator <(ProductVersion left, ProductVersion right) => left.CompareTo(right) < 0;
    public static bool operator >(ProductVersion left, ProductVersion right) => left.CompareTo(right) > 0;
    public static bool operator <=(ProductVersion left, ProductVersion right) => left.CompareTo(right) <= 0;
    public static bool operator >=(ProductVersion left, ProductVersion right) => left.CompareTo(right) >= 0;

    [GeneratedRegex(@"\A([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})(?:-sp([0-9]{1,6}))?(?:-(?:p|ptf)([0-9]{1,6}))?\z")]
    private static partial Regex Form();
}
