using Mithi.Kernel.Data;

namespace Mithi.Kernel.People;

public readonly record struct OrganisationId(long Value) : IId<OrganisationId>
{
    public static OrganisationId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out OrganisationId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

public readonly record struct PersonId(long Value) : IId<PersonId>
{
    public static PersonId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out PersonId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

public readonly record struct SessionId(long Value) : IId<SessionId>
{
    public static SessionId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out SessionId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

public readonly record struct ApiTokenId(long Value) : IId<ApiTokenId>
{
    public static ApiTokenId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out ApiTokenId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

public readonly record struct EntitlementId(long Value) : IId<EntitlementId>
{
    public static EntitlementId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out EntitlementId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}
