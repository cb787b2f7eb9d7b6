using Mithi.Kernel.Settings;

namespace Mithi.Fleet;

/// <summary>How this node is known to sites.</summary>
internal static class FleetSettings
{
    private const string Group = "Sites";

    public static readonly Setting Addresses = new()
    {
        Key = "fleet.addresses", Group = Group, Title = "Addresses for sites",
        Help = "Where new media look for this node, separated by blanks, like https://support.example.org. Empty: the node's public address.",
        Check = text => Split(text).All(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps)
            ? null : "Each address starts with https://.",
    };

    public static readonly Setting ServerPin = new()
    {
        Key = "fleet.server-pin", Group = Group, Title = "Key of the proxy",
        Help = "Only when a proxy ends TLS before this node: SHA-256 of its certificate's public key (SPKI), 64 hexadecimal digits.",
        Check = text => text.Length == 64 && text.All(char.IsAsciiHexDigit) ? null : "This is not a SHA-256 in hexadecimal digits.",
    };

    public static IReadOnlyList<Setting> All { get; } = [Addresses, ServerPin];

    public static string[] Split(string addresses) => addresses.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
