using System.Text.RegularExpressions;

namespace Mithi.Helpdesk.Mail;

/// <summary>Parts what somebody wrote from what his mail program repeated below it. Both halves together are the whole text.</summary>
/// <remarks>One pass over the lines from the top: linear, whatever comes. When in doubt nothing is folded away.</remarks>
internal static partial class ReplyTrimmer
{
    // How many lines an introduction such as "On Monday, Asha wrote:" may be wrapped over.
    private const int IntroductionLinesMax = 4;

    /// <summary>What was written, and the rest from the first quoted or signed line on.</summary>
    public static (string Written, string Quoted) Split(string text)
    {
        var lines = text.Split('\n');
        // Quotes count only where nothing is written below them.
        var lastWritten = Array.FindLastIndex(lines, l => !l.StartsWith('>') && !string.IsNullOrWhiteSpace(l));
        for (var i = 0; i < lines.Length; i++)
        {
            if (!Begins(lines, i, lastWritten)) continue;
            var written = string.Join('\n', lines[..i]).TrimEnd();
            // A mail that is nothing but quotes is shown as it is: somebody answered inside them, or forwarded.
            return written.Length == 0 ? (text.TrimEnd(), "") : (written, string.Join('\n', lines[i..]).Trim('\n'));
        }
        return (text.TrimEnd(), "");
    }

    private static bool Begins(string[] lines, int i, int lastWritten)
    {
        var line = lines[i].TrimEnd();
        if (line is "--" or "—" || lines[i] is "-- " || Divider().IsMatch(line)) return true;
        if (IsIntroduction(lines, i)) return true;
        return line.StartsWith('>') && i > lastWritten;
    }

    private static bool IsIntroduction(string[] lines, int i)
    {
        if (OutlookFrom().IsMatch(lines[i]) && lines.Skip(i + 1).Take(IntroductionLinesMax).Any(l => OutlookNext().IsMatch(l))) return true;
        if (!IntroductionStart().IsMatch(lines[i])) return false;
        for (var end = i; end < lines.Length && end < i + IntroductionLinesMax; end++)
        {
            if (!IntroductionEnd().IsMatch(lines[end].TrimEnd())) continue;
            var next = end + 1;
            while (next < lines.Length && string.IsNullOrWhiteSpace(lines[next])) next++;
            return next < lines.Length && lines[next].StartsWith('>');
        }
        return false;
    }

    [GeneratedRegex(@"^\s*(-{3,}\s?(Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine|मूल संदेश)\s?-{3,}|_{20,})$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Divider();

    [GeneratedRegex(@"^\*?(From|Von|De|Van|Da|Från|Fra|प्रेषक)\s?:\*?\s", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex OutlookFrom();

    [GeneratedRegex(@"^\*?(Sent|Date|To|Gesendet|Datum|An|Envoyé|À|Enviado|Verzonden|Inviato|Skickat|भेजा गया)\s?:\*?\s", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex OutlookNext();

    [GeneratedRegex(@"^\s*(On|Am|Le|El|Op|Il|Em|Den|På|Dnia|W dniu|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|.{0,80}<[^<>\s]{1,80}@)", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex IntroductionStart();

    [GeneratedRegex(@"(wrote|writes|schrieb|a écrit|escribió|escreveu|schreef|ha scritto|skrev|napisał|ने लिखा)\s?:?$|:$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex IntroductionEnd();
}
