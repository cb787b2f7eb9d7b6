using System.Globalization;
using System.Net;
using System.Numerics;

namespace Mithi.Site.Probe;

/// <summary>What DHCP gave a card, as the medium's udhcpc script wrote it down.</summary>
internal sealed record Lease(string Address, string? Gateway, IReadOnlyList<string> NameServers)
{
    /// <summary>Null when there is none, or none that can be understood.</summary>
    public static Lease? Read(string file)
    {
        if (!File.Exists(file)) return null;
        var values = File.ReadLines(file).Take(16).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.Last()[1]);
        if (!IPAddress.TryParse(values.GetValueOrDefault("ip"), out var ip)) return null;
        return new(
            $"{ip}/{PrefixLength(values.GetValueOrDefault("mask"))}",
            Words(values.GetValueOrDefault("router")).FirstOrDefault(),
            Words(values.GetValueOrDefault("dns")));
    }

    private static int PrefixLength(string? mask)
        => int.TryParse(mask, CultureInfo.InvariantCulture, out var bits) ? bits
            : IPAddress.TryParse(mask, out var dotted) ? dotted.GetAddressBytes().Sum(part => BitOperations.PopCount(part)) : 24;

    private static string[] Words(string? text)
        => [.. (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => IPAddress.TryParse(word, out _))];
}
