using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Handshake;

namespace Mithi.Protocol.Messages;

/// <summary>The messages' JSON, generated at build time, so that it works without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    MaxDepth = Limits.JsonDepthMax)]
[JsonSerializable(typeof(ControlMessage))]
[JsonSerializable(typeof(HelloMessage))]
[JsonSerializable(typeof(OpenRequest))]
[JsonSerializable(typeof(Command))]
[JsonSerializable(typeof(Enrolment))]
[JsonSerializable(typeof(SignedText))]
[JsonSerializable(typeof(Facts))]
[JsonSerializable(typeof(SiteSheet))]
[JsonSerializable(typeof(PlanProposal))]
[JsonSerializable(typeof(SiteReport))]
[JsonSerializable(typeof(FaultMessage))]
[JsonSerializable(typeof(CommandOrder))]
[JsonSerializable(typeof(List<Step>))]
[JsonSerializable(typeof(List<MailboxSheet>))]
[JsonSerializable(typeof(List<HealthCheck>))]
public sealed partial class ProtocolJson : JsonSerializerContext
{
    /// <summary>Reads what came from the other end.</summary>
    /// <exception cref="ProtocolException">It is broken, too deep, too long, of an unknown type or lacks a field.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            CheckBounds(json);
            return JsonSerializer.Deserialize(json, type)
                ?? throw new ProtocolException(ProtocolFault.BadMessage, "A message is null.");
        }
        catch (Exception broken) when (broken is JsonException or NotSupportedException or InvalidOperationException or FormatException)
        {
            throw new ProtocolException(ProtocolFault.BadMessage, $"A message cannot be read: {broken.Message}", broken);
        }
    }

    public static byte[] Write<T>(T message, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(message, type);

    // Before any object is made: a list of a million empty objects costs the sender nothing and would cost us a lot.
    private static void CheckBounds(ReadOnlySpan<byte> json)
    {
        if (json.Length > Limits.ControlBytesMax)
            throw new ProtocolException(ProtocolFault.TooLarge, $"A message has at most {Limits.ControlBytesMax} bytes.");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Limits.JsonDepthMax });
        for (var tokens = 0; reader.Read(); tokens++)
        {
            if (tokens > Limits.JsonTokensMax || reader.ValueSpan.Length > Limits.TextCharsMax)
                throw new ProtocolException(ProtocolFault.TooLarge, "A message has too many parts or too long a text.");
        }
    }
}
