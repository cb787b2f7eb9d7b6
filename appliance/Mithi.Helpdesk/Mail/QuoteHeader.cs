using System.Text.RegularExpressions;

namespace Mithi.Helpdesk.Mail;

/// <summary>Finds the lines that mail programs put above another mail, by how they are built: of a date, an address and a verb before a colon, or of labels with values.</summary>
internal static partial class QuoteHeader
{
    // How many lines such an introduction may be wrapped over, and how many of a head are looked at.
    private const int WrappedLinesMax = 5;
    private const int BlockLinesMax = 14;
    private const int LineCharsMax = 500;

    // What may stand before the date: a preposition, and a day of the week with its comma.
    private const int DateCharsBefore = 20;

    /// <summary>Where the introduction begins that ends in line <paramref name="end"/>; null when none does.</summary>
    public static int? StartOf(string[] lines, int end)
    {
        var last = Bare(lines[end]);
        if (last.Length is 0 or > LineCharsMax) return null;
        var isClosed = last[^1] is ':' or '：';
        // Some leave the colon away, and then the verb or the address is what ends it.
        if (!isClosed && !EndsOpen().IsMatch(last)) return null;
        var joined = "";
        int? start = null;
        for (var i = end; i >= 0 && i > end - WrappedLinesMax; i--)
        {
            var line = Bare(lines[i]);
            if (line.Length is 0 or > LineCharsMax || (i < end && line[^1] is ':' or '：')) break;
            joined = joined.Length == 0 ? line : $"{line} {joined}";
            var signs = new Signs(Date().IsMatch(joined), Time().IsMatch(joined), Address().IsMatch(joined), Verb().IsMatch(joined));
            if (!signs.Suffice(isClosed, IsQuoted(lines, end))) continue;
            // The farthest line that begins with a date is the first one: what is nearer may be its rest.
            if (BeginsWithDate(line, joined) || (start is null && (Opening().IsMatch(line) || signs is { Address: true, Verb: true }))) start = i;
        }
        if (start is not { } first) return isClosed && IsQuoted(lines, end) && last.Length < 120 && VerbAtEnd().IsMatch(last) ? end : null;
        return BeginsWithName(lines, first, end) ? first - 1 : first;
    }

    /// <summary>"-----Original Message-----", however it is said, and a request to answer above a line.</summary>
    public static bool IsDivider(string line) => line.Length <= 200 && (Divider().IsMatch(line) || AboveLine().IsMatch(line) || LotusLine().IsMatch(line));

    /// <summary>"Begin forwarded message:"</summary>
    public static bool IsForwardTitle(string line) => line.Length <= 100 && ForwardTitle().IsMatch(line);

    /// <summary>Whether another mail's head begins here: at least two of its labels, one of them telling who or when.</summary>
    public static bool BlockAt(string[] lines, int start)
    {
        if (LabelOf(lines[start]) is not { } first) return false;
        var roles = first.Role is { } known ? 1 << (int)known : 0;
        var (labels, away) = (1, 0);
        var (hasAddress, hasDate) = (HasAddress(first.Value), HasWhen(first.Value));
        for (var i = start + 1; i < lines.Length && i < start + BlockLinesMax && away < 2; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
            {
                away++;
                continue;
            }
            if (LabelOf(lines[i]) is not { } label)
            {
                // A long list of recipients goes on in the next line.
                away++;
                hasAddress |= HasAddress(lines[i]);
                continue;
            }
            if (label.Role is { } role) roles |= 1 << (int)role;
            labels++;
            away = 0;
            hasAddress |= HasAddress(label.Value);
            hasDate |= HasWhen(label.Value);
        }
        var count = int.PopCount(roles);
        if (first.Role is null) return false;
        var tellsWho = (roles & (1 << (int)MailLabel.From)) != 0;
        return count >= 3 || (count >= 2 && tellsWho && (hasAddress || hasDate)) || (labels >= 3 && count >= 1 && tellsWho && hasAddress && hasDate);
    }

    private static bool HasAddress(string text) => text.Length <= LineCharsMax && Address().IsMatch(text);

