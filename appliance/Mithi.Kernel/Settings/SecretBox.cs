using System.Security.Cryptography;
using System.Text;
using Mithi.Cli;
using Mithi.Kernel.Data;

namespace Mithi.Kernel.Settings;

/// <summary>Encrypts what must rest in the database but not be readable there: AES-256-GCM with <c>keys/settings.key</c>.</summary>
/// <param name="keys">Where the key is.</param>
public sealed class SecretBox(NodeKeys keys)
{
    private const string Version = "1:";
    private const int NonceBytes = 12, TagBytes = 16, TextAt = NonceBytes + TagBytes;

    private readonly Lazy<byte[]> key = new(() => keys.Get("settings"));

    /// <param name="purpose">Bound into it: what was sealed for one purpose does not open for another.</param>
    public string Seal(string secret, string purpose)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var whole = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(whole.AsSpan(..NonceBytes));
        using var aes = new AesGcm(key.Value, TagBytes);
        aes.Encrypt(whole.AsSpan(..NonceBytes), plain, whole.AsSpan(TextAt), whole.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(purpose));
        return Version + Convert.ToBase64String(whole);
    }

    /// <exception cref="UserException">It was sealed with another key, or is damaged.</exception>
    public string Open(string box, string purpose)
    {
        try
        {
            if (!box.StartsWith(Version, StringComparison.Ordinal)) throw new FormatException("Not a sealed secret of this version.");
            var whole = Convert.FromBase64String(box[Version.Length..]);
            var plain = new byte[whole.Length - TextAt];
            using var aes = new AesGcm(key.Value, TagBytes);
            aes.Decrypt(whole.AsSpan(..NonceBytes), whole.AsSpan(TextAt), whole.AsSpan(NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(purpose));
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException or OverflowException)
        {
            throw new UserException($"The secret {purpose} can't be read with keys/settings.key.",
                "Give it again on the page of settings, or restore the keys folder that belongs to this database.", e);
        }
    }
}
