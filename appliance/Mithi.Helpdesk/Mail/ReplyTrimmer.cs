using System.Text.RegularExpressions;

namespace Mithi.Helpdesk.Mail;

/// <summary>What somebody wrote, and what his mail program repeated around it. Every line of the text is in one of both.</summary>
/// <param name="IsTail">The cut part is all below what was written; otherwise it was taken out between its lines.</param>
internal sealed record TrimmedText(string Written, string Cut, bool IsTail);

/// <summary>Parts what somebody wrote from what his mail program repeated around it.</summary>
/// <remarks>
/// Every line gets a kind by its form (<see cref="QuoteHeader"/>, <see cref="Signature"/>), and where a kind begins decides: a
/// constant look around each line, so it is linear, whatever comes. When in doubt nothing is folded away.
/// </remarks>
internal static partial class ReplyTrimmer
{
    // Lines below a ruler that can still be a signature or a list's footer; more is a text with rulers in it.
    private const int FooterLinesMax = 12;

    public static TrimmedText Trim(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var kinds = KindsOf(lines);
        var end = End(lines, kinds);
        // What says who wrote what stands above each quote of an answer between the lines, and is noise there.
        for (var i = 0; i < end; i++)
            if (kinds[i] is LineKind.Header) kinds[i] = LineKind.Cut;
        if (!Enumerable.Range(0, end).Any(i => kinds[i] is LineKind.Text or LineKind.Ruler)) return new(text.TrimEnd(), "", true);

        var written = string.Join('\n', lines[..end].Where((_, i) => kinds[i] != LineKind.Cut)).TrimEnd();
        var cut = string.Join('\n', lines.Where((_, i) => i >= end || kinds[i] == LineKind.Cut)).Trim('\n');
        return new(written.TrimStart('\n'), cut, !kinds.AsSpan(0, end).Contains(LineKind.Cut));
    }

    private static LineKind[] KindsOf(string[] lines)
    {
        var kinds = new LineKind[lines.Length];
        for (var i = 0; i < lines.Length; i++)
            kinds[i] = string.IsNullOrWhiteSpace(lines[i]) ? LineKind.Empty
                : Quote().IsMatch(lines[i]) ? LineKind.Quote
                : QuoteHeader.IsDivider(lines[i]) || QuoteHeader.BlockAt(lines, i) ? LineKind.Block
                : Signature.IsDelimiter(lines[i]) ? LineKind.Delimiter
                : Ruler().IsMatch(lines[i]) ? LineKind.Ruler
                : LineKind.Text;
        for (var i = 0; i < lines.Length; i++)
        {
            if (kinds[i] == LineKind.Text && QuoteHeader.StartOf(lines, i) is { } start && !kinds.AsSpan(start, i - start).ContainsAnyExcept(LineKind.Text))
                kinds.AsSpan(start, i - start + 1).Fill(LineKind.Header);
        }
        for (var i = 0; i < lines.Length; i++)
            if (kinds[i] == LineKind.Text && Stands(kinds, i) && Signature.IsDevices(lines[i])) kinds[i] = LineKind.Cut;
        return kinds;
    }

    /// <summary>Whether a line is a paragraph of its own.</summary>
    private static bool Stands(LineKind[] kinds, int i)
        => (i == 0 || kinds[i - 1] is not LineKind.Text) && (i == kinds.Length - 1 || kinds[i + 1] is not LineKind.Text);

    /// <summary>Where what was written ends: everything from there on is folded away.</summary>
    private static int End(string[] lines, LineKind[] kinds)
    {
        var below = LookBelow(kinds);
        var (end, seenText) = (lines.Length, false);
        for (var i = 0; i < lines.Length && end == lines.Length; i++)
        {
            if (seenText && Begins(kinds, i, below)) end = i;
            seenText |= kinds[i] == LineKind.Text;
        }
        return Shorten(lines, kinds, end);
    }

