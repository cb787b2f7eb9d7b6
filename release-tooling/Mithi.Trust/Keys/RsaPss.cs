using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Mithi.Trust.Keys;

/// <summary>RSASSA-PSS-VERIFY with SHA-256 and MGF1, RFC 8017, section 8.1.2, for a salt of any length.</summary>
/// <remarks>
/// The signer chooses the salt's length and metadata doesn't name it; the framework's verifier knows only the digest's
/// length. Everything here is public, so nothing needs constant time.
/// </remarks>
internal static class RsaPss
{
    private const int DigestBytes = 32;

    public static bool Verify(RSAParameters key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        var modulus = new BigInteger(key.Modulus, isUnsigned: true, isBigEndian: true);
        var bits = (int)modulus.GetBitLength();
        var value = new BigInteger(signature, isUnsigned: true, isBigEndian: true);
        if (signature.Length != (bits + 7) / 8 || value >= modulus) return false;

        var exponent = new BigInteger(key.Exponent, isUnsigned: true, isBigEndian: true);
        var opened = BigInteger.ModPow(value, exponent, modulus).ToByteArray(isUnsigned: true, isBigEndian: true);
        var encoded = new byte[(bits - 1 + 7) / 8];
        if (opened.Length > encoded.Length) return false;
        opened.CopyTo(encoded, encoded.Length - opened.Length);
        return VerifyEncoded(encoded, bits - 1, SHA256.HashData(message));
    }

    /*
        EMSA-PSS, RFC 8017, section 9.1:
        byte[n]   maskedDB = MGF1(H) xor (0..0 01 salt), its leading 8*len - bits bits zero
        byte[32]  H = SHA-256(eight zeros, digest of the message, salt)
        byte      0xbc
    */
    private static bool VerifyEncoded(byte[] encoded, int bits, byte[] digest)
    {
        if (encoded.Length < DigestBytes + 2 || encoded[^1] != 0xbc) return false;
        var block = encoded.AsSpan(0, encoded.Length - DigestBytes - 1).ToArray();
        var hash = encoded.AsSpan(block.Length, DigestBytes);
        var unused = 8 * encoded.Length - bits;
        if (block[0] >> (8 - unused) != 0) return false;

        Unmask(block, hash);
        block[0] &= (byte)(0xff >> unused);
        var one = block.AsSpan().IndexOfAnyExcept((byte)0);
        if (one < 0 || block[one] != 1) return false;

        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(new byte[8]);
        sha.AppendData(digest);
        sha.AppendData(block.AsSpan(one + 1));
        return hash.SequenceEqual(sha.GetHashAndReset());
    }

    private static void Unmask(Span<byte> block, ReadOnlySpan<byte> seed)
    {
        Span<byte> input = stackalloc byte[DigestBytes + 4];
        seed.CopyTo(input);
        Span<byte> mask = stackalloc byte[DigestBytes];
        for (var at = 0; at < block.Length; at += DigestBytes)
        {
            BinaryPrimitives.WriteInt32BigEndian(input[DigestBytes..], at / DigestBytes);
            SHA256.HashData(input, mask);
            for (var i = at; i < Math.Min(at + DigestBytes, block.Length); i++) block[i] ^= mask[i - at];
        }
    }
}
