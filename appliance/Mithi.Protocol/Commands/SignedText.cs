using System.Text.Json.Serialization.Metadata;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Commands;

/// <summary>JSON and the node's signature over exactly its bytes. Reference, section 5.</summary>
/// <param name="Payload">The JSON's bytes, base64.</param>
/// <param name="Signature">64 bytes, r then s, base64.</param>
public sealed record SignedText(byte[] Payload, byte[] Signature)
{
    /// <summary>Signs a command.</summary>
    public static SignedText Of(Command command, SigningKey node) => Of("command", command, ProtocolJson.Default.Command, node);

    /// <summary>Signs an enrolment.</summary>
    public static SignedText Of(Enrolment enrolment, SigningKey node)
        => Of("enrolment", enrolment, ProtocolJson.Default.Enrolment, node);

    /// <exception cref="ProtocolException">The signature is not the node's, or the text cannot be read.</exception>
    public Command ReadCommand(VerifyingKey node) => Read("command", ProtocolJson.Default.Command, node);

    /// <exception cref="ProtocolException">The signature is not the node's, or the text cannot be read.</exception>
    public Enrolment ReadEnrolment(VerifyingKey node) => Read("enrolment", ProtocolJson.Default.Enrolment, node);

    // The label keeps a text that was signed for one purpose from being taken for another.
    private static SignedText Of<T>(string label, T text, JsonTypeInfo<T> type, SigningKey node)
    {
        var payload = ProtocolJson.Write(text, type);
        return new(payload, node.Sign(Transcript.Hash(label, payload)));
    }

    private T Read<T>(string label, JsonTypeInfo<T> type, VerifyingKey node) where T : class
        => node.Verify(Transcript.Hash(label, Payload), Signature)
            ? ProtocolJson.Read(Payload, type)
            : throw new ProtocolException(ProtocolFault.BadSignature, $"The {label} is not signed by the node.");
}
