using Mithi.Cli;
using Mithi.Helpdesk.Tickets;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>What one organisation was promised when: the versions of its contract and of the calendars in them.</summary>
internal sealed class ContractBook(IReadOnlyList<ContractVersion> contracts, IReadOnlyDictionary<long, IReadOnlyList<CalendarVersion>> calendars)
{
    public string NameAt(Instant at) => ContractAt(at).Name;

    /// <summary>The name of the calendar by which a clock counts.</summary>
    public string CalendarNameAt(ClockKind clock, Priority priority, Instant at)
        => calendars[ContractAt(at).Target(priority, clock).CalendarId][0].Name;

    /// <summary>The terms of a clock: a new one begins with each change of priority, contract or calendar.</summary>
    /// <param name="priorities">By time; the first is that of the opening.</param>
    public IReadOnlyList<ClockTerm> Terms(ClockKind clock, IReadOnlyList<(Instant From, Priority Priority)> priorities)
    {
        var start = priorities[0].From;
        var changes = priorities.Select(p => p.From).Concat(contracts.Select(c => c.EffectiveFrom))
            .Concat(calendars.Values.SelectMany(v => v).Select(v => v.EffectiveFrom))
            .Where(at => at >= start).Distinct().Order();
        var terms = new List<ClockTerm>();
        foreach (var at in changes)
        {
            var target = ContractAt(at).Target(priorities.Last(p => p.From <= at).Priority, clock);
            var term = new ClockTerm(at, CalendarAt(target.CalendarId, at), Duration.FromMinutes(target.Minutes));
            if (terms.Count == 0 || terms[^1].Calendar != term.Calendar || terms[^1].Target != term.Target) terms.Add(term);
        }
        return terms;
    }

    private ContractVersion ContractAt(Instant at) => contracts.LastOrDefault(c => c.EffectiveFrom <= at) ?? contracts[0];

    private WorkingCalendar CalendarAt(long id, Instant at)
    {
        Check.That(calendars.ContainsKey(id));
        var versions = calendars[id];
        return (versions.LastOrDefault(v => v.EffectiveFrom <= at) ?? versions[0]).Calendar;
    }
}

/// <param name="Targets">One for each priority and clock.</param>
internal sealed record ContractVersion(Instant EffectiveFrom, string Name, IReadOnlyList<ContractTarget> Targets)
{
    public ContractTarget Target(Priority priority, ClockKind clock) => Targets.Single(t => t.Priority == priority && t.Clock == clock);
}

internal sealed record ContractTarget(long ContractId, Priority Priority, ClockKind Clock, long CalendarId, int Minutes);

internal sealed record CalendarVersion(string Name, Instant EffectiveFrom, WorkingCalendar Calendar);
