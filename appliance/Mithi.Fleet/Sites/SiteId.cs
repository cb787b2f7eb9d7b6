using Mithi.Kernel.Data;

namespace Mithi.Fleet.Sites;

public readonly record struct SiteId(long Value) : IId<SiteId>
{
    public static SiteId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out SiteId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

public readonly record struct OrderId(long Value) : IId<OrderId>
{
    public static OrderId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out OrderId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}
