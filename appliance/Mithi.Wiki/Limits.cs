namespace Mithi.Wiki;

/// <summary>Every bound of the wiki in one place.</summary>
internal static class Limits
{
    // A manual's page is read in one go; what is longer wants to be several pages.
    public const int PageBytesMax = 1 << 20;

    // A path is part of an address that people send in mails.
    public const int PathCharsMax = 200;
    public const int PathDepthMax = 8;

    public const int TitleCharsMax = 200;
    public const int SummaryCharsMax = 200;

    // Rendered pages kept in memory, by content; at about 20 KB each this is 10 MB.
    public const int RenderedMax = 500;

    // A page of history; older changes are one link away.
    public const int ChangesPerPage = 50;

    // Hostile nesting is refused by the parser itself before it costs a stack.
    public const int NestingMax = 128;

    // Renderings that take longer show the source instead.
    public static readonly TimeSpan RenderMax = TimeSpan.FromSeconds(3);

    // A comparison of longer pages is offered as two sources: the algorithm's cost grows with the square.
    public const int DiffLinesMax = 5_000;

    // Runbooks to choose from, and steps of one; more nobody reads through while a customer waits.
    public const int RunbooksMax = 500;
    public const int StepsMax = 200;
}
