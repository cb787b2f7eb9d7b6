using System.Collections.Concurrent;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>Calendars and contracts. All SQL of theirs is here.</summary>
internal sealed class ContractStore(Db db) : IWorkingCalendars
{
    // What a hotline means for the most urgent tickets.
    private const string AroundTheClock = "24x7";

    // A version never changes, so what was read once is read for ever; a calendar is a few kilobytes.
    private readonly ConcurrentDictionary<(long, long), WorkingCalendar> known = new();

    /// <summary>What this organisation was promised when; the standard contract where it has none of its own.</summary>
    /// <exception cref="CalendarException">A calendar in the database can't be read.</exception>
    public async Task<ContractBook> BookAsync(Tx tx, OrganisationId? organisation)
        => (await BooksAsync(tx, organisation?.Value ?? 0)).Of(organisation);

    /// <summary>What everybody was promised when.</summary>
    /// <inheritdoc cref="BookAsync"/>
    public Task<ContractBooks> BooksAsync(Tx tx) => BooksAsync(tx, -1);

    /// <param name="only">This organisation's beside the standard contract; below zero, those of all.</param>
    private async Task<ContractBooks> BooksAsync(Tx tx, long only)
    {
        var contracts = await tx.QueryAsync<ContractRow>("""
            select id, organisation_id, effective_from, ends_at, name, retroactive from contract
            where organisation_id = 0 or organisation_id = @only or @only < 0
            order by case when organisation_id = 0 then 0 else effective_from end, id
            """, new { only });
        var targets = (await tx.QueryAsync<ContractTarget>("""
            select t.contract_id, t.priority, t.clock, t.calendar_id, t.minutes from contract_target t
            join contract c on c.id = t.contract_id where c.organisation_id = 0 or c.organisation_id = @only or @only < 0
            """, new { only })).ToLookup(t => t.ContractId);
        var versions = await tx.QueryAsync<VersionRow>("""
            select v.calendar_id, v.version, c.name, v.effective_from, v.definition
            from calendar_version v join calendar c on c.id = v.calendar_id order by v.calendar_id, v.version
            """);
        return new(contracts.ToLookup(c => c.OrganisationId, c => new ContractVersion(c.EffectiveFrom, c.EndsAt, c.Name, [.. targets[c.Id]], c.Retroactive)),
            versions.GroupBy(v => v.CalendarId).ToDictionary(v => v.Key, v => (IReadOnlyList<CalendarVersion>)[.. v.Select(r => new CalendarVersion(
                r.Name, r.EffectiveFrom, known.GetOrAdd((r.CalendarId, r.Version), _ => CalendarJson.Read(r.Definition))))]));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<string>("select name from calendar order by name"), ct);

    /// <summary>Adds what an organisation is promised from now on.</summary>
    /// <param name="ruling">Null: nothing of its own any more.</param>
    /// <param name="source">Of the message; a second one adds nothing.</param>
    /// <returns>False when it was there already.</returns>
    /// <exception cref="JobException">A calendar is not known.</exception>
    public static async Task<bool> AddAsync(Tx tx, OrganisationId organisation, Instant from, Agreement? ruling, string source)
    {
        var id = await tx.QuerySingleOrDefaultAsync<long?>("""
            insert into contract (organisation_id, effective_from, ends_at, name, retroactive, made_at, source)
            values (@organisation, @from, @ends, @name, @retroactive, @from, @source)
            on conflict (source) where source <> '' do nothing returning id
            """, new { organisation, from, ends = ruling?.EndsAt ?? from, name = ruling?.Plan ?? "", retroactive = ruling?.Retroactive ?? false, source });
        if (id is not { } contract) return false;
        foreach (var target in ruling?.Targets ?? [])
        {
            var calendar = await CalendarAsync(tx, ruling!.Hotline && target.Priority == nameof(Priority.P1) ? AroundTheClock : ruling.Calendar);
            foreach (var (clock, minutes) in new (ClockKind, int?)[] { (ClockKind.FirstResponse, target.ResponseMinutes),
                (ClockKind.NextResponse, target.NextResponseMinutes), (ClockKind.Resolution, target.ResolutionMinutes) })
                if (minutes is not null) await tx.ExecuteAsync("""
                    insert into contract_target (contract_id, priority, clock, calendar_id, minutes)
                    values (@contract, @Priority, @clock, @calendar, @minutes)
                    """, new { contract, target.Priority, clock = clock.ToString(), calendar, minutes });
        }
        return true;
    }

    /// <summary>Calendars that open at no time from now on.</summary>
    public Task<IReadOnlyList<string>> NeverOpenAsync(Instant now, CancellationToken ct) => db.ReadAsync<IReadOnlyList<string>>(async tx =>
        [.. (await BooksAsync(tx)).Calendars.Values.Where(v => ContractBook.ValidAt(v, now).Calendar.Next(now) is null).Select(v => v[0].Name).Order()], ct);

    private static async Task<long> CalendarAsync(Tx tx, string name)
        => await tx.QuerySingleOrDefaultAsync<long?>("select id from calendar where name = @name", new { name })
            ?? throw JobException.GiveUp($"There is no calendar '{name}'. Choose another one in the customer's subscription.");

    private sealed record ContractRow(long Id, long OrganisationId, Instant EffectiveFrom, Instant? EndsAt, string Name, bool Retroactive);

    private sealed record VersionRow(long CalendarId, long Version, string Name, Instant EffectiveFrom, string Definition);
}
