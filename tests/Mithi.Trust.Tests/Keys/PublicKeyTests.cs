using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mithi.Trust.Keys;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace Mithi.Trust.Tests.Keys;

public sealed class PublicKeyTests : IDisposable
{
    private static readonly byte[] Message = "the signed part"u8.ToArray();
    private readonly RSA _rsa = RSA.Create(2_048);
    private readonly ECDsa _ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public void An_ed25519_key_verifies_its_own_signature_and_no_other()
    {
        var key = SigningKey.Generate();
        Verifies(key.Public, key.Sign(Message));
    }

    [Fact]
    public void The_first_test_vector_of_rfc_8032_comes_out()
    {
        var key = new SigningKey(Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        Assert.Equal("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", key.Public.Value);
        Assert.Equal("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            Convert.ToHexStringLower(key.Sign([])));
    }

    [Theory]
    [InlineData("ecdsa")]
    [InlineData("ecdsa-sha2-nistp256")]
    public void An_ecdsa_key_verifies(string keyType)
        => Verifies(Key(keyType, "ecdsa-sha2-nistp256", _ecdsa.ExportSubjectPublicKeyInfoPem()),
            _ecdsa.SignData(Message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

    [Fact]
    public void An_rsa_key_verifies_pss_with_the_usual_salt()
        => Verifies(Key("rsa", "rsassa-pss-sha256", _rsa.ExportSubjectPublicKeyInfoPem()),
            _rsa.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(2_048 / 8 - 32 - 2)]
    public void An_rsa_key_verifies_pss_with_any_salt(int saltBytes)
    {
        var signer = new PssSigner(new RsaEngine(), new Sha256Digest(), saltBytes);
        signer.Init(forSigning: true, DotNetUtilities.GetRsaKeyPair(_rsa).Private);
        signer.BlockUpdate(Message, 0, Message.Length);
        Verifies(Key("rsa", "rsassa-pss-sha256", _rsa.ExportSubjectPublicKeyInfoPem()), signer.GenerateSignature());
    }

    [Fact]
    public void An_rsa_key_of_odd_size_verifies_pss()
    {
        using var rsa = RSA.Create(2_056);
        Verifies(Key("rsa", "rsassa-pss-sha256", rsa.ExportSubjectPublicKeyInfoPem()),
            rsa.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    [Fact]
    public void An_rsa_key_verifies_pkcs1()
        => Verifies(Key("rsa", "rsa-pkcs1v15-sha256", _rsa.ExportSubjectPublicKeyInfoPem()),
            _rsa.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    [Fact]
    public void A_signature_of_another_scheme_has_no_vote()
    {
        var pss = Key("rsa", "rsassa-pss-sha256", _rsa.ExportSubjectPublicKeyInfoPem());
        Assert.False(pss.Verify(Message, _rsa.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        var raw = Key("ecdsa", "ecdsa-sha2-nistp256", _ecdsa.ExportSubjectPublicKeyInfoPem());
        Assert.False(raw.Verify(Message, _ecdsa.SignData(Message, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)));
    }

    [Fact]
    public void A_weak_or_wrong_key_is_kept_but_has_no_vote()
    {
        using var weak = RSA.Create(1_024);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.False(Key("rsa", "rsassa-pss-sha256", weak.ExportSubjectPublicKeyInfoPem()).Usable);
        Assert.False(Key("ecdsa", "ecdsa-sha2-nistp256", other.ExportSubjectPublicKeyInfoPem()).Usable);
        Assert.False(Key("ecdsa", "ecdsa-sha2-nistp256", _rsa.ExportSubjectPublicKeyInfoPem()).Usable);
        Assert.False(Key("ed25519", "ed25519", "abcd").Usable);
        Assert.False(Key("ed25519", "ed25519", "not hexadecimal").Usable);
        Assert.False(Key("ed25519", "ed25519", new string('0', 64)).Usable);
        Assert.False(Key("sphincs", "sphincs-shake-128s", "abcd").Usable);
        Assert.False(Key("rsa", "rsassa-pss-sha256", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").Usable);
    }

    [Fact]
    public void A_key_is_one_key_however_it_is_written()
    {
        var pem = _rsa.ExportSubjectPublicKeyInfoPem();
        var identity = Key("rsa", "rsassa-pss-sha256", pem).Identity;
        Assert.Equal(identity, Key("rsa", "rsa-pkcs1v15-sha256", pem).Identity);
        Assert.Equal(identity, Key("rsa", "rsassa-pss-sha256", _rsa.ExportRSAPublicKeyPem()).Identity);
        Assert.Equal(identity, Key("rsa", "rsassa-pss-sha256", pem + "\n\n").Identity);
        var key = SigningKey.Generate().Public;
        Assert.Equal(key.Identity, Key("ed25519", "ed25519", key.Value.ToUpperInvariant()).Identity);
    }

    private static void Verifies(PublicKey key, byte[] signature)
    {
        Assert.True(key.Verify(Message, signature));
        Assert.False(key.Verify([.. Message, 0], signature));
        for (var i = 0; i < signature.Length; i += 7)
        {
            var broken = signature.ToArray();
            broken[i] ^= 0x40;
            Assert.False(key.Verify(Message, broken));
        }
        Assert.False(key.Verify(Message, []));
        Assert.False(key.Verify(Message, signature.AsSpan(0, signature.Length - 1)));
        Assert.False(key.Verify(Message, [.. signature, 0]));
    }

    private static PublicKey Key(string keyType, string scheme, string value)
        => PublicKey.Parse(Encoding.UTF8.GetBytes($$"""
            {"keytype":"{{keyType}}","scheme":"{{scheme}}","keyval":{"public":"{{JsonEncodedText.Encode(value)}}"},"keyid_hash_algorithms":["sha256"]}
            """), "test");

    public void Dispose()
    {
        _rsa.Dispose();
        _ecdsa.Dispose();
    }
}
