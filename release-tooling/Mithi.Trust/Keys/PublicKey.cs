using System.Security.Cryptography;
using System.Text.Json;
using Mithi.Trust.Metadata;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Mithi.Trust.Keys;

/// <summary>A key that can verify. TUF 1.0.34, section 4.2: key type, scheme and the public value as text.</summary>
/// <remarks>
/// A key whose type, scheme or value we don't understand stays in the metadata but has no vote: a root may name a key for
/// newer clients without shutting us out.
/// </remarks>
public sealed class PublicKey
{
    private readonly Func<ReadOnlySpan<byte>, ReadOnlySpan<byte>, bool>? _verify;

    private PublicKey(JsonFields key)
    {
        (KeyType, Scheme, Value) = (key.Text("keytype"), key.Text("scheme"), key.Object("keyval").Text("public"));
        Json = key.Value.GetRawText();
        Id = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(key.Value, key.File)));
        (_verify, Identity) = Understand() is { } understood ? understood : (null, "unknown:" + Id);
    }

    /// <summary>Like <c>ed25519</c>.</summary>
    public string KeyType { get; }

    /// <summary>Like <c>rsassa-pss-sha256</c>.</summary>
    public string Scheme { get; }

    /// <summary>Hexadecimal digits for ed25519, otherwise PEM.</summary>
    public string Value { get; }

    /// <summary>The key as it stood in its file, with fields that we don't know.</summary>
    public string Json { get; }

    /// <summary>The id that we give a key: SHA-256 of its canonical JSON. Ids in others' metadata are opaque.</summary>
    public string Id { get; }

    /// <summary>The same for the same key material, whatever its id, scheme or spelling: one key has one vote.</summary>
    public string Identity { get; }

    /// <summary>Whether this program can verify with it.</summary>
    public bool Usable => _verify is not null;

    /// <summary>Makes the public half of an ed25519 key.</summary>
    public static PublicKey Ed25519Key(ReadOnlySpan<byte> raw)
    {
        var value = Convert.ToHexStringLower(raw);
        using var document = JsonDocument.Parse(
            $$"""{ "keytype": "ed25519", "scheme": "ed25519", "keyval": { "public": "{{value}}" } }""");
        return Read(new JsonFields(document.RootElement, "key", "key"));
    }

    /// <summary>Reads a key from its JSON, as it stands in a root or in <c>keys show</c>.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.Malformed"/>.</exception>
    public static PublicKey Parse(ReadOnlyMemory<byte> json, string file)
    {
        using var document = CanonicalJson.Parse(json, file);
        return Read(new JsonFields(document.RootElement, file, "key"));
    }

    internal static PublicKey Read(JsonFields key) => new(key);

    /// <summary>Whether <paramref name="signature"/> over <paramref name="message"/> is by this key. Never throws.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        try
        {
            return _verify is not null && _verify(message, signature);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private (Func<ReadOnlySpan<byte>, ReadOnlySpan<byte>, bool>, string)? Understand()
    {
        try
        {
            return (KeyType, Scheme) switch
            {
                ("ed25519", "ed25519") => Ed25519Verifier(Value),
                ("ecdsa" or "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => EcdsaVerifier(Value),
                ("rsa", "rsassa-pss-sha256") => RsaVerifier(Value, pss: true),
                ("rsa", "rsa-pkcs1v15-sha256") => RsaVerifier(Value, pss: false),
                _ => null,
            };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static (Func<ReadOnlySpan<byte>, ReadOnlySpan<byte>, bool>, string)? Ed25519Verifier(string hex)
    {
        var raw = Convert.FromHexString(hex);
        if (raw.Length != Ed25519.PublicKeySize || !Ed25519.ValidatePublicKeyFull(raw, 0)) return null;
        return ((message, signature) => signature.Length == Ed25519.SignatureSize
            && Ed25519.Verify(signature.ToArray(), 0, raw, 0, message.ToArray(), 0, message.Length),
            "ed25519:" + Convert.ToHexStringLower(raw));
    }

    private static (Func<ReadOnlySpan<byte>, ReadOnlySpan<byte>, bool>, string)? EcdsaVerifier(string pem)
    {
        using var probe = Import(pem);
        var parameters = probe.ExportParameters(includePrivateParameters: false);
        if (probe.KeySize != 256 || parameters.Curve.Oid?.Value != "1.2.840.10045.3.1.7") return null;
        return ((message, signature) =>
        {
            using var key = Import(pem);
            return key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }, "ecdsa:" + Convert.ToHexStringLower(probe.ExportSubjectPublicKeyInfo()));

        static ECDsa Import(string pem)
        {
            var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return key;
        }
    }

    private static (Func<ReadOnlySpan<byte>, ReadOnlySpan<byte>, bool>, string)? RsaVerifier(string pem, bool pss)
    {
        using var probe = Import(pem);
        if (probe.KeySize is < Limits.RsaBitsMin or > Limits.RsaBitsMax) return null;

        var parameters = probe.ExportParameters(includePrivateParameters: false);
        return ((message, signature) =>
        {
            if (pss) return RsaPss.Verify(parameters, message, signature);
            using var key = Import(pem);
            return key.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }, "rsa:" + Convert.ToHexStringLower(probe.ExportSubjectPublicKeyInfo()));

        static RSA Import(string pem)
        {
            var key = RSA.Create();
            key.ImportFromPem(pem);
            return key;
        }
    }
}
