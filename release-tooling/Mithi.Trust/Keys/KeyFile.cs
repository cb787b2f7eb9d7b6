using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Keys;

/// <summary>A signing key at rest, readable only by its owner, under a passphrase unless it must be used without a person.</summary>
/// <remarks>
/// JSON: <c>format</c> is mithi-key-1, <c>name</c> says whose it is, <c>public</c> is the key as in metadata, and either
/// <c>secret</c> in hexadecimal digits, or <c>sealed</c>: PBKDF2-SHA-512 over the passphrase gives the AES-256-GCM key; the
/// key's id is the associated data, so that a sealed secret can't be put below another public key.
/// </remarks>
public static class KeyFile
{
    private const string Format = "mithi-key-1";
    private const string Derivation = "pbkdf2-sha512";
    private const int SaltBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Writes a key file with mode 0600. An existing file is never replaced.</summary>
    /// <param name="path">Where.</param>
    /// <param name="key">The key.</param>
    /// <param name="name">Whose key it is, for people.</param>
    /// <param name="passphrase">Null leaves the secret readable for whoever can read the file.</param>
    /// <exception cref="IOException">The file is there already.</exception>
    public static void Save(string path, SigningKey key, string name, string? passphrase)
    {
        if (File.Exists(path)) throw new IOException($"{path} is there already; a key is never overwritten.");
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("name", name);
            json.WritePropertyName("public");
            json.WriteRawValue(key.Public.Json);
            if (passphrase is null) json.WriteString("secret", Convert.ToHexStringLower(key.Secret));
            else WriteSealed(json, key, passphrase);
            json.WriteEndObject();
        }
        DurableFile.WriteSecret(path, output.ToArray());
    }

    /// <summary>Reads a key file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="passphrase">Asked only if the secret is sealed; gets the key's name.</param>
    /// <exception cref="TrustException"><see cref="TrustFault.KeyUnreadable"/>: damaged, or the passphrase is wrong.</exception>
    public static SigningKey Load(string path, Func<string, string> passphrase)
    {
        var bytes = ReadBounded(path);
        try
        {
            using var document = CanonicalJson.Parse(bytes, path);
            var file = new JsonFields(document.RootElement, path, "key");
            if (file.Text("format") != Format) throw file.Wrong($"format is not {Format}");
            var named = PublicKey.Read(file.Object("public"));
            var secret = file.Has("sealed")
                ? Open(file.Object("sealed"), named, passphrase(file.Text("name")))
                : Convert.FromHexString(file.Text("secret"));
            var key = new SigningKey(secret);
            CryptographicOperations.ZeroMemory(secret);
            return key.Public.Id == named.Id ? key : throw file.Wrong("the secret is not that of the public key");
        }
        catch (Exception e) when (e is FormatException or ArgumentException or TrustException { Fault: TrustFault.Malformed })
        {
            throw new TrustException(TrustFault.KeyUnreadable, path, "it is not a key file, or it is damaged", e);
        }
    }

    /// <summary>Reads the public half from a key file, or a public key on its own.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.KeyUnreadable"/>.</exception>
    public static (string Name, PublicKey Key) LoadPublic(string path)
    {
        var bytes = ReadBounded(path);
        try
        {
            using var document = CanonicalJson.Parse(bytes, path);
            var file = new JsonFields(document.RootElement, path, "key");
            return file.Has("public")
                ? (file.Has("name") ? file.Text("name") : Path.GetFileName(path), PublicKey.Read(file.Object("public")))
                : (Path.GetFileName(path), PublicKey.Read(file));
        }
        catch (TrustException e) when (e.Fault == TrustFault.Malformed)
        {
            throw new TrustException(TrustFault.KeyUnreadable, path, "it is not a key", e);
        }
    }

    private static byte[] ReadBounded(string path)
    {
        if (!File.Exists(path)) throw new TrustException(TrustFault.KeyUnreadable, path, "it is not there");
        return new FileInfo(path).Length <= Limits.KeyFileBytesMax
            ? File.ReadAllBytes(path)
            : throw new TrustException(TrustFault.KeyUnreadable, path, "it is too large for a key file");
    }

    private static void WriteSealed(Utf8JsonWriter json, SigningKey key, string passphrase)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var secret = new byte[SigningKey.SecretBytes + TagBytes];
        using (var cipher = Cipher(passphrase, salt, Limits.KeyIterations))
            cipher.Encrypt(nonce, key.Secret, secret.AsSpan(0, SigningKey.SecretBytes),
                secret.AsSpan(SigningKey.SecretBytes), Encoding.ASCII.GetBytes(key.Public.Id));
        json.WriteStartObject("sealed");
        json.WriteString("kdf", Derivation);
        json.WriteNumber("iterations", Limits.KeyIterations);
        json.WriteString("salt", Convert.ToHexStringLower(salt));
        json.WriteString("nonce", Convert.ToHexStringLower(nonce));
        json.WriteString("secret", Convert.ToHexStringLower(secret));
        json.WriteEndObject();
    }

    private static byte[] Open(JsonFields file, PublicKey named, string passphrase)
    {
        var iterations = file.Integer("iterations", min: 1);
        var nonce = Convert.FromHexString(file.Text("nonce"));
        var secret = Convert.FromHexString(file.Text("secret"));
        if (file.Text("kdf") != Derivation || iterations > Limits.KeyIterationsMax
            || nonce.Length != NonceBytes || secret.Length != SigningKey.SecretBytes + TagBytes)
            throw file.Wrong("is sealed in a way that we don't know");
        var opened = new byte[SigningKey.SecretBytes];
        try
        {
            using var cipher = Cipher(passphrase, Convert.FromHexString(file.Text("salt")), (int)iterations);
            cipher.Decrypt(nonce, secret.AsSpan(0, SigningKey.SecretBytes), secret.AsSpan(SigningKey.SecretBytes),
                opened, Encoding.ASCII.GetBytes(named.Id));
            return opened;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new TrustException(TrustFault.KeyUnreadable, file.File, "the passphrase is wrong", e);
        }
    }

    private static AesGcm Cipher(string passphrase, byte[] salt, int iterations)
        => new(Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, iterations, HashAlgorithmName.SHA512, 32), TagBytes);
}
