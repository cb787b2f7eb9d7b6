namespace Mithi.Kernel.Links;

/// <summary>Every bound of the links in one place.</summary>
internal static class Limits
{
    // A text of nothing but references must not become ten thousand questions to the database.
    public const int LinksMax = 200;

    public const int IdCharsMax = 200;
    public const int UrlCharsMax = 2_000;
}
