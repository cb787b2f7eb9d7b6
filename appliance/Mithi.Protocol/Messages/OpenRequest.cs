using System.Text.Json.Serialization;

namespace Mithi.Protocol.Messages;

/// <summary>The payload of an open frame.</summary>
/// <param name="Name">What the stream is: <c>terminal</c>, <c>file</c>, <c>forward</c>; the accepter refuses what it does not know.</param>
/// <param name="Priority">Which send queue its data takes at both ends.</param>
/// <param name="Credit">How many bytes the opener allows at once; the accepter grants its own with a credit frame.</param>
/// <param name="Details">What the name needs, as text; empty when nothing.</param>
public sealed record OpenRequest(string Name, StreamPriority Priority, int Credit, string Details);

/// <summary>Which send queue a stream's data takes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StreamPriority>))]
public enum StreamPriority
{
    /// <summary>Somebody waits for each byte.</summary>
    [JsonStringEnumMemberName("interactive")] Interactive,
    /// <summary>It may take what is left.</summary>
    [JsonStringEnumMemberName("bulk")] Bulk,
}
