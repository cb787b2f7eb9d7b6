using System.Text;
using Org.BouncyCastle.Crypto.Digests;

namespace Mithi.Trust.Keys;

/// <summary>Signatures that the stock program minisign verifies, made with the same ed25519 keys.</summary>
/*
    Public key, base64:  "Ed"  byte[8] key number  byte[32] ed25519 public key
    Signature, base64:   "ED"  byte[8] key number  byte[64] ed25519 over BLAKE2b-512 of the file
    Global, base64:      byte[64] ed25519 over the signature's 64 bytes and the trusted comment
*/
public static class Minisign
{
    private const int KeyNumberBytes = 8;
    private const int BufferBytes = 1 << 20;

    /// <summary>What <c>minisign -V -P</c> takes.</summary>
    public static string PublicKeyText(PublicKey key)
        => Convert.ToBase64String([.. "Ed"u8, .. NumberOf(key), .. Convert.FromHexString(key.Value)]);

    /// <summary>The text of <c>FILE.minisig</c>. It names the file and nothing that changes, so it is the same every time.</summary>
    public static async Task<string> SignAsync(SigningKey key, string file, CancellationToken ct)
    {
        var digest = new Blake2bDigest(512);
        var buffer = new byte[BufferBytes];
        await using (var input = File.OpenRead(file))
            for (var count = await input.ReadAsync(buffer, ct); count > 0; count = await input.ReadAsync(buffer, ct))
                digest.BlockUpdate(buffer, 0, count);
        var hash = new byte[64];
        digest.DoFinal(hash, 0);

        var signature = key.Sign(hash);
        var comment = $"file:{Path.GetFileName(file)}\thashed";
        var global = key.Sign([.. signature, .. Encoding.UTF8.GetBytes(comment)]);
        return $"""
            untrusted comment: signature from mithi-release, key {key.Public.Id[..16]}
            {Convert.ToBase64String([.. "ED"u8, .. NumberOf(key.Public), .. signature])}
            trusted comment: {comment}
            {Convert.ToBase64String(global)}

            """;
    }

    private static byte[] NumberOf(PublicKey key) => Convert.FromHexString(key.Id)[..KeyNumberBytes];
}
