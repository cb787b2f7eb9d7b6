using System.Collections.Frozen;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>A token for programs, as the profile lists it.</summary>
/// <param name="Permissions">Names, comma separated; empty: all of its person's.</param>
public sealed record ApiToken(
    ApiTokenId Id, string Name, string Permissions, Instant CreatedAt, Instant UsedAt, Instant ExpiresAt)
{
    public bool WasUsed => UsedAt > Instant.FromUnixTimeMilliseconds(0);

    public IReadOnlyList<string> PermissionNames => Permissions.Split(',', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A token that was just made. Its text is seen here once.</summary>
public sealed record NewApiToken(ApiTokenId Id, string Text, Instant ExpiresAt);

/// <summary>The form of tokens: a name that secret scanners find, 256 random bits, and a sum that tells a typo from a forgery.</summary>
internal static class TokenText
{
    public const string Prefix = "mithi_";
    private const int SumLength = 6;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static string New()
    {
        var body = Secret.NewBase62();
        return Prefix + body + Sum(body);
    }

    /// <summary>Whether it is worth asking the database.</summary>
    public static bool IsWellFormed(string text)
    {
        if (text.Length != Prefix.Length + Secret.Length + SumLength) return false;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        return text[(Prefix.Length + Secret.Length)..] == Sum(text[Prefix.Length..^SumLength]);
    }

    // The first 32 bits of the body's SHA-256 in base 62, as long as the largest needs.
    private static string Sum(string body)
    {
        var value = Convert.ToUInt32(Secret.Hash(body)[..8], 16);
        Span<char> digits = stackalloc char[SumLength];
        for (var i = SumLength - 1; i >= 0; i--, value /= 62) digits[i] = Base62[(int)(value % 62)];
        return new(digits);
    }
}

/// <summary>Permission lists of tokens, as rows keep them.</summary>
internal static class TokenPermissions
{
    // Whoever finds a token must not be able to make it last: no further tokens, no new password, no link that sets one,
    // no other mail server for such links to go through, and no webhook that goes on telling.
    private static readonly FrozenSet<Permission> Never =
        new[] { Permission.ProfileManage, Permission.PersonManage, Permission.SettingsManage, Permission.WebhookManage }.ToFrozenSet();

    private static readonly FrozenSet<Permission> All = Enum.GetValues<Permission>().Where(MayCarry).ToFrozenSet();

    /// <summary>Whether a token can be given it at all, whoever makes it.</summary>
    public static bool MayCarry(Permission permission) => !Never.Contains(permission);

    public static string Format(IEnumerable<Permission> permissions)
        => string.Join(',', permissions.Distinct().Order().Select(p => p.ToString()));

    /// <summary>Names that this program does not know give nothing.</summary>
    public static FrozenSet<Permission> Parse(string names, bool emptyMeansAll)
    {
        if (names.Length == 0) return emptyMeansAll ? All : [];
        return names.Split(',').Select(n => Enum.TryParse<Permission>(n, out var p) ? p : (Permission?)null)
            .OfType<Permission>().Where(All.Contains).ToFrozenSet();
    }
}
