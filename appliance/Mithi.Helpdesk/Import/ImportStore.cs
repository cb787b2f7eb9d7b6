using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Import;

/// <summary>What has come over. All SQL of the importer is here.</summary>
internal static class ImportStore
{
    /// <summary>The tickets that these became.</summary>
    public static async Task<IReadOnlyDictionary<string, TicketId>> KnownAsync(Tx tx, string source, IReadOnlyList<string> keys)
    {
        var known = new Dictionary<string, TicketId>();
        foreach (var some in keys.Distinct().Chunk(500))
            foreach (var row in await tx.QueryAsync<Row>("select key, ticket_id from ticket_import where source = @source and key in @some", new { source, some }))
                known[row.Key] = row.TicketId;
        return known;
    }

    public static Task RememberAsync(Tx tx, string source, string key, TicketId ticket, Instant now) => tx.ExecuteAsync("""
        insert into ticket_import (source, key, ticket_id, at) values (@source, @key, @ticket, @now) on conflict (source, key) do nothing
        """, new { source, key, ticket, now });

    public static async Task<OrganisationId?> OrganisationAsync(Tx tx, string name)
        => await tx.QuerySingleOrDefaultAsync<long?>("select id from organisation where name = @name", new { name }) is { } id ? new OrganisationId(id) : null;

    private sealed record Row(string Key, TicketId TicketId);
}
