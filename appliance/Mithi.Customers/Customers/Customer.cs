using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Customers.Customers;

public readonly record struct SubscriptionId(long Value) : IId<SubscriptionId>
{
    public static SubscriptionId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out SubscriptionId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>A product at a customer's site, as the site told it.</summary>
public sealed record Installation(
    OrganisationId OrganisationId, long SiteId, string Product, string Version, Instant FirstAt, Instant ChangedAt);

/// <summary>How urgent a ticket is; a subscription promises by it.</summary>
public enum Priority { P1, P2, P3, P4 }

/// <summary>What is promised for a priority, in working minutes of the subscription's calendar.</summary>
/// <param name="NextResponseMinutes">To a message after the first response; null: nothing.</param>
public sealed record Target(Priority Priority, int ResponseMinutes, int ResolutionMinutes, int? NextResponseMinutes = null);

/// <summary>What was agreed with a customer.</summary>
/// <param name="Calendar">The helpdesk's name of the working hours, such as "12x6".</param>
/// <param name="Retroactive">A change of it counts the time before by the new calendar too.</param>
/// <param name="UntilDate">The last day; it counts through its last moment in <paramref name="TimeZone"/>.</param>
public sealed record Subscription(
    SubscriptionId Id, OrganisationId OrganisationId, string Plan, string Calendar, bool Hotline, bool Retroactive, LocalDate UntilDate, string TimeZone,
    Instant CreatedAt, int Revision)
{
    public IReadOnlyList<Target> Targets { get; init; } = [];

    public Instant EndsAt => (Zones.Find(TimeZone) ?? DateTimeZone.Utc).AtStartOfDay(UntilDate.PlusDays(1)).ToInstant();

    public Agreement ToAgreement() => new(Plan, Calendar, Hotline, EndsAt,
        [.. Targets.Select(t => new AgreedTarget(t.Priority.ToString(), t.ResponseMinutes, t.ResolutionMinutes, t.NextResponseMinutes))], Retroactive);
}

/// <summary>One saved state of a setup document.</summary>
public sealed record Setup(int Revision, string Body, string Note, string AuthorName, Instant SavedAt);

/// <summary>A saved state without its text, for the history.</summary>
public sealed record SetupEntry(int Revision, string Note, string AuthorName, Instant SavedAt);

/// <summary>A line of the list of customers.</summary>
/// <param name="NextExpiry">The next end of a subscription or entitlement that is not over; null when there is none.</param>
public sealed record CustomerLine(Organisation Organisation, IReadOnlyList<string> Installed, LocalDate? NextExpiry);

/// <summary>All that a customer's page shows.</summary>
public sealed record CustomerFacts(
    Organisation Organisation, IReadOnlyList<Installation> Installations, IReadOnlyList<Subscription> Subscriptions,
    IReadOnlyList<Entitlement> Entitlements, Setup? Setup);

/// <summary>What became of a change.</summary>
public abstract record CustomerResult
{
    private CustomerResult() { }

    public sealed record Saved : CustomerResult;

    /// <summary>Somebody else changed it since the form was shown.</summary>
    /// <param name="Revision">The present one.</param>
    public sealed record Stale(int Revision) : CustomerResult;

    /// <summary>There are as many as there may be.</summary>
    public sealed record TooMany : CustomerResult;

    /// <summary>Not there, or out of reach of who asks.</summary>
    public sealed record Missing : CustomerResult;
}
