using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>How supervisors see and change calendars and the standard promises: each change is a new version, no version ever changes.</summary>
internal sealed class CalendarStore(Db db, ContractStore contracts, Outbox outbox, AuditLog audit)
{
    public Task<IReadOnlyList<CalendarName>> NamesAsync(CancellationToken ct)
        => db.ReadAsync(tx => tx.QueryAsync<CalendarName>("select id, name from calendar order by name"), ct);

    public Task<IReadOnlyList<CalendarLine>> ListAsync(Instant now, CancellationToken ct) => db.ReadAsync<IReadOnlyList<CalendarLine>>(async tx =>
    {
        var uses = (await UsesAsync(tx, now)).ToLookup(u => u.CalendarId);
        var books = await contracts.BooksAsync(tx);
        return [.. books.Calendars.OrderBy(c => c.Value[0].Name, StringComparer.Ordinal).Select(c => (c.Key, c.Value[0].Name, ContractBook.ValidAt(c.Value, now).Calendar))
            .Select(c => new CalendarLine(c.Key, c.Name, c.Calendar.Zone.Id, CalendarForm.Of(c.Calendar, 0, now).Days, uses[c.Key].Count(), c.Calendar.Next(now) is null))];
    }, ct);

    /// <summary>Null when there is no such calendar.</summary>
    public Task<CalendarFacts?> FindAsync(long id, Instant now, CancellationToken ct) => db.ReadAsync(async tx =>
    {
        var rows = await tx.QueryAsync<VersionRow>("""
            select v.version, v.effective_from, v.made_at, v.made_by, v.definition, c.name
            from calendar_version v join calendar c on c.id = v.calendar_id where c.id = @id order by v.version desc
            """, new { id });
        if (rows.Count == 0) return null;
        var uses = (await UsesAsync(tx, now)).Where(u => u.CalendarId == id).Select(u => new CalendarUse(u.OrganisationId > 0 ? u.OrganisationId : null, u.Organisation, u.Name));
        return new CalendarFacts(rows[0].Name, rows[0].Version, CalendarJson.Read(rows[0].Definition), [.. uses],
            [.. rows.Select(r => new CalendarVersionLine(r.Version, r.EffectiveFrom, r.MadeAt, r.MadeBy, LinesOf(CalendarJson.Read(r.Definition))))]);
    }, ct);

