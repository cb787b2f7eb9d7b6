using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Site.Plan;

namespace Mithi.Site.Journals;

/// <summary>What the journal holds of an installation so that it goes on after a power cut without a second telephone call.</summary>
/// <param name="Site">The site's id: a medium of another site does not take it up.</param>
/// <param name="DeviceKey">PKCS#8.</param>
/// <param name="Facts">As the approved plan saw them.</param>
/// <param name="Sheet">As it was approved.</param>
/// <param name="Digest">Of the approved plan; what is read back must give the same.</param>
internal sealed record InstallationRecord(string Site, byte[] DeviceKey, Facts Facts, SiteSheet Sheet, string Digest)
{
    /// <summary>Of an approved plan, whatever became of the machine since.</summary>
    public static InstallationRecord Of(string site, SigningKey device, InstallPlan plan)
        => new(site, device.ExportPkcs8(), plan.Facts, plan.Sheet, plan.Digest);

    public string ToText() => JsonSerializer.Serialize(this, InstallationJson.Default.InstallationRecord);

    /// <summary>Null when it can't be read.</summary>
    public static InstallationRecord? Read(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, InstallationJson.Default.InstallationRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(InstallationRecord))]
internal sealed partial class InstallationJson : JsonSerializerContext;
