using System.Security.Cryptography;

namespace Mithi.Protocol.Keys;

/// <summary>SHA-256 of a public key's SubjectPublicKeyInfo: the name of a key, a pin.</summary>
public readonly record struct KeyHash
{
    private KeyHash(string hex) => Hex = hex;

    /// <summary>64 lower case hexadecimal digits.</summary>
    public string Hex { get; }

    public static KeyHash Of(ReadOnlySpan<byte> spki) => new(Convert.ToHexStringLower(SHA256.HashData(spki)));

    /// <exception cref="ProtocolException">It is not 64 hexadecimal digits.</exception>
    public static KeyHash Parse(string hex)
    {
        if (hex.Length != 64 || !hex.All(char.IsAsciiHexDigit))
            throw new ProtocolException(ProtocolFault.BadKey, "A key's hash has 64 hexadecimal digits.");
        return new(hex.ToLowerInvariant());
    }

    public byte[] ToBytes() => Convert.FromHexString(Hex);

    public override string ToString() => Hex;
}

/// <summary>The public half of an ECDSA P-256 key.</summary>
public sealed class VerifyingKey
{
    private VerifyingKey(byte[] spki) => (Spki, Hash) = (spki, KeyHash.Of(spki));

    /// <summary>SubjectPublicKeyInfo in DER.</summary>
    public ReadOnlyMemory<byte> Spki { get; }

    public KeyHash Hash { get; }

    /// <exception cref="ProtocolException">It is not the DER of a P-256 key.</exception>
    public static VerifyingKey FromSpki(ReadOnlySpan<byte> spki)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(spki, out var read);
            var curve = key.ExportParameters(false).Curve;
            if (read != spki.Length || curve.Oid.Value != "1.2.840.10045.3.1.7" && curve.Oid.FriendlyName != "nistP256")
                throw new ProtocolException(ProtocolFault.BadKey, "Only P-256 keys are used here.");
            return new(spki.ToArray());
        }
        catch (CryptographicException broken)
        {
            throw new ProtocolException(ProtocolFault.BadKey, "The key cannot be read.", broken);
        }
    }

    /// <summary>Whether <paramref name="signature"/> (64 bytes, r then s) is this key's over <paramref name="digest"/> (32 bytes).</summary>
    public bool Verify(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 64)
            return false;
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Spki.Span, out _);
        return key.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}

/// <summary>An ECDSA P-256 key: a machine's, or the node's own.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _one = new();

    private SigningKey(ECDsa key) => (_key, Public) = (key, VerifyingKey.FromSpki(key.ExportSubjectPublicKeyInfo()));

    public VerifyingKey Public { get; }

    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="ProtocolException">It is not the PKCS#8 form of a P-256 key.</exception>
    public static SigningKey FromPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            return new(key);
        }
        catch (CryptographicException broken)
        {
            key.Dispose();
            throw new ProtocolException(ProtocolFault.BadKey, "The private key cannot be read.", broken);
        }
    }

    public byte[] ExportPkcs8() => _key.ExportPkcs8PrivateKey();

    /// <summary>64 bytes, r then s, over a SHA-256 digest.</summary>
    public byte[] Sign(ReadOnlySpan<byte> digest)
    {
        lock (_one)
            return _key.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public void Dispose() => _key.Dispose();
}
