using System.Text.RegularExpressions;

namespace Mithi.Archive;

/// <summary>What an archive is to its product.</summary>
public enum ArchiveKind
{
    /// <summary>A whole version; needs nothing.</summary>
    Build,

    /// <summary>Everything since a build, cumulative.</summary>
    ServicePack,

    /// <summary>Named files of one base.</summary>
    Patch,

    /// <summary>A patch for one customer, until the official one supersedes it.</summary>
    Ptf,

    /// <summary>An operating system image; needs nothing.</summary>
    OsImage,
}

/// <summary>The words for kinds in names and manifests.</summary>
public static class ArchiveKinds
{
    private static readonly string[] Words = ["build", "service-pack", "patch", "ptf", "os-image"];

    /// <summary>Like <c>service-pack</c>.</summary>
    public static string Word(this ArchiveKind kind) => Words[(int)kind];

    /// <summary>The kind of a word; null for an unknown one.</summary>
    public static ArchiveKind? TryParse(string? word)
        => Array.IndexOf(Words, word) is var index and >= 0 ? (ArchiveKind)index : null;

    /// <summary>Whether an archive of this kind brings every file itself.</summary>
    public static bool IsWhole(this ArchiveKind kind) => kind is ArchiveKind.Build or ArchiveKind.OsImage;
}

/// <summary>An archive's file name: <c>connect-server-5.2.0-sp1.linux-x64.build.tar.zst</c>.</summary>
/// <param name="Product">Small letters, digits and inner dashes; begins with a letter.</param>
/// <param name="Version">The version that it makes.</param>
/// <param name="Platform">Like <c>linux-x64</c>.</param>
/// <param name="Kind">What it is.</param>
public sealed partial record ArchiveName(string Product, ReleaseVersion Version, string Platform, ArchiveKind Kind)
{
    /// <summary>How every archive's name ends.</summary>
    public const string Extension = ".tar.zst";

    /// <summary>Where the archive stands among the targets of the trust metadata: <c>product/version/name</c>.</summary>
    public string TargetPath => $"{Product}/{Version}/{this}";

    /// <summary>Whether a product may have this id.</summary>
    public static bool IsProduct(string? text)
        => text is { Length: <= Limits.ProductCharsMax } && ProductPattern().IsMatch(text);

    /// <summary>Whether this is a platform's name.</summary>
    public static bool IsPlatform(string? text)
        => text is { Length: <= Limits.ItemCharsMax } && PlatformPattern().IsMatch(text);

    /// <summary>Reads a file name; null if it is not an archive's.</summary>
    public static ArchiveName? TryParse(string? name)
    {
        if (name is null || NamePattern().Match(name) is not { Success: true } match) return null;
        var (product, platform) = (match.Groups["product"].Value, match.Groups["platform"].Value);
        return IsProduct(product)
            && ReleaseVersion.TryParse(match.Groups["version"].Value) is { } version
            && ArchiveKinds.TryParse(match.Groups["kind"].Value) is { } kind
            ? new(product, version, platform, kind)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Product}-{Version}.{Platform}.{Kind.Word()}{Extension}";

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\z")]
    private static partial Regex ProductPattern();

    [GeneratedRegex(@"\A[a-z0-9]+-[a-z0-9]+\z")]
    private static partial Regex PlatformPattern();

    // A product's name has no dot, so the version begins behind the last dash before the first dot.
    [GeneratedRegex(@"\A(?<product>[a-z0-9-]{1,64})-(?<version>[0-9]+\.[0-9]+\.[0-9]+[a-z0-9-]{0,12})\.(?<platform>[a-z0-9]{1,20}-[a-z0-9]{1,20})\.(?<kind>[a-z-]{1,20})\.tar\.zst\z")]
    private static partial Regex NamePattern();
}
