namespace Mithi.Trust.Keys;

/// <summary>A signature beside metadata: an opaque key id and the raw bytes.</summary>
public sealed record Signature(string KeyId, byte[] Bytes);
