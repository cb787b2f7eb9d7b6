using System.Net;
using System.Net.Sockets;

namespace Mithi.Kernel.Webhooks;

/// <summary>Which hooks may call into private networks: the machines beside this node, and the node itself.</summary>
public enum PrivateTargets { Nobody, Own, Everybody }

/// <summary>Where a hook may call. Addresses are hostile: whoever makes a hook must not reach through us what he can't reach himself.</summary>
public static class WebhookTarget
{
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"),
    ];

    // Nobody serves there: this network, link-local with the clouds' machine data, protocol assignments, examples, benchmarks,
    // relays to other addresses, groups, what is reserved. IANA's registries of special-purpose addresses name them.
    private static readonly IPNetwork[] Never =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"), IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"),
        IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20"),
    ];

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    /// <summary>What is wrong with an address that was typed, as an English key; null when nothing is.</summary>
    public static string? Mistake(string url, bool mayBePrivate)
    {
        if (url.Length is 0 or > Limits.UrlCharsMax) return "Give an address of at most 500 characters.";
        if (url.Any(char.IsControl) || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0) return "This is not an address like https://example.org/hook.";
        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0) return "An address must not hold a name, a password or a part after #.";
        if (uri.Scheme == Uri.UriSchemeHttps) return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && !IsAllowed(ip, mayBePrivate) ? "This address is in a private network." : null;
        return uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && mayBePrivate ? null : "The address must begin with https://.";
    }

    /// <summary>Whether a connection may go there. Asked about the address that is really connected to, so that no name can lie.</summary>
    public static bool IsAllowed(IPAddress address, bool mayBePrivate)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (Private.Any(n => n.Contains(address))) return mayBePrivate;
        if (Never.Any(n => n.Contains(address))) return false;
        return address.AddressFamily == AddressFamily.InterNetwork || (address.AddressFamily == AddressFamily.InterNetworkV6 && Global6.Contains(address));
    }
}
