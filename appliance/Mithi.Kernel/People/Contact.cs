using Mithi.Kernel.Data;
using Mithi.Kernel.Settings;
using NodaTime;

namespace Mithi.Kernel.People;

public readonly record struct ContactId(long Value) : IId<ContactId>
{
    public static ContactId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out ContactId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>Whom one talks to at an organisation.</summary>
/// <param name="PersonId">Null: somebody without an account.</param>
/// <param name="Title">What he does there.</param>
public sealed record Contact(
    ContactId Id, OrganisationId OrganisationId, PersonId? PersonId, string Name, string Title, Instant CreatedAt, int Revision)
{
    public IReadOnlyList<string> Phones { get; init; } = [];

    public IReadOnlyList<string> Emails { get; init; } = [];
}

/// <summary>What a form says of a contact; the caller has checked it.</summary>
public sealed record ContactDraft(string Name, string Title, IReadOnlyList<string> Phones, IReadOnlyList<string> Emails);

/// <summary>What became of a change.</summary>
public abstract record ContactResult
{
    private ContactResult() { }

    public sealed record Saved(ContactId Id) : ContactResult;

    /// <summary>Somebody else changed it since the form was shown.</summary>
    public sealed record Stale(Contact Current) : ContactResult;

    /// <summary>There are as many as there may be.</summary>
    public sealed record TooMany : ContactResult;

    /// <summary>Not there, or out of reach of who asks.</summary>
    public sealed record Missing : ContactResult;
}

/// <summary>Somebody who may be calling: a contact, a person with an account, or an organisation of that name.</summary>
/// <param name="ContactId">Null where he is known by his account alone.</param>
/// <param name="Name">Empty: the organisation itself was found.</param>
/// <param name="Phone">The number by which he was found; empty otherwise.</param>
public sealed record PossibleCaller(
    OrganisationId OrganisationId, string OrganisationName, ContactId? ContactId, PersonId? PersonId, string Name, string Email, string Phone);

/// <summary>How numbers of phones are read.</summary>
public static class ContactSettings
{
    public static readonly Setting Country = new()
    {
        Key = "people.phone-country", Group = "Phone numbers", Title = "Country code", Default = "91", Required = true,
        Help = "Numbers that are written without a country's code are read as numbers of this country.",
        Check = code => code.Length is >= 1 and <= 3 && code[0] != '0' && code.All(char.IsAsciiDigit) ? null : "Give the digits of a country's code, like 91.",
    };

    public static IReadOnlyList<Setting> All { get; } = [Country];
}
