namespace Mithi.Kernel.Search;

/// <summary>How well a text answers a question, and where in it. Pure, so both engines show the same.</summary>
internal static class SearchRank
{
    // A word in a title says what the whole text is about.
    private const double TitleWorth = 8;

    // What is further on in a text weighs nothing for its rank; it is found all the same.
    private const int BodyCharsRanked = 20_000;

    // Around the first word that was asked for: two lines on a screen.
    private const int CharsBefore = 80, CharsAfter = 180;

    /// <summary>Whether the title alone answers.</summary>
    public static bool IsAbout(SearchQuery query, string title)
    {
        var words = Words(title).Select(w => w.Text).ToArray();
        return query.Terms.All(t => t.Words.All(asked => words.Any(w => Is(w, asked, t.IsBeginning))));
    }

    public static double Score(SearchQuery query, string title, string body)
    {
        var sum = 0.0;
        foreach (var term in query.Terms)
        {
            // The tenth time a word is said adds little to the ninth.
            sum += TitleWorth * Count(term, title) + Math.Log(1 + Count(term, body.Length > BodyCharsRanked ? body[..BodyCharsRanked] : body));
        }
        return sum;
    }

    /// <summary>The text around the first words that were asked for, in parts; its beginning when only the title has them.</summary>
    public static IReadOnlyList<SnippetPart> Snippet(SearchQuery query, string body)
    {
        var hits = Words(body).Where(w => query.Terms.Any(t => t.Words.Any(asked => Is(w.Text, asked, t.IsBeginning))));
        var first = hits.Select(w => (int?)w.Start).FirstOrDefault();
        var from = first is { } at && at > CharsBefore ? AfterBlank(body, at - CharsBefore, at) : 0;
        var until = Math.Min(body.Length, (first ?? 0) + CharsAfter);
        if (until < body.Length && char.IsLowSurrogate(body[until])) until--;
        var parts = new List<SnippetPart>();
        var place = from;
        if (from > 0) parts.Add(new("…", false));
        foreach (var hit in Words(body[from..until]).Where(w => query.Terms.Any(t => t.Words.Any(asked => Is(w.Text, asked, t.IsBeginning)))))
        {
            if (from + hit.Start > place) parts.Add(new(body[place..(from + hit.Start)], false));
            parts.Add(new(hit.Text, true));
            place = from + hit.Start + hit.Text.Length;
        }
        if (until > place) parts.Add(new(body[place..until], false));
        if (until < body.Length) parts.Add(new("…", false));
        return parts;
    }

    private static int Count(SearchTerm term, string text) => Words(text).Count(w => term.Words.Any(asked => Is(w.Text, asked, term.IsBeginning)));

    private static bool Is(string word, string asked, bool isBeginning) => isBeginning
        ? word.StartsWith(asked, StringComparison.OrdinalIgnoreCase) : word.Equals(asked, StringComparison.OrdinalIgnoreCase);

    // A snippet begins with a whole word.
    private static int AfterBlank(string text, int from, int until)
    {
        var blank = text.IndexOfAny([' ', '\n', '\t'], from, until - from);
        return blank < 0 ? from + (char.IsLowSurrogate(text[from]) ? 1 : 0) : blank + 1;
    }

    private static IEnumerable<(int Start, string Text)> Words(string text)
    {
        var start = -1;
        var place = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (SearchQuery.IsOfWord(rune))
            {
                if (start < 0) start = place;
            }
            else if (start >= 0)
            {
                yield return (start, text[start..place]);
                start = -1;
            }
            place += rune.Utf16SequenceLength;
        }
        if (start >= 0) yield return (start, text[start..place]);
    }
}
