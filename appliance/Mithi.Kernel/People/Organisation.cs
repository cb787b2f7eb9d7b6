using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>What an organisation is to this node. Stored by name.</summary>
public enum OrganisationKind
{
    /// <summary>Whoever makes the product and runs the top of the tree. Its people are the staff.</summary>
    Vendor,
    /// <summary>Serves customers of its own.</summary>
    Partner,
    Customer,
}

/// <summary>The vendor, a partner or a customer.</summary>
/// <param name="PartnerId">Who serves it; null: the vendor itself.</param>
/// <param name="TimeZone">An IANA name; clocks and contracts end by it.</param>
/// <param name="Revision">Shown in forms; a change against an old one is refused.</param>
public sealed record Organisation(
    OrganisationId Id, OrganisationKind Kind, string Name, OrganisationId? PartnerId, string PartnerName, string TimeZone,
    bool Disabled, Instant CreatedAt, int Revision)
{
    public DateTimeZone Zone => Zones.Find(TimeZone) ?? DateTimeZone.Utc;
}

/// <summary>What a form or an import says of an organisation.</summary>
public sealed record OrganisationDraft(OrganisationKind Kind, string Name, OrganisationId? PartnerId, string TimeZone);

/// <summary>What became of a new or changed organisation.</summary>
public abstract record OrganisationResult
{
    private OrganisationResult() { }

    public sealed record Saved(OrganisationId Id) : OrganisationResult;

    public sealed record NameTaken : OrganisationResult;

    /// <summary>Somebody else changed it since the form was shown.</summary>
    public sealed record Stale(Organisation Current) : OrganisationResult;

    /// <summary>Not there, or out of reach of who asks.</summary>
    public sealed record Missing : OrganisationResult;
}

/// <summary>A page of a list and what lies around it.</summary>
/// <param name="Total">Of all pages.</param>
/// <param name="Page">From 1.</param>
public sealed record Listing<T>(IReadOnlyList<T> Rows, long Total, int Page, int PageRows)
{
    public int Pages => (int)Math.Max(1, (Total + PageRows - 1) / PageRows);
}
