using System.Text.Json.Serialization;

namespace Mithi.Protocol.Handshake;

/// <summary>The messages before a connection stands, each alone in a hello frame on stream 0. Reference, section 3.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SiteHello), "hello")]
[JsonDerivedType(typeof(NodeChallenge), "challenge")]
[JsonDerivedType(typeof(SiteOpen), "open")]
[JsonDerivedType(typeof(NodeWelcome), "welcome")]
[JsonDerivedType(typeof(NodeRefusal), "refusal")]
public abstract record HelloMessage;

/// <summary>First, site to node.</summary>
/// <param name="Protocol">1.</param>
/// <param name="Site">The site's id from the stamp.</param>
/// <param name="Agent">The version of mithi-site.</param>
/// <param name="Stage"><c>installer</c>, <c>first-boot</c> or <c>agent</c>.</param>
/// <param name="NodeAsSeen">SHA-256 of the public key of the server certificate that the site saw, hexadecimal.</param>
/// <param name="Commitment">H("commit", device key, M): 32 bytes.</param>
public sealed record SiteHello(int Protocol, string Site, string Agent, string Stage, string NodeAsSeen, byte[] Commitment)
    : HelloMessage;

/// <summary>Second, node to site.</summary>
/// <param name="NodeKey">SubjectPublicKeyInfo of the node's own key.</param>
/// <param name="Nonce">N: 32 bytes.</param>
/// <param name="Signature">Of the node's key over H("node", site, commitment, node as seen, node key, N).</param>
public sealed record NodeChallenge(byte[] NodeKey, byte[] Nonce, byte[] Signature) : HelloMessage;

/// <summary>Third, site to node: opens the commitment and proves the device key.</summary>
/// <param name="DeviceKey">SubjectPublicKeyInfo of the device key.</param>
/// <param name="Nonce">M: 32 bytes.</param>
/// <param name="Signature">Of the device key over H("site", site, commitment, node as seen, node key, N, device key, M).</param>
public sealed record SiteOpen(byte[] DeviceKey, byte[] Nonce, byte[] Signature) : HelloMessage;

/// <summary>Fourth, node to site: the connection stands.</summary>
/// <param name="Paired">False: the code must be entered first; until then the node takes facts, log and screen, and commands nothing.</param>
/// <param name="Intercepted">Whether the site saw another server key than the node has: somebody is in between.</param>
/// <param name="Now">The node's time; not signed, so only to compare.</param>
/// <param name="CodeExpiresAt">Until when the code can be entered; null when paired.</param>
/// <param name="LogThrough">The number of the last log entry that the node has of this device.</param>
public sealed record NodeWelcome(
    bool Paired, bool Intercepted, DateTimeOffset Now, DateTimeOffset? CodeExpiresAt, long LogThrough) : HelloMessage;

/// <summary>Instead of second or fourth: the node will not talk to this machine.</summary>
/// <param name="Fault">A name of <see cref="ProtocolFault"/>.</param>
/// <param name="Text">For the log.</param>
public sealed record NodeRefusal(string Fault, string Text) : HelloMessage;
