using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>A passkey, as the profile lists it.</summary>
/// <param name="CredentialId">base64url.</param>
public sealed record Passkey(string CredentialId, string Name, Instant CreatedAt);
