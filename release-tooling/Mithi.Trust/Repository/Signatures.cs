using System.Text.Json;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Repository;

/// <summary>Adds signatures to metadata, one key holder after the other.</summary>
public static class Signatures
{
    /// <summary>The file with a signature of each key; what others signed stays. A key signs once.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.Malformed"/>.</exception>
    public static byte[] Add(ReadOnlyMemory<byte> file, string name, params IReadOnlyCollection<SigningKey> keys)
    {
        using var document = CanonicalJson.Parse(file, name);
        var top = new JsonFields(document.RootElement, name, "metadata");
        var signed = top.Object("signed").Value;
        var canonical = CanonicalJson.Of(signed, name);
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Draft.Options))
        {
            json.WriteStartObject();
            json.WriteStartArray("signatures");
            foreach (var other in top.Objects("signatures"))
                if (keys.All(k => k.Public.Id != other.Text("keyid"))) other.Value.WriteTo(json);
            foreach (var key in keys)
            {
                json.WriteStartObject();
                json.WriteString("keyid", key.Public.Id);
                json.WriteString("sig", Convert.ToHexStringLower(key.Sign(canonical)));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WritePropertyName("signed");
            signed.WriteTo(json);
            json.WriteEndObject();
        }
        return output.ToArray();
    }
}
