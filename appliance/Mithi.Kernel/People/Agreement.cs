using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>What was agreed with an organisation changed: told in the outbox by whoever keeps agreements, heard by whoever counts by them.</summary>
/// <param name="At">From when on this holds; it takes the place of all that was told before.</param>
/// <param name="Agreements">All that there are, also those that are over.</param>
public sealed record AgreementsChanged(OrganisationId OrganisationId, Instant At, IReadOnlyList<Agreement> Agreements)
{
    public const string Topic = "subscription.changed";
}

/// <summary>One agreement.</summary>
/// <param name="Calendar">The name of one of <see cref="IWorkingCalendars"/>.</param>
/// <param name="Hotline">The most urgent promise counts around the clock.</param>
/// <param name="EndsAt">The first moment when it no longer holds.</param>
/// <param name="Retroactive">When it changes, the time before counts by the new calendar too.</param>
/// <param name="Targets">Where a priority is missing, the standard promise holds.</param>
public sealed record Agreement(string Plan, string Calendar, bool Hotline, Instant EndsAt, IReadOnlyList<AgreedTarget> Targets, bool Retroactive = false)
{
    /// <summary>The one rule of what is agreed at a moment, for promises, the hotline and whoever shows it: of several that run, the one that ends last.</summary>
    /// <returns>Null: nothing is agreed, the standard promises hold.</returns>
    public static Agreement? Ruling(IEnumerable<Agreement> agreements, Instant at) => agreements.Where(a => at < a.EndsAt).MaxBy(a => a.EndsAt);
}

/// <param name="Priority">P1 to P4.</param>
/// <param name="ResponseMinutes">Of working time, like the other.</param>
/// <param name="NextResponseMinutes">To a message after the first response; null: nothing is promised.</param>
public sealed record AgreedTarget(string Priority, int ResponseMinutes, int ResolutionMinutes, int? NextResponseMinutes = null);

/// <summary>The calendars that promises can count by. The helpdesk has them.</summary>
public interface IWorkingCalendars
{
    /// <summary>Their names, in order.</summary>
    Task<IReadOnlyList<string>> NamesAsync(CancellationToken ct);
}
