using Mithi.Kernel.Data;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;

namespace Mithi.Helpdesk.Tickets;

/// <summary>What the search knows of tickets: the public conversation as one document, each note as one of its own.</summary>
internal sealed class TicketSearch(IServiceProvider services) : ISearchable
{
    public const string TicketKind = "ticket", NoteKind = "ticket-note";

    public string Kind => TicketKind;

    public static SearchDocument Document(Ticket ticket, IEnumerable<string> messages) => new(TicketKind, ticket.Id.ToString(),
        $"#{ticket.Id} {ticket.Subject}", string.Join("\n\n", messages), $"/tickets/{ticket.Id}", Permission.TicketRead,
        ticket.OrganisationId, ticket.RequesterId, "en") { Grows = true };

    /// <summary>Without an organisation: whoever sees but one organisation's things never finds it, whatever his permissions.</summary>
    public static SearchDocument Note(Ticket ticket, long seq, string body) => new(NoteKind, NoteId(ticket.Id, seq),
        $"#{ticket.Id} {ticket.Subject}", body, $"/tickets/{ticket.Id}#m{seq}", Permission.TicketNote, null, null, "en") { Grows = true };

    /// <summary>Tickets in which this reader may read these words: in what was said, and for staff also in notes. The newest, up to a bound.</summary>
    public static async Task<IReadOnlyList<long>> NewestAsync(Tx tx, string words, CurrentPerson me)
    {
        var query = SearchQuery.Parse(words);
        var said = await SearchIndex.NewestAsync(tx, query, me, TicketKind, null, Limits.FoundMax);
        var noted = await SearchIndex.NewestAsync(tx, query, me, NoteKind, null, Limits.FoundMax);
        return [.. said.Concat(noted.Select(n => n.Split('.')[0])).Select(long.Parse).Distinct()];
    }

    public static string NoteId(TicketId ticket, long seq) => $"{ticket}.{seq}";

    public async Task ReindexAsync(SearchIndex index, Db db, IProgress<(long Done, long Total)> done, CancellationToken ct)
    {
        // Asked for late: the log itself needs the index.
        var log = (TicketLog)services.GetService(typeof(TicketLog))!;
        await index.ClearAsync(NoteKind, ct);
        await log.RebuildAsync(done, ct);
    }
}

/// <summary>What <c>#4711</c> points to.</summary>
internal sealed class TicketLink(TicketStore store) : ILinkTarget
{
    public string Scheme => "ticket";

    public async Task<LinkTarget?> ResolveAsync(string id, CurrentPerson me, CancellationToken ct)
        => IdText.TryParse<TicketId>(id, out var ticket) && await store.FindAsync(ticket, me, ct) is { } found
            ? new($"/tickets/{found.Id}", found.Subject) : null;
}
