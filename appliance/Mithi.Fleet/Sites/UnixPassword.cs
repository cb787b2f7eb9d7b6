using System.Security.Cryptography;
using System.Text;

namespace Mithi.Fleet.Sites;

/// <summary>Passwords in the form that Unix and Dovecot check: crypt(3) with SHA-512, <c>$6$salt$hash</c>.</summary>
/// <remarks>Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6; 5000 rounds, the form's default.</remarks>
internal static class UnixPassword
{
    private const string Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Rounds = 5_000;

    public static string Hash(string password) => Hash(password, RandomNumberGenerator.GetString(Alphabet, 16));

    /// <param name="password">Any text; hashed as UTF-8.</param>
    /// <param name="salt">At most 16 characters of the form's alphabet.</param>
    public static string Hash(string password, string salt)
    {
        var (key, salted) = (Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt));
        var digest = First(key, salted);
        var p = Stretch(SHA512.HashData(Repeat(key, key.Length)), key.Length);
        var s = Stretch(SHA512.HashData(Repeat(salted, 16 + digest[0])), salted.Length);
        for (var round = 0; round < Rounds; round++)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
            hash.AppendData(round % 2 != 0 ? p : digest);
            if (round % 3 != 0) hash.AppendData(s);
            if (round % 7 != 0) hash.AppendData(p);
            hash.AppendData(round % 2 != 0 ? digest : p);
            digest = hash.GetHashAndReset();
        }
        return $"$6${salt}${Encode(digest)}";
    }

    private static byte[] First(byte[] key, byte[] salt)
    {
        var other = SHA512.HashData([.. key, .. salt, .. key]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(key);
        hash.AppendData(salt);
        hash.AppendData(Stretch(other, key.Length));
        for (var bits = key.Length; bits > 0; bits >>= 1) hash.AppendData((bits & 1) != 0 ? other : key);
        return hash.GetHashAndReset();
    }

    private static byte[] Repeat(byte[] bytes, int times)
    {
        var all = new byte[bytes.Length * times];
        for (var i = 0; i < times; i++) bytes.CopyTo(all, i * bytes.Length);
        return all;
    }

    private static byte[] Stretch(byte[] block, int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) bytes[i] = block[i % block.Length];
        return bytes;
    }

    // The form's own order of bytes: three at a time, each group beginning where the one before was turned.
    private static string Encode(byte[] digest)
    {
        var text = new StringBuilder(86);
        var (a, b, c) = (0, 21, 42);
        for (var i = 0; i < 21; i++, (a, b, c) = (b + 1, c + 1, a + 1)) Append(text, digest[a], digest[b], digest[c], 4);
        Append(text, 0, 0, digest[63], 2);
        return text.ToString();
    }

    private static void Append(StringBuilder text, byte high, byte middle, byte low, int characters)
    {
        var bits = (high << 16) | (middle << 8) | low;
        for (var i = 0; i < characters; i++, bits >>= 6) text.Append(Alphabet[bits & 63]);
    }
}
