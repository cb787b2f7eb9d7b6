using Mithi.Cli;
using Mithi.Helpdesk.Tickets;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>What one organisation was promised when: the versions of its contract, of the standard one, and of the calendars in them.</summary>
/// <remarks>For one thread.</remarks>
/// <param name="standard">Of everybody; there is always one.</param>
/// <param name="own">Of this organisation, by time; where none holds, the standard one does.</param>
internal sealed class ContractBook(IReadOnlyList<ContractVersion> standard, IReadOnlyList<ContractVersion> own,
    IReadOnlyDictionary<long, IReadOnlyList<CalendarVersion>> calendars)
{
    public string NameAt(Instant at) => ContractAt(at).Name;

    // A moment at which what is promised may change, in order.
    private readonly Instant[] changes = [.. standard.Select(c => c.EffectiveFrom)
        .Concat(own.Select(c => c.EffectiveFrom)).Concat(own.Select(c => c.EndsAt).OfType<Instant>())
        .Concat(calendars.Values.SelectMany(v => v).Select(v => v.EffectiveFrom)).Distinct().Order()];

    private readonly HashSet<Instant> agreements = [.. standard.Select(c => c.EffectiveFrom),
        .. own.Select(c => c.EffectiveFrom), .. own.Select(c => c.EndsAt).OfType<Instant>()];

    /// <summary>The name of the calendar by which a clock counts.</summary>
    public string CalendarNameAt(ClockKind clock, Priority priority, Instant at) => calendars[TargetAt(clock, priority, at).CalendarId][0].Name;

    // Where the priority never changed, all clocks that began between the same two changes have the same terms.
    private readonly Dictionary<(ClockKind, Priority, int), IReadOnlyList<ClockTerm>> known = [];

    /// <summary>The terms of a clock: a new one begins with each change of priority, contract or calendar. The first holds from the start on, whatever it says.</summary>
    /// <param name="priorities">By time; the first is that of the opening.</param>
    public IReadOnlyList<ClockTerm> Terms(ClockKind clock, Instant start, IReadOnlyList<PriorityFrom> priorities)
    {
        if (priorities.Count > 1) return Make(clock, start, priorities);
        var place = Array.BinarySearch(changes, start);
        var key = (clock, priorities[0].Priority, place < 0 ? ~place : place + 1);
        return known.TryGetValue(key, out var terms) ? terms : known[key] = Make(clock, start, priorities);
    }

    private List<ClockTerm> Make(ClockKind clock, Instant start, IReadOnlyList<PriorityFrom> priorities)
    {
        var terms = new List<ClockTerm>();
        foreach (var at in changes.Concat(priorities.Select(p => p.From)).Where(at => at > start).Distinct().Order().Prepend(start))
        {
            var (calendar, minutes) = TargetAt(clock, priorities.Last(p => p.From <= at).Priority, at);
            // What was not promised when it was asked for is not promised by the end of an agreement.
            if (terms is [.., { Target: null }] && HasFallenBack(at)) minutes = null;
            // An edited calendar never counts what was before it; a new agreement or priority may.
            var isRetroactive = terms.Count > 0 && ContractAt(at).Retroactive && (agreements.Contains(at) || priorities.Any(p => p.From == at));
            var term = new ClockTerm(at, CalendarAt(calendar, at), minutes is { } promised ? Duration.FromMinutes(promised) : null, isRetroactive);
            if (terms.Count == 0 || isRetroactive || terms[^1].Calendar != term.Calendar || terms[^1].Target != term.Target) terms.Add(term);
        }
        return terms;
    }

    // The last change that was told decides, also when what it says is over: nothing older comes to life again.
    private ContractVersion ContractAt(Instant at)
        => own.LastOrDefault(c => c.EffectiveFrom <= at) is { } last && (last.EndsAt is not { } end || at < end) ? last : StandardAt(at);

    private bool HasFallenBack(Instant at) => own.LastOrDefault(c => c.EffectiveFrom <= at) is { EndsAt: { } end } && end <= at;

    // Versions of the standard contract are in the order in which they were made: the newest rules from its beginning on.
    private ContractVersion StandardAt(Instant at) => standard.LastOrDefault(c => c.EffectiveFrom <= at) ?? standard[0];

    // A contract that says nothing about a priority leaves it at the standard promise. Only the next response may be left out:
    // then nothing is promised, and the time is counted by the calendar of the first.
    private (long CalendarId, int? Minutes) TargetAt(ClockKind clock, Priority priority, Instant at)
    {
        var contract = ContractAt(at);
        if (contract.Target(priority, ClockKind.FirstResponse) is null) contract = StandardAt(at);
        return contract.Target(priority, clock) is { } target ? (target.CalendarId, target.Minutes)
            : (contract.Target(priority, ClockKind.FirstResponse)!.CalendarId, null);
    }

    private WorkingCalendar CalendarAt(long id, Instant at)
    {
        Check.That(calendars.ContainsKey(id));
        return ValidAt(calendars[id], at).Calendar;
    }

    /// <summary>The newest version rules from its beginning on, also over an older one that was to begin later.</summary>
    public static CalendarVersion ValidAt(IReadOnlyList<CalendarVersion> versions, Instant at) => versions.LastOrDefault(v => v.EffectiveFrom <= at) ?? versions[0];
}

/// <param name="EndsAt">The first moment when it no longer holds; null: until the next version.</param>
/// <param name="Targets">The standard contract has a first response and a resolution for each priority.</param>
/// <param name="Retroactive">A change to it, or of priority under it, counts the time before by the new calendar too.</param>
internal sealed record ContractVersion(Instant EffectiveFrom, Instant? EndsAt, string Name, IReadOnlyList<ContractTarget> Targets, bool Retroactive = false)
{
    public ContractTarget? Target(Priority priority, ClockKind clock) => Targets.SingleOrDefault(t => t.Priority == priority && t.Clock == clock);
}

internal sealed record ContractTarget(long ContractId, Priority Priority, ClockKind Clock, long CalendarId, int Minutes);

internal sealed record CalendarVersion(string Name, Instant EffectiveFrom, WorkingCalendar Calendar);
