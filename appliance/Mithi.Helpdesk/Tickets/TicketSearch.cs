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
        ticket.OrganisationId, ticket.RequesterId, "en");

    /// <summary>Without an organisation: whoever sees but one organisation's things never finds it, whatever his permissions.</summary>
    public static SearchDocument Note(Ticket ticket, long seq, string body) => new(NoteKind, $"{ticket.Id}.{seq}",
        $"#{ticket.Id} {ticket.Subject}", body, $"/tickets/{ticket.Id}#m{seq}", Permission.TicketNote, null, null, "en");

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