    /// <summary>What is below each line, in one pass from the bottom.</summary>
    private static Below[] LookBelow(LineKind[] kinds)
    {
        var below = new Below[kinds.Length + 1];
        below[^1] = new(0, 0, kinds.Length);
        for (var i = kinds.Length - 1; i >= 0; i--)
        {
            var text = kinds[i] == LineKind.Text ? 1 : 0;
            below[i] = new(
                // What stands below a signature's beginning or another mail is no answer of this one.
                kinds[i] is LineKind.Delimiter or LineKind.Block ? 0 : below[i + 1].Text + text,
                kinds[i] is LineKind.Delimiter or LineKind.Block or LineKind.Header ? 0 : below[i + 1].Footer + text,
                kinds[i] is LineKind.Header or LineKind.Empty ? below[i + 1].Said : i);
        }
        return below;
    }

    private static bool Begins(LineKind[] kinds, int i, Below[] below) => kinds[i] switch
    {
        LineKind.Block or LineKind.Delimiter => true,
        // Under a line of text it is the ruler of a heading.
        LineKind.Ruler => (i == 0 || kinds[i - 1] is not LineKind.Text) && below[i + 1].Footer <= FooterLinesMax,
        // Where the quote is not marked everything below it is the quote; where it is, an answer may follow it.
        LineKind.Header => (i == 0 || kinds[i - 1] is not LineKind.Header)
            && (below[i].Said is var said && (said == kinds.Length || kinds[said] != LineKind.Quote || below[said].Text == 0)),
        _ => false,
    };

    /// <summary>Without what belongs to the cut part: quotes with nothing below them, rulers, the title of a forwarded mail, and the writer's name below a dash.</summary>
    private static int Shorten(string[] lines, LineKind[] kinds, int end)
    {
        var first = Up(kinds, end);
        if (first > 1 && NextSaid(kinds, first) is LineKind.Quote or LineKind.Block && QuoteHeader.IsForwardTitle(lines[first - 1])) first = Up(kinds, first - 1);
        if (first > 2 && kinds[first - 2] is not LineKind.Text && Signature.IsName(lines[first - 1]) && Up(kinds, first - 1) is var above && !(above > 0 && lines[above - 1].StartsWith('-')))
            first = above;
        return first > 0 ? first : lines.Length;
    }

    /// <summary>Behind the last line of text before <paramref name="end"/>.</summary>
    private static int Up(LineKind[] kinds, int end)
    {
        while (end > 0 && kinds[end - 1] is not LineKind.Text) end--;
        return end;
    }

    private static LineKind? NextSaid(LineKind[] kinds, int i)
    {
        while (i < kinds.Length && kinds[i] == LineKind.Empty) i++;
        return i < kinds.Length ? kinds[i] : null;
    }

    /// <param name="Text">Lines of text from here down to a signature or another mail.</param>
    /// <param name="Footer">The same, down to an introduction too.</param>
    /// <param name="Said">The next line that is neither empty nor an introduction.</param>
    private readonly record struct Below(int Text, int Footer, int Said);

    private enum LineKind
    {
        Text,
        Empty,
        /// <summary>Marked as quoted.</summary>
        Quote,
        /// <summary>"On Monday, Asha wrote:"</summary>
        Header,
        /// <summary>The head of another mail, or the line that divides it from this one.</summary>
        Block,
        /// <summary>The two dashes above a signature.</summary>
        Delimiter,
        Ruler,
        /// <summary>Taken out where it stands.</summary>
        Cut,
    }

    [GeneratedRegex(@"^\s{0,3}([A-Z]{1,3}>|>|\|(?!.*\|\s*$)|\|\s*$)", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Quote();

    // U+1427 is what trackers of mails leave.
    [GeneratedRegex(@"^\s*([-*#~=_+‐–—―─━]\s?){2,}\s*$|^\s*\u1427\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Ruler();
}
