using System.Globalization;

namespace Mithi.Kernel.Data;

/// <summary>Ids in addresses and forms: positive decimal numbers without sign, space or leading zero.</summary>
public static class IdText
{
    public static string Format(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static bool TryParse<T>(string? text, out T id) where T : struct, IId<T>
    {
        id = default;
        if (text is not { Length: > 0 and < 19 } || text[0] is < '1' or > '9') return false;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return false;
        id = T.Of(value);
        return true;
    }
}
