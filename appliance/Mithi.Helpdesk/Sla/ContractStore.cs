using System.Collections.Concurrent;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>Calendars and contracts. All SQL of theirs is here.</summary>
internal sealed class ContractStore
{
    // A version never changes, so what was read once is read for ever; a calendar is a few kilobytes.
    private readonly ConcurrentDictionary<(long, long), WorkingCalendar> known = new();

    /// <summary>What this organisation was promised when; the contract of everybody where it has none of its own.</summary>
    /// <exception cref="CalendarException">A calendar in the database can't be read.</exception>
    public async Task<ContractBook> BookAsync(Tx tx, OrganisationId? organisation)
    {
        var contracts = await tx.QueryAsync<ContractRow>("""
            select id, effective_from, name from contract
            where organisation_id = coalesce((select max(organisation_id) from contract where organisation_id = @organisation), 0)
            order by effective_from, id
            """, new { organisation = organisation?.Value ?? 0 });
        var targets = await tx.QueryAsync<ContractTarget>("""
            select t.contract_id, t.priority, t.clock, t.calendar_id, t.minutes from contract_target t
            join contract c on c.id = t.contract_id
            where c.organisation_id = coalesce((select max(organisation_id) from contract where organisation_id = @organisation), 0)
            """, new { organisation = organisation?.Value ?? 0 });
        var versions = await tx.QueryAsync<VersionRow>("""
            select v.calendar_id, v.version, c.name, v.effective_from, v.definition
            from calendar_version v join calendar c on c.id = v.calendar_id order by v.calendar_id, v.effective_from, v.version
            """);
        var used = targets.Select(t => t.CalendarId).ToHashSet();
        return new(
            [.. contracts.Select(c => new ContractVersion(c.EffectiveFrom, c.Name, [.. targets.Where(t => t.ContractId == c.Id)]))],
            versions.Where(v => used.Contains(v.CalendarId)).GroupBy(v => v.CalendarId).ToDictionary(v => v.Key,
                v => (IReadOnlyList<CalendarVersion>)[.. v.Select(r => new CalendarVersion(r.Name, r.EffectiveFrom,
                    known.GetOrAdd((r.CalendarId, r.Version), _ => CalendarJson.Read(r.Definition))))]));
    }

    private sealed record ContractRow(long Id, Instant EffectiveFrom, string Name);

    private sealed record VersionRow(long CalendarId, long Version, string Name, Instant EffectiveFrom, string Definition);
}
