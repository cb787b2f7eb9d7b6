using System.Text.Json;
using Mithi.Trust.Keys;

namespace Mithi.Trust.Metadata;

/// <summary>What every metadata file has: TUF 1.0.34, section 4.2. Reading one trusts nothing yet.</summary>
public abstract class SignedFile
{
    private protected SignedFile(ReadOnlyMemory<byte> bytes, string file, string type)
    {
        (Bytes, File, Type) = (bytes, file, type);
        using var document = CanonicalJson.Parse(bytes, file);
        var top = new JsonFields(document.RootElement, file, "metadata");
        Signatures = ReadSignatures(top);
        var signed = top.Object("signed");
        if (signed.Text("_type") is var found && found != type)
            throw new TrustException(TrustFault.WrongType, file, $"it is {found} metadata, not {type}");
        RequireSpecification(signed);
        Version = signed.Integer("version", min: 1);
        Expires = signed.Time("expires");
        SignedBytes = CanonicalJson.Of(signed.Value, file);
    }

    /// <summary>The file exactly as it was served.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The name it goes by in messages and in the metadata folder, like <c>targets.json</c>.</summary>
    public string File { get; }

    /// <summary>Like <c>targets</c>; a delegated role has this type too.</summary>
    public string Type { get; }

    /// <summary>At least 1.</summary>
    public long Version { get; }

    /// <summary>From this second on the file is refused.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>The canonical bytes that signatures are over.</summary>
    public byte[] SignedBytes { get; }

    /// <summary>Every key id once.</summary>
    public IReadOnlyList<Signature> Signatures { get; }

    /// <summary>Whether the file may still be used. Section 5: its date must be higher than the start of the update.</summary>
    public bool IsFresh(DateTimeOffset start) => start < Expires;

    /// <summary>Refuses the file at and after its date.</summary>
    public void RequireFresh(DateTimeOffset start)
    {
        if (!IsFresh(start))
            throw new TrustException(TrustFault.Expired, File, $"it expired at {Expires:u} and now is {start:u}");
    }

    private protected static JsonDocument Open(ReadOnlyMemory<byte> bytes, string file, out JsonFields signed)
    {
        var document = CanonicalJson.Parse(bytes, file);
        signed = new JsonFields(document.RootElement.GetProperty("signed"), file, "signed");
        return document;
    }

    private static List<Signature> ReadSignatures(JsonFields top)
    {
        var read = new List<Signature>();
        var seen = new HashSet<string>();
        foreach (var signature in top.Objects("signatures"))
        {
            if (read.Count == Limits.SignaturesMax)
                throw new TrustException(TrustFault.LimitExceeded, top.File, "it has too many signatures");
            var id = signature.Text("keyid");
            if (!seen.Add(id)) throw signature.Wrong($"the key id {id} has signed twice");
            read.Add(new Signature(id, Hex(signature.Text("sig"))));
        }
        return read;
    }

    // What is not hexadecimal is a signature that verifies nothing; another key holder's may still reach the threshold.
    private static byte[] Hex(string text)
        => text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : [];

    private static void RequireSpecification(JsonFields signed)
    {
        var version = signed.Text("spec_version");
        var parts = version.Split('.');
        if (parts.Length is < 2 or > 3 || parts.Any(p => p.Length is 0 or > 9 || !p.All(char.IsAsciiDigit)))
            throw signed.Wrong("spec_version is not like 1.0.34");
        if (parts[0] != "1")
            throw new TrustException(TrustFault.SpecificationUnknown, signed.File, $"it is written for version {version}");
    }
}
