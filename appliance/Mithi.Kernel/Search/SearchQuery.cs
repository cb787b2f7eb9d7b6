using System.Globalization;
using System.Text;

namespace Mithi.Kernel.Search;

/// <summary>What was asked for, as terms: words that must all be there, and phrases in quotes. The last word may be a beginning.</summary>
/// <remarks>
/// No operator is known. Letters, marks and digits make words and everything else parts them, so nothing of an engine's
/// own syntax passes through here: each engine's text is built from the terms alone.
/// </remarks>
public sealed record SearchQuery
{
    private SearchQuery(IReadOnlyList<SearchTerm> terms) => Terms = terms;

    public IReadOnlyList<SearchTerm> Terms { get; }

    public bool IsEmpty => Terms.Count == 0;

    public static SearchQuery Parse(string? typed)
    {
        typed ??= "";
        if (typed.Length > Limits.QueryCharsMax) typed = typed[..Limits.QueryCharsMax];
        var terms = new List<SearchTerm>();
        var parts = typed.Split('"');
        for (var i = 0; i < parts.Length; i++)
        {
            var words = Words(parts[i]);
            // Between quotes; a last quote that nobody closed opens nothing.
            if (i % 2 == 1 && i < parts.Length - 1)
            {
                if (words.Count > 0) terms.Add(new(words, IsBeginning: false));
                continue;
            }
            // Of one letter or two half of all words begin.
            var goesOn = i == parts.Length - 1 && words.Count > 0 && words[^1].Length >= Limits.BeginningCharsMin && !char.IsWhiteSpace(parts[i][^1]);
            for (var w = 0; w < words.Count; w++) terms.Add(new([words[w]], goesOn && w == words.Count - 1));
        }
        return new([.. terms.Take(Limits.TermsMax)]);
    }

    /// <summary>For FTS5: every word a quoted string, which has no syntax inside.</summary>
    internal string ForSqlite() => string.Join(" AND ", Terms.Select(t
        => $"({{title body}} : \"{string.Join(' ', t.Words)}\"{(t.IsBeginning ? " *" : "")})"));

    /// <summary>For <c>to_tsquery('simple', ...)</c>: every word quoted; a word has neither quote nor backslash in it.</summary>
    internal string ForPostgres() => string.Join(" & ", Terms.Select(t
        => t.Words.Count == 1 ? $"'{t.Words[0]}'{(t.IsBeginning ? ":*" : "")}" : $"({string.Join(" <-> ", t.Words.Select(w => $"'{w}'"))})"));

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsOfWord(rune) && word.Length < Limits.TermCharsMax) word.Append(rune);
            else if (!IsOfWord(rune)) End();
        }
        End();
        return words;

        void End()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    internal static bool IsOfWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}

/// <param name="Words">One word, or those of a phrase in order.</param>
/// <param name="IsBeginning">Words that begin with it are meant too: the reader is still typing.</param>
public sealed record SearchTerm(IReadOnlyList<string> Words, bool IsBeginning);
