using Mithi.Cli;
using Mithi.Helpdesk.Tickets;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>What one organisation was promised when: the versions of its contract, of the standard one, and of the calendars in them.</summary>
/// <param name="standard">Of everybody; there is always one.</param>
/// <param name="own">Of this organisation, by time; where none holds, the standard one does.</param>
internal sealed class ContractBook(IReadOnlyList<ContractVersion> standard, IReadOnlyList<ContractVersion> own,
    IReadOnlyDictionary<long, IReadOnlyList<CalendarVersion>> calendars)
{
    public string NameAt(Instant at) => ContractAt(at).Name;

    /// <summary>The name of the calendar by which a clock counts.</summary>
    public string CalendarNameAt(ClockKind clock, Priority priority, Instant at)
        => calendars[TargetAt(clock, priority, at).CalendarId][0].Name;

    /// <summary>The terms of a clock: a new one begins with each change of priority, contract or calendar.</summary>
    /// <param name="priorities">By time; the first is that of the opening.</param>
    public IReadOnlyList<ClockTerm> Terms(ClockKind clock, IReadOnlyList<(Instant From, Priority Priority)> priorities)
    {
        var start = priorities[0].From;
        var changes = priorities.Select(p => p.From).Concat(standard.Select(c => c.EffectiveFrom))
            .Concat(own.Select(c => c.EffectiveFrom)).Concat(own.Select(c => c.EndsAt).OfType<Instant>())
            .Concat(calendars.Values.SelectMany(v => v).Select(v => v.EffectiveFrom))
            .Where(at => at >= start).Distinct().Order();
        var terms = new List<ClockTerm>();
        foreach (var at in changes)
        {
            var target = TargetAt(clock, priorities.Last(p => p.From <= at).Priority, at);
            var term = new ClockTerm(at, CalendarAt(target.CalendarId, at), Duration.FromMinutes(target.Minutes));
            if (terms.Count == 0 || terms[^1].Calendar != term.Calendar || terms[^1].Target != term.Target) terms.Add(term);
        }
        return terms;
    }

    // The last change that was told decides, also when what it says is over: nothing older comes to life again.
    private ContractVersion ContractAt(Instant at)
        => own.LastOrDefault(c => c.EffectiveFrom <= at) is { } last && (last.EndsAt is not { } end || at < end) ? last : StandardAt(at);

    private ContractVersion StandardAt(Instant at) => standard.LastOrDefault(c => c.EffectiveFrom <= at) ?? standard[0];

    // A contract that says nothing about a priority leaves it at the standard promise.
    private ContractTarget TargetAt(ClockKind clock, Priority priority, Instant at)
        => ContractAt(at).Target(priority, clock) ?? StandardAt(at).Target(priority, clock)!;

    private WorkingCalendar CalendarAt(long id, Instant at)
    {
        Check.That(calendars.ContainsKey(id));
        var versions = calendars[id];
        return (versions.LastOrDefault(v => v.EffectiveFrom <= at) ?? versions[0]).Calendar;
    }
}

/// <param name="EndsAt">The first moment when it no longer holds; null: until the next version.</param>
/// <param name="Targets">The standard contract has one for each priority and clock.</param>
internal sealed record ContractVersion(Instant EffectiveFrom, Instant? EndsAt, string Name, IReadOnlyList<ContractTarget> Targets)
{
    public ContractTarget? Target(Priority priority, ClockKind clock) => Targets.SingleOrDefault(t => t.Priority == priority && t.Clock == clock);
}

internal sealed record ContractTarget(long ContractId, Priority Priority, ClockKind Clock, long CalendarId, int Minutes);

internal sealed record CalendarVersion(string Name, Instant EffectiveFrom, WorkingCalendar Calendar);