    private static bool HasWhen(string text) => text.Length <= LineCharsMax && (Date().IsMatch(text) || Time().IsMatch(text));

    private static bool IsQuoted(string[] lines, int end)
    {
        for (var i = end + 1; i < lines.Length && i <= end + WrappedLinesMax; i++)
            if (!string.IsNullOrWhiteSpace(lines[i])) return lines[i].TrimStart() is ['>' or '|', ..];
        return false;
    }

    /// <summary>After its name, of which a program may have made a line of its own, comes the address.</summary>
    private static bool BeginsWithName(string[] lines, int first, int end)
    {
        if (first == 0 || Bare(lines[first - 1]) is not { Length: > 0 and < 80 } above || above[^1] is ':' or '：') return false;
        return Bare(lines[first])[0] == '<' ? above[^1] is not ('.' or '!' or '?')
            : !Enumerable.Range(first, end - first + 1).Any(i => Address().IsMatch(Bare(lines[i]))) && Address().IsMatch(above);
    }

    private static bool BeginsWithDate(string line, string joined)
    {
        var head = joined.Length > 50 ? joined[..50] : joined;
        if (line[0] == '<' || DateStart(head) > DateCharsBefore) return false;
        return Opening().IsMatch(line) || DateStart(line) <= DateCharsBefore || LeadingDay().IsMatch(line);
    }

    private static int DateStart(string text) => Date().Match(text) is { Success: true } date ? date.Index : int.MaxValue;

    /// <summary>Without the marks that say nothing: emphasis, dashes around it, and the direction of its letters.</summary>
    private static string Bare(string line) => line.Length > LineCharsMax * 2 ? "" : Marks().Replace(line, "").Trim().Trim('*', '-', '_', '‐', '–', '—', '~').Trim();

    private static (MailLabel? Role, string Value)? LabelOf(string line)
    {
        if (line.Length is 0 or > LineCharsMax * 4) return null;
        var text = Marks().Replace(line, "").TrimStart(' ', '\t', '*', '\u00a0', '\u3000');
        var colon = text.AsSpan(0, Math.Min(text.Length, 40)).IndexOfAny(':', '：');
        if (colon < 1) return null;
        var label = text[..colon].Trim(' ', '\t', '*', '\u00a0', '\u3000').ToLowerInvariant();
        if (label.Length is 0 or > 30 || !label.All(c => char.IsLetter(c) || c is ' ' or '-' or '\'' or '’' or '.' or '\u3000' or '\u00a0' || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark)) return null;
        return (MailLabels.RoleOf(label.Replace("\u3000", "").Replace('\u00a0', ' ')), text[(colon + 1)..].Trim(' ', '*', '\t'));
    }

    private readonly record struct Signs(bool Date, bool Time, bool Address, bool Verb)
    {
        public bool Suffice(bool isClosed, bool isQuoted) => isClosed
            ? (Verb && (Date || Address || (Time && isQuoted))) || (Date && (Address || (Time && isQuoted)))
            : (Verb && Date && (Address || Time || isQuoted)) || (Date && Address && isQuoted);
    }

