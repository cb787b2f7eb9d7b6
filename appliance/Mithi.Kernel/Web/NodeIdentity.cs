using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mithi.Kernel.Data;

namespace Mithi.Kernel.Web;

/// <summary>The node's own TLS key, made at the first start. Sites know the node by its hash, browsers by the administrator's trust.</summary>
/// <remarks>An administrator's own certificate, as <c>keys/tls.crt</c> and <c>keys/tls.key</c> (PEM), takes its place.</remarks>
public sealed class NodeIdentity : IDisposable
{
    private NodeIdentity(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Pin = Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256 of the certificate's SubjectPublicKeyInfo, 64 lower-case hexadecimal digits.</summary>
    public string Pin { get; }

    /// <summary>The node's identity; a node that has none yet gets one.</summary>
    public static NodeIdentity Open(DataFolder folder, TimeProvider time)
    {
        if (Find(folder) is { } known) return known;
        DurableFile.Write(OwnPath(folder), Encoding.ASCII.GetBytes(Make(time)), secret: true);
        return Find(folder)!;
    }

    /// <summary>The node's identity, or null when it has never been started. Makes nothing.</summary>
    public static NodeIdentity? Find(DataFolder folder)
    {
        var (certificate, key) = (Path.Join(folder.Keys, "tls.crt"), Path.Join(folder.Keys, "tls.key"));
        if (File.Exists(certificate) && File.Exists(key)) return new(X509Certificate2.CreateFromPemFile(certificate, key));
        return File.Exists(OwnPath(folder)) ? new(X509Certificate2.CreateFromPemFile(OwnPath(folder))) : null;
    }

    public void Dispose() => Certificate.Dispose();

    private static string OwnPath(DataFolder folder) => Path.Join(folder.Keys, "node.pem");

    private static string Make(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mithi support node", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        // Sites check the pin and ignore dates, so a wrong clock on either side locks nobody out.
        using var made = request.CreateSelfSigned(time.GetUtcNow().AddDays(-2), time.GetUtcNow().AddYears(20));
        return made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
