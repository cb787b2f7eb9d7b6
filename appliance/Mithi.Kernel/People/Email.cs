namespace Mithi.Kernel.People;

/// <summary>Addresses of people: how they are checked and compared.</summary>
public static class Email
{
    /// <summary>What rows compare: addresses that differ in case only are one person's.</summary>
    public static string Key(string email) => email.Trim().ToLowerInvariant();

    /// <summary>Stricter than RFC 5322: no comments, no quotes, one @. Whether it exists only a mail can tell.</summary>
    public static bool IsAddress(string email)
    {
        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (email.Length is < 3 or > Limits.EmailLengthMax || at is < 1 or > Limits.EmailLocalLengthMax) return false;
        if (at != email.LastIndexOf('@') || at == email.Length - 1) return false;
        return !email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or '"' or ',' or ';' or ':' or '\\' or '(' or ')')
            && !email.AsSpan(at + 1).StartsWith(".") && !email.EndsWith('.') && !email.Contains("..", StringComparison.Ordinal);
    }
}
