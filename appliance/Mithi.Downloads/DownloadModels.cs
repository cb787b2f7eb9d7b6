using Microsoft.AspNetCore.Html;

namespace Mithi.Downloads;

public sealed record ProductLine(string Product, Release Newest, int Count);

public sealed record VersionsModel(string Product, IReadOnlyList<ReleaseLine> Lines);

/// <param name="Mine">Whether the reader is entitled to the bytes.</param>
public sealed record ReleaseLine(Release Release, bool Mine, IHtmlContent Fixes, IHtmlContent Notes);

/// <summary>Sizes as people read them.</summary>
internal static class ByteText
{
    public static string Of(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} B",
        < 1_000_000 => $"{bytes / 1e3:0.#} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.#} MB",
        _ => $"{bytes / 1e9:0.##} GB",
    };
}
