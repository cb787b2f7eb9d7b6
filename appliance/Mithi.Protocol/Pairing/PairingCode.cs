using System.Security.Cryptography;
using System.Text;
using Mithi.Protocol.Keys;

namespace Mithi.Protocol.Pairing;

/// <summary>What the operator reads out: 8 characters of Crockford's base32, 40 bits. Reference, section 4.</summary>
public sealed class PairingCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly string[] Words =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "Alfa", "Bravo", "Charlie", "Delta",
        "Echo", "Foxtrot", "Golf", "Hotel", "Juliett", "Kilo", "Mike", "November", "Papa", "Quebec", "Romeo", "Sierra", "Tango",
        "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
    ];

    private readonly string _characters;

    private PairingCode(string characters) => _characters = characters;

    /// <summary>The code that both ends compute. It is the same only if both saw the same keys.</summary>
    /// <param name="device">The machine's key.</param>
    /// <param name="nodeAsSeen">The key of the server certificate: at the site the one that it saw, at the node its own.</param>
    /// <param name="siteNonce">M, 32 bytes.</param>
    /// <param name="nodeNonce">N, 32 bytes.</param>
    public static PairingCode Compute(
        VerifyingKey device, KeyHash nodeAsSeen, ReadOnlyMemory<byte> siteNonce, ReadOnlyMemory<byte> nodeNonce)
    {
        var hash = Transcript.Hash("pair", device.Spki, nodeAsSeen.ToBytes(), siteNonce, nodeNonce);
        var characters = new StringBuilder(8);
        var bits = ((ulong)hash[0] << 32) | ((ulong)hash[1] << 24) | ((ulong)hash[2] << 16) | ((ulong)hash[3] << 8) | hash[4];
        for (var shift = 35; shift >= 0; shift -= 5)
            characters.Append(Alphabet[(int)(bits >> shift) & 31]);
        return new(characters.ToString());
    }

    /// <summary>What a person typed, or null: spaces, hyphens and case do not matter; O is 0, I and L are 1.</summary>
    public static PairingCode? Parse(string typed)
    {
        var characters = new StringBuilder(8);
        foreach (var c in typed)
        {
            if (c is ' ' or '-' or '\u00a0')
                continue;
            var upper = char.ToUpperInvariant(c) switch { 'O' => '0', 'I' or 'L' => '1', var other => other };
            if (!Alphabet.Contains(upper, StringComparison.Ordinal) || characters.Length == 8)
                return null;
            characters.Append(upper);
        }
        return characters.Length == 8 ? new(characters.ToString()) : null;
    }

    /// <summary>Two groups, like <c>7KQX-M2ZD</c>.</summary>
    public override string ToString() => $"{_characters[..4]}-{_characters[4..]}";

    /// <summary>The two groups in spelling words, for a bad line.</summary>
    public string Spelled(string between = ", ")
        => string.Join(between, _characters.Select(c => Words[Alphabet.IndexOf(c, StringComparison.Ordinal)]));

    /// <summary>In constant time.</summary>
    public bool Matches(PairingCode other)
        => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(_characters), Encoding.ASCII.GetBytes(other._characters));
}
