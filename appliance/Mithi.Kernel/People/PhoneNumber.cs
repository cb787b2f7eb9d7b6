namespace Mithi.Kernel.People;

/// <summary>Numbers of phones: one form for all the ways of writing one, so that a caller is found however his number is shown.</summary>
public static class PhoneNumber
{
    /// <summary>
    /// The digits from the country's code on, such as 919845012345 for "098450 12345", "+91 98450-12345" and
    /// "0091 98450 12345"; null when it is no number (ITU-T E.164: at most 15 digits).
    /// </summary>
    /// <param name="country">The code of the country whose numbers are written without one, such as "91".</param>
    public static string? Key(string text, string country)
        => Digits(text) is { } typed && Full(typed, country) is { Length: >= Limits.PhoneDigitsMin and <= Limits.PhoneDigitsMax } key ? key : null;

    /// <summary>The beginnings of keys that may be meant by a number that is not typed to its end; none when it is too short or no number.</summary>
    public static IReadOnlyList<string> Beginnings(string text, string country)
    {
        if (Digits(text) is not { } typed || typed.Count(char.IsAsciiDigit) is < Limits.PhoneBeginningMin or > Limits.PhoneDigitsMax) return [];
        var full = Full(typed, country);
        // While a number is being typed, nobody can tell a country's code from a number that begins alike.
        return char.IsAsciiDigit(typed[0]) && typed.StartsWith(country, StringComparison.Ordinal) && full != typed ? [full, typed] : [full];
    }

    /// <summary>The first key that is behind all that begin so; null when there is none.</summary>
    public static string? Behind(string beginning)
        => beginning.TrimEnd('9') is { Length: > 0 } head ? head[..^1] + (char)(head[^1] + 1) : null;

    private static string Full(string typed, string country) => typed switch
    {
        ['+', .. var rest] => rest,
        ['0', '0', .. var rest] => rest,
        ['0', .. var rest] => country + rest,
        _ when typed.StartsWith(country, StringComparison.Ordinal) && typed.Length > Limits.PhoneNationalDigitsMax => typed,
        _ => country + typed,
    };

    /// <summary>The digits with a plus before them where there is one; null when there is anything else but what numbers are written with.</summary>
    private static string? Digits(string text)
    {
        // A zero in brackets is dialled only within the country.
        text = text.Trim().Replace("(0)", "");
        if (text.StartsWith("tel:", StringComparison.OrdinalIgnoreCase)) text = text[4..];
        if (text.Length is 0 or > Limits.PhoneLengthMax || text.LastIndexOf('+') > 0) return null;
        var kept = new string([.. text.Where(c => char.IsAsciiDigit(c) || c == '+')]);
        return kept.Any(char.IsAsciiDigit) && text.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '\u00a0' or '-' or '\u2011' or '.' or '/' or '(' or ')') ? kept : null;
    }
}
