using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Sla;

/// <summary>What everybody was promised when: one book for each organisation, made when it is first asked for. For one thread.</summary>
/// <param name="contracts">By organisation, in order of time; the standard one's number is 0.</param>
internal sealed class ContractBooks(ILookup<long, ContractVersion> contracts, IReadOnlyDictionary<long, IReadOnlyList<CalendarVersion>> calendars)
{
    private readonly Dictionary<long, ContractBook> made = [];

    /// <summary>The versions of each, by number.</summary>
    public IReadOnlyDictionary<long, IReadOnlyList<CalendarVersion>> Calendars => calendars;

    public ContractBook Of(OrganisationId? organisation)
    {
        // Who has nothing of his own shares the standard book.
        var id = organisation is { } given && contracts.Contains(given.Value) ? given.Value : 0;
        if (made.TryGetValue(id, out var known)) return known;
        ContractVersion[] standard = [.. contracts[0]];
        ContractVersion[] own = id == 0 ? [] : [.. contracts[id]];
        var used = standard.Concat(own).SelectMany(c => c.Targets).Select(t => t.CalendarId).ToHashSet();
        return made[id] = new(standard, own, calendars.Where(c => used.Contains(c.Key)).ToDictionary());
    }
}
