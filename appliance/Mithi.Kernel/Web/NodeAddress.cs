namespace Mithi.Kernel.Web;

/// <summary>How this node is reached. The listening ports are known once it has started.</summary>
public sealed class NodeAddress(NodeOptions options)
{
    /// <summary>What the server really listens on; set by the host when it has started.</summary>
    public IReadOnlyList<Uri> Listening { get; set; } = options.Listen;

    /// <summary>The address to put into mails and media, without a trailing slash.</summary>
    public string Public => (options.PublicUrl ?? Listening[0]).GetLeftPart(UriPartial.Authority);

    /// <summary>Whether a Host header names this node.</summary>
    public bool IsOurs(string host) => options.PublicUrl?.Host.Equals(host, StringComparison.OrdinalIgnoreCase) == true
        || Listening.Any(l => l.Host.Equals(host, StringComparison.OrdinalIgnoreCase))
        || (Listening.Any(l => l.IsLoopback) && host is "localhost" or "127.0.0.1" or "[::1]")
        || (Listening.Any(l => l.Host is "0.0.0.0" or "[::]") && System.Net.IPAddress.TryParse(host.Trim('[', ']'), out _));
}
