namespace Mithi.Kernel.Search;

/// <summary>Every bound of the search in one place.</summary>
internal static class Limits
{
    // A long query is a pasted error message: its first words find the page as well.
    public const int QueryCharsMax = 500;
    public const int TermsMax = 16;
    public const int TermCharsMax = 64;

    // PostgreSQL refuses a tsvector past 1 MB, and its positions end at 16383 words; nobody reads further in a snippet either.
    public const int BodyCharsMax = 200_000;
    public const int TitleCharsMax = 500;

    public const int PageRows = 20;
    public const int PagesMax = 25;

    // What the pages are made of: so many are looked at, the newest ones; who wants others says more words.
    public const int RankedMax = PageRows * PagesMax;

    // How many of the newest documents PostgreSQL looks through first, before it looks through more.
    public const int WindowRows = 20_000;

    // Shorter ones are taken as whole words: the index has no list of all that begins with "a".
    public const int BeginningCharsMin = 3;

    // Counting every hit of a common word would cost more than finding the best ones.
    public const int CountMax = 1_000;
}
