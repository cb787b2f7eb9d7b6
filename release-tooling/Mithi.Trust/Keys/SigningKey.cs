using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Mithi.Trust.Keys;

/// <summary>A key that can sign: ed25519, the one scheme that we make.</summary>
public sealed class SigningKey
{
    /// <summary>Bytes of the secret.</summary>
    public static readonly int SecretBytes = Ed25519.SecretKeySize;

    private readonly byte[] _secret;

    /// <summary>A key from its secret.</summary>
    /// <param name="secret"><see cref="SecretBytes"/> bytes.</param>
    public SigningKey(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretBytes);
        _secret = secret.ToArray();
        var raw = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(_secret, 0, raw, 0);
        Public = PublicKey.Ed25519Key(raw);
    }

    /// <summary>What others verify with.</summary>
    public PublicKey Public { get; }

    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>Makes a new key.</summary>
    public static SigningKey Generate() => new(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Signs; the same message always gives the same signature.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_secret, 0, message.ToArray(), 0, message.Length, signature, 0);
        return signature;
    }
}
