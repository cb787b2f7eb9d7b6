using System.Globalization;
using System.Text;
using Mithi.Protocol.Keys;

namespace Mithi.Protocol.Stamp;

/// <summary>What a boot medium knows of its site: <c>/site.conf</c>. Nothing in it is a secret. Reference, section 8.</summary>
/// <param name="Nodes">The node's addresses in the order in which to try them, like <c>https://node.example:443</c>.</param>
/// <param name="Pins">SHA-256 of the node's signing key and of its next one: whoever has it gives orders.</param>
/// <param name="ServerPins">SHA-256 of the keys that the server certificate may have, such as a proxy's: they carry, and order nothing.</param>
/// <param name="Site">The site's id.</param>
/// <param name="Language">Of the local screen: <c>en</c> or <c>hi</c>.</param>
/// <param name="Phone">The engineer's number for the local screen; may be empty.</param>
/// <param name="Product">The name on the local screen; may be empty.</param>
public sealed record SiteStamp(
    IReadOnlyList<Uri> Nodes,
    IReadOnlyList<KeyHash> Pins,
    IReadOnlyList<KeyHash> ServerPins,
    string Site,
    string Language,
    string Phone,
    string Product)
{
    private const string FirstLine = "mithi-site-stamp 1";

    /*
        mithi-site-stamp 1
        node=https://node.example:443        one or more
        pin=<64 hexadecimal digits>          one or more
        server-pin=<64 hexadecimal digits>   one or more
        site=<id>
        language=en
        phone=+91 20 5550 1234               may be empty
        product=Connect Server               may be empty
    */
    /// <summary>The file's text: a line each, UTF-8, no quoting because no value has a line break.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(FirstLine).Append('\n');
        foreach (var node in Nodes)
            Line(text, "node", node.GetLeftPart(UriPartial.Authority));
        foreach (var pin in Pins)
            Line(text, "pin", pin.Hex);
        foreach (var pin in ServerPins)
            Line(text, "server-pin", pin.Hex);
        Line(text, "site", Site);
        Line(text, "language", Language);
        Line(text, "phone", Phone);
        Line(text, "product", Product);
        return text.ToString();
    }

    /// <summary>Reads <c>/site.conf</c>. Lines with an unknown name are left for later versions.</summary>
    /// <exception cref="ProtocolException">It is not a stamp of this version, or something is missing or broken.</exception>
    public static SiteStamp Parse(string text)
    {
        if (text.Length > Limits.StampBytesMax)
            throw Bad("it is too long");
        var lines = text.Split('\n');
        if (lines[0].TrimEnd('\r') != FirstLine)
            throw Bad("its first line is not that of a stamp that this version knows");
        var fields = lines.Skip(1).Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Split('=', 2)).Where(p => p.Length == 2).ToLookup(p => p[0], p => p[1]);
        List<Uri> nodes = [.. fields["node"].Select(ParseNode)];
        List<KeyHash> pins = [.. fields["pin"].Select(KeyHash.Parse)];
        List<KeyHash> serverPins = [.. fields["server-pin"].Select(KeyHash.Parse)];
        if (nodes.Count is 0 or > 8 || pins.Count is 0 or > 4 || serverPins.Count is 0 or > 4)
            throw Bad("it names no node, pin and server-pin, or too many");
        return new(nodes, pins, serverPins, One(fields, "site"), One(fields, "language"), One(fields, "phone"), One(fields, "product"));
    }

    private static Uri ParseNode(string value)
        => Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps ? uri : throw Bad("a node is not an https address");

    private static string One(ILookup<string, string> fields, string name)
        => fields[name].Count() == 1 ? fields[name].Single() : throw Bad($"{name} is missing or there twice");

    private static void Line(StringBuilder text, string name, string value)
    {
        if (value.AsSpan().ContainsAny('\n', '\r', '\0'))
            throw new ArgumentException($"A stamp's {name} has no line break.", nameof(value));
        text.Append(CultureInfo.InvariantCulture, $"{name}={value}\n");
    }

    private static ProtocolException Bad(string why) => new(ProtocolFault.BadStamp, $"The stamp is broken: {why}.");
}
