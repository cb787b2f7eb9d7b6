using System.Security.Cryptography;
using System.Text;
using Mithi.Kernel.Data;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using Mithi.Protocol.Keys;

namespace Mithi.Fleet.Lines;

/// <summary>How sites know this node: the key that signs, and the key of the server certificate that they see.</summary>
/// <remarks>
/// The signing key is one of its own and not the certificate's: an administrator may change certificates as he likes, while
/// every site out there keeps believing the key that was on its medium.
/// </remarks>
internal sealed class SiteKeys(DataFolder folder, NodeIdentity identity, SettingStore settings) : IDisposable
{
    private readonly Lazy<SigningKey> signing = new(() => Open(Path.Join(folder.Keys, "site.pem")));

    public SigningKey Signing => signing.Value;

    /// <summary>The key that a site sees on TLS: a proxy's when one was named, else the node's certificate's.</summary>
    public async ValueTask<KeyHash> ServerAsync(CancellationToken ct)
        => KeyHash.Parse(await settings.TextAsync(FleetSettings.ServerPin, ct) is { Length: > 0 } pin ? pin : identity.Pin);

    public void Dispose()
    {
        if (signing.IsValueCreated) signing.Value.Dispose();
    }

    private static SigningKey Open(string path)
    {
        if (!File.Exists(path))
        {
            using var made = SigningKey.Create();
            DurableFile.Write(path, Encoding.ASCII.GetBytes(PemEncoding.WriteString("PRIVATE KEY", made.ExportPkcs8()) + "\n"), secret: true);
        }
        var pem = File.ReadAllText(path);
        return SigningKey.FromPkcs8(Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]));
    }
}
