using System.Text.RegularExpressions;
using MimeKit;
using Mithi.Kernel.Mail;

namespace Mithi.Helpdesk.Mail;

/// <summary>One recipient whom a mail did not reach, or who complained about it.</summary>
/// <param name="Said">The other server's words.</param>
internal sealed record FailedDelivery(string Address, AddressFault Fault, string Said);

/// <summary>Reads what mail servers say of the mails that they could not deliver: RFC 3464, RFC 5965, and plain text where there is nothing better.</summary>
internal static partial class DeliveryReport
{
    private const int RecipientsMax = 20;
    private const int TextCharsMax = 20_000;
    private const int SaidCharsMax = 300;

    public static IReadOnlyList<FailedDelivery> Of(MimeMessage mail, AutomaticKind kind) => kind switch
    {
        AutomaticKind.FeedbackReport => Complaints(mail),
        AutomaticKind.Bounce => Bounces(mail),
        _ => [],
    };

    private static FailedDelivery[] Complaints(MimeMessage mail)
    {
        var report = Parts(mail.Body).OfType<MessageFeedbackReport>().FirstOrDefault();
        var type = report?.Fields["Feedback-Type"] ?? "abuse";
        var fault = type.Contains("opt-out", StringComparison.OrdinalIgnoreCase) ? AddressFault.OptOut : AddressFault.Complaint;
        return [.. (report?.Fields.Where(f => f.Field.Equals("Original-Rcpt-To", StringComparison.OrdinalIgnoreCase)).Select(f => f.Value) ?? [])
            .Select(Address).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(RecipientsMax).Select(a => new FailedDelivery(a, fault, type.Trim()))];
    }

    private static FailedDelivery[] Bounces(MimeMessage mail)
    {
        var text = Text(mail);
        var groups = Parts(mail.Body).OfType<MessageDeliveryStatus>().Take(3).SelectMany(s => Groups(s)).Where(g => g.Contains("Final-Recipient") || g.Contains("Original-Recipient"));
        var reported = groups.Take(RecipientsMax).Select(g => Of(g, text)).OfType<FailedDelivery>().ToArray();
        if (reported.Length > 0 || Parts(mail.Body).OfType<MessageDeliveryStatus>().Any()) return reported;
        // Whoever writes no report names the recipient in a header, or in the text beside the words of the other server.
        var named = (mail.Headers["X-Failed-Recipients"] ?? "").Split(',').Select(Address).OfType<string>().ToArray();
        if (named.Length == 0 && AddressInText().Match(text) is { Success: true } found) named = [found.Groups[1].Value];
        var fault = IsHard(StatusInText().Match(text).Value, text) ? AddressFault.HardBounce : AddressFault.SoftBounce;
        return [.. named.Take(RecipientsMax).Select(a => new FailedDelivery(a, fault, Line(text)))];
    }

    private static IEnumerable<HeaderList> Groups(MessageDeliveryStatus status)
    {
        try
        {
            return [.. status.StatusGroups];
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return [];
        }
    }

    private static FailedDelivery? Of(HeaderList group, string text)
    {
        var address = Address(group["Original-Recipient"]) ?? Address(group["Final-Recipient"]);
        var action = group["Action"]?.Trim().ToLowerInvariant() ?? "failed";
        if (address is null || !action.StartsWith("fail", StringComparison.Ordinal)) return null;
        var said = group["Diagnostic-Code"] is { Length: > 0 } diagnostic ? diagnostic[(diagnostic.IndexOf(';') + 1)..].Trim() : "";
        var status = (group["Status"] ?? "").Trim();
        return new(address, IsHard(status, said.Length > 0 ? said : text) ? AddressFault.HardBounce : AddressFault.SoftBounce, Line($"{status} {said}"));
    }

    /// <summary>Whether nobody will ever be reached there. RFC 3463: the address is wrong (x.1.x), the mailbox is switched off (x.2.1), or the words say so.</summary>
    private static bool IsHard(string status, string said)
    {
        if (status.StartsWith('4') || Passing().IsMatch(said)) return false;
        return NoSuch().IsMatch(said) || HardStatus().IsMatch(status) || (StatusInText().Match(said) is { Success: true } inner && HardStatus().IsMatch(inner.Value));
    }

    private static string? Address(string? field)
    {
        if (field is null or { Length: > 1_000 }) return null;
        var text = field[(field.LastIndexOf(';') + 1)..].Trim().Trim('<', '>');
        return MailQueue.IsAddress(text) ? text : null;
    }

    private static IEnumerable<MimeEntity> Parts(MimeEntity? body) => body switch
    {
        Multipart parts => parts.SelectMany(Parts).Take(Limits.MailPartsMax),
        { } one => [one],
        null => [],
    };

    private static string Text(MimeMessage mail)
    {
        try
        {
            var text = Parts(mail.Body).OfType<TextPart>().FirstOrDefault()?.Text ?? "";
            return text.Length > TextCharsMax ? text[..TextCharsMax] : text;
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return "";   // a charset that nobody knows
        }
    }

    private static string Line(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, 60, StringSplitOptions.RemoveEmptyEntries).Take(59));
        return line.Length > SaidCharsMax ? line[..SaidCharsMax] : line;
    }

    [GeneratedRegex(@"^5\.(1\.([0-3]|6|10)|2\.1|4\.4|0\.91[12])\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HardStatus();

    [GeneratedRegex(@"\b[45]\.\d{1,3}\.\d{1,3}\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex StatusInText();

    [GeneratedRegex(@"<?\b([A-Za-z0-9._%+'=-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,30})", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AddressInText();

    [GeneratedRegex(@"(user|account|recipient|mailbox|address|addressee|local ?part)('s)?( name)? (is )?(unknown|not (found|known|exist)|does(n't| not) exist|doesn't have|disabled|inactive|invalid|rejected: user)|(unknown|no such|invalid|non-?existent|bad destination|inactive|disabled) (local part|user|account|recipient|mailbox|address|email|domain|host|addressee)|does not exist|not (a )?(valid|known) (user|mailbox|recipient|address)|user unknown|unknown user|no mailbox (here )?by that name|no such (user|person)|host (unknown|not found)|unknown host|domain (not found|does not exist|isn't|name not found)|not listed in|recipient (address )?rejected: (user|undeliverable|unknown|invalid|no)|mailbox (not found|unavailable or|unknown)|couldn't find any host|nullmx|account (has been )?(disabled|closed|deleted)|no longer (valid|exists|available)|isn't in my (control|list)|couldn't be found|unrouteable address|not our customer",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NoSuch();

    [GeneratedRegex(@"\b(full|quota|over ?limit|exceeded|too (large|big|many)|spam|blocked|black ?list|blocklist|dmarc|spf|policy|reputation|virus|greylist|temporar|try again|timed? ?out|deferred|relay(ing)? (access )?denied|connection (refused|timed)|loop|domain of sender|no relaying|sender (address )?(rejected|denied|verify)|mail size|rate limit|throttl|access denied|not accepting)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Passing();
}
