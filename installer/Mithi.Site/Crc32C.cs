using System.Numerics;

namespace Mithi.Site;

/// <summary>The checksum of both journals: it finds what a power cut tore. RFC 3720, appendix B.4; no protection from an attacker.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
