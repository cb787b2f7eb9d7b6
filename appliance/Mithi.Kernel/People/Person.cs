using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Somebody who can sign in.</summary>
/// <param name="Language">"en" or "hi"; empty: what the browser asks for.</param>
/// <param name="TimeZone">An IANA name; empty: the organisation's.</param>
/// <param name="Revision">Shown in forms; a change against an old one is refused.</param>
public sealed record Person(
    PersonId Id, OrganisationId OrganisationId, string OrganisationName, OrganisationKind OrganisationKind, Role Role,
    string Name, string Email, string Language, string TimeZone, bool Disabled, Instant CreatedAt, Instant LastSeenAt,
    int Revision)
{
    public bool WasSeen => LastSeenAt > Instant.FromUnixTimeMilliseconds(0);
}

/// <summary>What a form or an import says of a person.</summary>
public sealed record PersonDraft(OrganisationId OrganisationId, Role Role, string Name, string Email, string Language = "", string TimeZone = "");

/// <summary>What became of a new or changed person.</summary>
public abstract record PersonResult
{
    private PersonResult() { }

    public sealed record Saved(PersonId Id) : PersonResult;

    public sealed record EmailTaken : PersonResult;

    public sealed record Stale(Person Current) : PersonResult;

    /// <summary>Not there, or out of reach of who asks.</summary>
    public sealed record Missing : PersonResult;

    /// <summary>Who asks may not give, or take away, this role here.</summary>
    public sealed record RoleRefused : PersonResult;

    /// <summary>The node would be left without anybody who can manage it.</summary>
    public sealed record LastAdministrator : PersonResult;
}