    /// <summary>A new calendar that begins as another one; null when the name is taken.</summary>
    public Task<long?> AddAsync(string name, long like, CurrentPerson me, Instant now, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        var id = await tx.QuerySingleOrDefaultAsync<long?>("insert into calendar (name) values (@name) on conflict (name) do nothing returning id", new { name });
        if (id is null) return null;
        await tx.ExecuteAsync("""
            insert into calendar_version (calendar_id, version, effective_from, definition, made_at, made_by)
            select @id, 1, 0, definition, @now, @by from calendar_version where calendar_id = @like order by version desc limit 1
            """, new { id, like, now, by = me.Label });
        await audit.AddAsync(tx, me, "helpdesk.calendar", $"calendar:{id}", name);
        return id;
    }, ct);

    /// <summary>A new version; all open tickets that count by it are counted again right after.</summary>
    /// <param name="seen">The newest version that the editor knew.</param>
    /// <returns>False when somebody else was faster.</returns>
    public Task<bool> SaveAsync(long id, int seen, WorkingCalendar calendar, Instant from, CurrentPerson me, Instant now, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await tx.QuerySingleAsync<int>("select max(version) as version from calendar_version where calendar_id = @id", new { id }) != seen) return false;
        await tx.ExecuteAsync("""
            insert into calendar_version (calendar_id, version, effective_from, definition, made_at, made_by) values (@id, @version, @from, @definition, @now, @by)
            """, new { id, version = seen + 1, from, definition = CalendarJson.Write(calendar), now, by = me.Label });
        await ToldAsync(tx, me, "helpdesk.calendar", $"calendar:{id}", $"version {seen + 1}");
        return true;
    }, ct);

    /// <summary>What is promised to everybody by the newest version, and all versions.</summary>
    public Task<(long Id, ContractVersion Standard, IReadOnlyList<PromiseVersionLine> Versions)> StandardAsync(CancellationToken ct) => db.ReadAsync(async tx =>
    {
        var rows = await tx.QueryAsync<PromiseRow>("select id, effective_from, made_at, made_by from contract where organisation_id = 0 order by id desc limit 50");
        var (books, names) = (await contracts.BooksAsync(tx), (await tx.QueryAsync<CalendarName>("select id, name from calendar")).ToDictionary(c => c.Id, c => c.Name));
        var versions = books.Standard.Reverse().Zip(rows).Select(v => new PromiseVersionLine(v.Second.Id, v.Second.EffectiveFrom, v.Second.MadeAt, v.Second.MadeBy,
            [.. v.First.Targets.OrderBy(t => t.Priority).ThenBy(t => t.Clock).Select(t => $"{t.Priority} {t.Clock}: {t.Minutes} min, {names[t.CalendarId]}")]));
        return (rows[0].Id, books.Standard[^1], (IReadOnlyList<PromiseVersionLine>)[.. versions]);
    }, ct);

    /// <returns>False when somebody else was faster.</returns>
    public Task<bool> SaveStandardAsync(long seen, IReadOnlyList<ContractTarget> targets, bool retroactive, Instant from, CurrentPerson me, Instant now, CancellationToken ct)
        => db.WriteAsync(async tx =>
        {
            if (await tx.QuerySingleAsync<long>("select max(id) as id from contract where organisation_id = 0") != seen) return false;
            var contract = await tx.QuerySingleAsync<long>("""
                insert into contract (organisation_id, effective_from, name, retroactive, made_at, made_by) values (0, @from, 'Standard', @retroactive, @now, @by) returning id
                """, new { from, retroactive, now, by = me.Label });
            foreach (var target in targets)
                await tx.ExecuteAsync("insert into contract_target (contract_id, priority, clock, calendar_id, minutes) values (@contract, @priority, @clock, @CalendarId, @Minutes)",
                    new { contract, priority = target.Priority.ToString(), clock = target.Clock.ToString(), target.CalendarId, target.Minutes });
            await ToldAsync(tx, me, "helpdesk.promises", $"contract:{contract}", "");
            return true;
        }, ct);

    private async Task ToldAsync(Tx tx, CurrentPerson me, string action, string subject, string detail)
    {
        await audit.AddAsync(tx, me, action, subject, detail);
        await outbox.AddAsync(tx, TermsHandler.TopicName, new { });
    }

    /// <summary>The contracts of now and the calendars in them.</summary>
    private static Task<IReadOnlyList<UseRow>> UsesAsync(Tx tx, Instant now) => tx.QueryAsync<UseRow>("""
        select distinct t.calendar_id, c.organisation_id, coalesce(o.name, '') as organisation, c.name
        from contract c join contract_target t on t.contract_id = c.id left join organisation o on o.id = c.organisation_id
        where (c.ends_at is null or c.ends_at > @now) and not exists (select 1 from contract n where n.organisation_id = c.organisation_id
            and n.effective_from <= @now and (n.effective_from > c.effective_from or (n.effective_from = c.effective_from and n.id > c.id)))
        order by organisation, c.name limit 1000
        """, new { now });

    private static IReadOnlyList<string> LinesOf(WorkingCalendar calendar)
        => [calendar.Zone.Id, .. calendar.Windows.OrderBy(d => d.Key).Select(d => $"{d.Key}: {CalendarForm.Text(d.Value)}"), .. calendar.Exceptions.OrderBy(e => e.Date).Select(CalendarForm.Line)];

    private sealed record VersionRow(int Version, Instant EffectiveFrom, Instant MadeAt, string MadeBy, string Definition, string Name);

    private sealed record PromiseRow(long Id, Instant EffectiveFrom, Instant MadeAt, string MadeBy);

    private sealed record UseRow(long CalendarId, long OrganisationId, string Organisation, string Name);
}

/// <param name="Version">Its newest; <paramref name="Calendar"/> is that one.</param>
internal sealed record CalendarFacts(string Name, int Version, WorkingCalendar Calendar, IReadOnlyList<CalendarUse> Uses, IReadOnlyList<CalendarVersionLine> Versions);
