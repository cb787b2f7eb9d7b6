using System.Security.Cryptography;
using System.Text;
using Mithi.Cli;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Codes of authenticator programs: RFC 6238 with SHA-1, six digits and steps of 30 seconds, as all of them know it.</summary>
public static class Totp
{
    private const int StepSeconds = 30;
    private const int Digits = 6;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A key of 160 bits, as long as the hash (RFC 4226, 4, R6), in base32.</summary>
    public static string NewKey() => Encode(RandomNumberGenerator.GetBytes(20));

    /// <summary>The time step whose code this is, if it is one near <paramref name="now"/> and later than the last one used.</summary>
    public static long? StepOf(string key, string code, long lastStep, Instant now)
    {
        if (code.Length != Digits || code.Any(c => c is < '0' or > '9')) return null;
        var secret = Decode(key);
        var current = now.ToUnixTimeSeconds() / StepSeconds;
        for (var step = current - Limits.TotpDriftSteps; step <= current + Limits.TotpDriftSteps; step++)
            if (step > lastStep && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(At(secret, step)), Encoding.ASCII.GetBytes(code)))
                return step;
        return null;
    }

    /// <summary>The code that an authenticator shows at <paramref name="at"/>.</summary>
    public static string CodeAt(string key, Instant at) => At(Decode(key), at.ToUnixTimeSeconds() / StepSeconds);

    /// <summary>What the QR code says: the "Key URI Format" that authenticator programs read.</summary>
    public static string Uri(string issuer, string account, string key)
        => $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(account)}"
            + $"?secret={key}&issuer={System.Uri.EscapeDataString(issuer)}&digits={Digits}&period={StepSeconds}";

    // RFC 4226, 5.3: the last four bits say where to take 31 bits from.
    private static string At(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238 says SHA-1, and as a keyed hash it stands.
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var offset = hash[^1] & 0xf;
        var value = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(offset)) & 0x7fff_ffff;
        return (value % 1_000_000).ToString("D6", System.Globalization.CultureInfo.InvariantCulture);
    }

    internal static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        int buffer = 0, bits = 0;
        foreach (var b in bytes)
        {
            buffer = (buffer << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5) text.Append(Base32[(buffer >> (bits - 5)) & 31]);
            buffer &= (1 << bits) - 1;
        }
        if (bits > 0) text.Append(Base32[(buffer << (5 - bits)) & 31]);
        return text.ToString();
    }

    private static byte[] Decode(string text)
    {
        var bytes = new List<byte>();
        int buffer = 0, bits = 0;
        foreach (var c in text)
        {
            var digit = Base32.IndexOf(c, StringComparison.Ordinal);
            Check.That(digit >= 0);
            buffer = (buffer << 5) | digit;
            if ((bits += 5) < 8) continue;
            bytes.Add((byte)(buffer >> (bits -= 8)));
            buffer &= (1 << bits) - 1;
        }
        return [.. bytes];
    }
}

/// <summary>Codes for the day when the telephone with the authenticator is gone: each is good once.</summary>
internal static class RecoveryCode
{
    /// <summary>80 random bits, in groups that can be read from paper.</summary>
    public static string New()
    {
        var text = Totp.Encode(RandomNumberGenerator.GetBytes(10)).ToLowerInvariant();
        return string.Join('-', text.Chunk(4).Select(c => new string(c)));
    }

    /// <summary>What a row keeps. Case, blanks and dashes don't matter to whoever types it.</summary>
    public static string Hash(string typed)
        => Secret.Hash(new string([.. typed.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit)]));
}