    [GeneratedRegex("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\"“”]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Marks();

    [GeneratedRegex(@"[^\s<>@:]@[^\s<>@]|<(mailto|https?):|\[mailto:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    // By its form: numbers around a month or between points, in whichever order and language.
    [GeneratedRegex(@"\d{1,4}\s?[-./]\s?\d{1,2}\s?[-./]\s?\d{1,4}|\d{4}\s?[年년]|\d{1,2}\s?[月월]\s?\d{1,2}|\d{1,2}(\.|st|nd|rd|th|er|º)?,?\s+((de|of|do|ng[aà]y|tháng|thg)\s+)?[\p{L}\p{M}]{2,15}[.,॰]?\s+((de|del|г|thg)\.?\s+)?\d{2,4}|[\p{L}\p{M}]{3,12}\.?\s+\d{1,2}(st|nd|rd|th)?(,|\s+at)?\s+(at\s+)?\d{4}|\d{4}\.?\s+[\p{L}\p{M}]{3,12}\.?\s+\d{1,2}|\d{1,2},?\s+(thg|tháng)\s+\d{1,2},?\s+(năm\s+)?\d{4}|\d{1,2}\s+ב[\p{L}׳'.]+\s+\d{4}|[\p{L}\p{M}]{3,10},?\s+\d{1,2}\s+de\s+\p{L}+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Date();

    [GeneratedRegex(@"\d{1,2}\s?[:.h時点시]\s?\d{2}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Time();

    // A day of the week, cut short or not, and a number.
    [GeneratedRegex(@"^[\p{L}\p{M}]{1,12}[.,]?(\s[\p{L}\p{M}]{1,10}[.,]?)?\s\d{1,4}([.,]?\s|[.,]?$|st|nd|rd|th|[日月年])", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LeadingDay();

    [GeneratedRegex(@"^(on|am|at|le|el|il|op|em|no|den|på|pe|dnia|w dniu|dne|dňa|v|în|in|la|vào|lúc|dana|u|ne|a|em|pada|στις|в|у|во|на|date|在|于|於|في|بتاريخ|ב|בתאריך|ב-|ที่|दिनांक|从|來自)(\s|\d|ב|$)|^(在|于|於|בתאריך|ב-)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Opening();

    [GeneratedRegex(Verbs, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Verb();

    [GeneratedRegex("(" + Verbs + @")\s*[:：]$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VerbAtEnd();

    [GeneratedRegex("(" + Verbs + @"|>|\)|@[^\s]+)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex EndsOpen();

    // "Wrote", as mail programs say it.
    private const string Verbs = @"wrote|writes|schrieb|schreibt|a\s+écrit|écrit|escribi[óo]|escreveu|escrito|escrigu|escriure|ha\s+scritto|scritto|scrive|schreef|geschreven|skrev|skreif|skrifaði|kirjoitti|kirjutas|napisała?|napisał\(a\)|napsala?|napsal\(a\)|napísala?|napisao|napisala|napisan[aey]|pisze|[íi]rta|\ba scris|scris|написала?|написал\(а\)|писала?|пишет|написав|пише|написа|yazdı|yazmış|đã viết|viết|menulis|έγραψε|rašė|rakstīja|写道|寫道|写到|写了|撰写|書きました|書いた|のメール|様より|작성|님이|썼습니다|כתבה?|‏כתב|מאת|كتبت?|ने लिखा|लिखा|เขียน";

    // Whatever is said between the dashes: long ones stand for another mail, short ones need the word for it.
    [GeneratedRegex(@"^[\s>*_]*[-‐–—=_]{5,}[ \t]?[^-‐–—=_\s][^\r\n]{2,70}?[ \t]?[-‐–—=_]{5,}[\s*_]*$|^[\s>*_]*[-‐–—]{2,}[^\r\n]{0,25}(original|forward|message|messaggio|mensaje|mensagem|nachricht|bericht|meddelande|melding|besked|viesti|wiadomo|zpráv|správ|üzenet|mesaj|сообщени|повідомлен|письм|thư|tin nhắn|邮件|郵件|メール|メッセージ|메시지|메일|הודעה|رسالة|संदेश)[^\r\n]{0,35}[-‐–—]{2,}[\s*_]*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Divider();

    [GeneratedRegex(@"^\W*(please\s+)?(type|write|enter|reply|respond)\b.{0,40}\babove (this|the) line\W*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AboveLine();

    [GeneratedRegex(@"^\S.{1,60}-{2,3}\d{1,4}[./-]\d{1,2}[./-]\d{2,4}( .{4,15})?-{2,3}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LotusLine();

    [GeneratedRegex(@"(forward|weitergeleitet|réexpédié|transféré|reenvi|inoltrat|doorgestuur|vidarebefordra|videresend|välitet|przekazan|přeposlan|preposlan|továbbít|redirecționat|пересла|пересыл|iletilen|chuyển tiếp|转发|轉寄|転送|전달|הועבר|المعاد توجيه|अग्रेषित).*[:：]\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ForwardTitle();
}
