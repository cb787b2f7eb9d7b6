using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Sla;

/// <summary>What everybody was promised when: one book for each organisation, made when it is first asked for. For one thread.</summary>
/// <param name="contracts">By organisation, in order of time; the standard one's number is 0.</param>
internal sealed class ContractBooks(ILookup<long, ContractVersion> contracts, IReadOnlyDictionary<long, IReadOnlyList<CalendarVersion>> calendars)
{
    private readonly Dictionary<long, ContractBook> made = [];

    /// <summary>The versions of each, by number.</summary>
    public IReadOnlyDictionary<long, IReadOnlyList<CalendarVersion>> Calendars => calendars;

    /// <summary>The standard contract's versions, in order.</summary>
    public IReadOnlyList<ContractVersion> Standard { get; } = [.. contracts[0]];

    /// <summary>As if a calendar had this version too, and it were the newest.</summary>
    public ContractBooks With(long calendar, CalendarVersion version) => new(contracts,
        calendars.ToDictionary(c => c.Key, c => c.Key == calendar ? [.. c.Value, version] : c.Value));

    /// <summary>As if the standard contract had this version too, and it were the newest.</summary>
    public ContractBooks With(ContractVersion version) => new(contracts.SelectMany(c => c.Select(v => (c.Key, Version: v))).Append((Key: 0L, Version: version))
        .ToLookup(c => c.Key, c => c.Version), calendars);

    public ContractBook Of(OrganisationId? organisation)
    {
        // Who has nothing of his own shares the standard book.
        var id = organisation is { } given && contracts.Contains(given.Value) ? given.Value : 0;
        if (made.TryGetValue(id, out var known)) return known;
        ContractVersion[] own = id == 0 ? [] : [.. contracts[id]];
        var used = Standard.Concat(own).SelectMany(c => c.Targets).Select(t => t.CalendarId).ToHashSet();
        return made[id] = new(Standard, own, calendars.Where(c => used.Contains(c.Key)).ToDictionary());
    }
}
