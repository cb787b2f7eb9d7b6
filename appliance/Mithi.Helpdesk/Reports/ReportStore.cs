using System.Globalization;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Reports;

/// <summary>Counts tickets for reports, within the reach of who asks.</summary>
internal sealed class ReportStore(Db db, TimeProvider time)
{
    /// <summary>One read of each kind of ticket, added up here: a median needs every one of them anyway.</summary>
    public Task<Report> ReportAsync(ReportQuery query, CurrentPerson me, CancellationToken ct) => db.ReadAsync(async tx =>
    {
        var reach = me.Reach(Permission.ReportRead);
        var within = reach.NarrowSql("t.organisation_id", "t.requester_id") + (query.Organisation is null ? "" : " and t.organisation_id = @organisation");
        var values = new
        {
            reach.All, reach.Home, reach.Partner, reach.Me, organisation = query.Organisation?.Value ?? 0, now = time.GetCurrentInstant(),
            from = query.Period.Start(me.Zone), until = query.Period.End(me.Zone),
        };
        var key = Groupings.Key(query.By);
        var groups = new Dictionary<string, ReportCount>(StringComparer.Ordinal);
        foreach (var row in await tx.QueryAsync<OpenedRow>($"""
            select {key} as key, {Measures.Bits(Measures.OfOpened)} as bits, f.response_used, f.next_used
            from ticket t join ticket_fact f on f.ticket_id = t.id where {within} and {Measures.Among(Measure.Opened)}
            """, values))
        {
            var group = Group(row.Key);
            group.Add(Measures.OfOpened, row.Bits);
            group.Took(row.ResponseUsed, row.NextUsed, null);
        }
        IReadOnlyList<Measure> resolved = me.May(Permission.TicketNote) ? [.. Measures.OfResolved, Measure.PingPong] : Measures.OfResolved;
        foreach (var row in await tx.QueryAsync<ResolvedRow>($"""
            select {key} as key, {Measures.Bits(resolved)} as bits, f.resolution_used
            from ticket t join ticket_fact f on f.ticket_id = t.id where {within} and {Measures.Among(Measure.Resolved)}
            """, values))
        {
            var group = Group(row.Key);
            group.Add(resolved, row.Bits);
            group.Took(null, null, row.ResolutionUsed);
        }
        if (me.May(Permission.TicketNote))
            foreach (var row in await tx.QueryAsync<LevelRow>($"""
                select {key} as key, s.level, cast(coalesce(sum(s.until_at - s.from_at), 0) as bigint) as used from ticket t join ticket_level_span s on s.ticket_id = t.id
                where {within} and {Measures.Among(Measure.Resolved)} group by t.id, s.level
                """, values))
                Group(row.Key).Had(row.Level, row.Used);
        // A key that is worked out: SQLite would else choose an index for its order, and read each open ticket's row beside it.
        foreach (var row in await tx.QueryAsync<BacklogRow>($"""
            select key, bits, count(*) as tickets from (select {key} || '' as key, {Measures.Bits(Measures.OfBacklog)} as bits
                from ticket t where {within} and {Measures.Among(Measure.Backlog)}) open group by key, bits
            """, values))
            Group(row.Key).Add(Measures.OfBacklog, row.Bits, (int)row.Tickets);
        var names = await NamesAsync(tx, query.By, groups.Keys);
        var total = new ReportCount();
        foreach (var group in groups.Values) total.Add(group);
        return new Report(total.Line("", null), [.. groups.Select(g => g.Value.Line(g.Key, names.GetValueOrDefault(g.Key)))
            .OrderBy(l => Groupings.Order(query.By, l.Key)).ThenByDescending(l => l.Of(Measure.Opened) + l.Of(Measure.Resolved)).ThenByDescending(l => l.Of(Measure.Backlog)).ThenBy(l => l.Key, StringComparer.Ordinal)]);

        ReportCount Group(string name) => groups.TryGetValue(name, out var group) ? group : groups[name] = new();
    }, ct);

    /// <summary>The name of an organisation that this reader may see reports of; null: out of reach.</summary>
    public Task<string?> OrganisationAsync(OrganisationId id, CurrentPerson me, CancellationToken ct)
    {
        var reach = me.Reach(Permission.ReportRead);
        return db.ReadAsync(tx => tx.QuerySingleOrDefaultAsync<string?>($"select o.name from organisation o where o.id = @id and {Reach.Sql("o.id", "0")}",
            new { id, reach.All, reach.Home, reach.Partner, reach.Me }), ct);
    }

    /// <summary>What the groups are called that have names of their own.</summary>
    public Task<string?> NameAsync(Grouping by, string key, CancellationToken ct)
        => db.ReadAsync(async tx => (await NamesAsync(tx, by, [key])).GetValueOrDefault(key), ct);

    private static async Task<Dictionary<string, string>> NamesAsync(Tx tx, Grouping by, IEnumerable<string> keys)
    {
        if (by == Grouping.Product) return keys.Where(k => k.Length > 0).ToDictionary(k => k);
        if (by is not (Grouping.Customer or Grouping.Engineer)) return [];
        var names = new Dictionary<string, string>();
        foreach (var some in keys.Where(k => k.Length > 0).Select(k => long.Parse(k, CultureInfo.InvariantCulture)).Chunk(500))
            foreach (var named in await tx.QueryAsync<NamedRow>($"select id, name from {(by == Grouping.Customer ? "organisation" : "person")} where id in ({string.Join(", ", some)})"))
                names[named.Id.ToString(CultureInfo.InvariantCulture)] = named.Name;
        return names;
    }

    private sealed record OpenedRow(string Key, long Bits, long? ResponseUsed, long? NextUsed);

    private sealed record ResolvedRow(string Key, long Bits, long? ResolutionUsed);

    private sealed record LevelRow(string Key, Level Level, long Used);

    private sealed record BacklogRow(string Key, long Bits, long Tickets);

    private sealed record NamedRow(long Id, string Name);
}
