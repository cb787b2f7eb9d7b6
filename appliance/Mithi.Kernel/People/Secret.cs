using System.Security.Cryptography;
using System.Text;

namespace Mithi.Kernel.People;

/// <summary>Secrets of cookies, tokens and one-time links. Rows keep their SHA-256 only: a stolen backup signs nobody in.</summary>
/// <remarks>A plain hash is enough because a secret has 256 random bits; passwords, which have few, get a slow one.</remarks>
internal static class Secret
{
    private const int Bytes = 32;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The length of <see cref="New"/>: 32 bytes as base64url without padding.</summary>
    public const int Length = 43;

    public static string New() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Letters and digits alone, so that a double click selects all of it.</summary>
    public static string NewBase62() => RandomNumberGenerator.GetString(Base62, Length);

    /// <summary>What a row keeps: SHA-256 in lower-case hex.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Changes with every change of a credential.</summary>
    public static string NewStamp() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public static bool LooksLikeOne(string? text)
        => text is { Length: Length } && text.AsSpan().IndexOfAnyExcept(Url) < 0;

    private static readonly System.Buffers.SearchValues<char> Url = System.Buffers.SearchValues.Create(Base62 + "-_");
}
