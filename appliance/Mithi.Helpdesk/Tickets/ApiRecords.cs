using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Sla;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <param name="Next">Give it as <c>before</c> for the next page; null on the last.</param>
internal sealed record ApiTickets(IReadOnlyList<ApiTicketLine> Tickets, string? Next);

/// <param name="Level">Null for who is no staff, like the assignee.</param>
internal sealed record ApiTicketLine(
    TicketId Id, string Subject, string Organisation, string Requester, TicketKind Kind, Priority Priority, TicketState State, Level? Level, string? Assignee,
    string Fix, Instant UpdatedAt, Instant? Due);

internal sealed record ApiTicket(
    TicketId Id, string Subject, string Organisation, ApiPerson Requester, TicketKind Kind, Priority Priority, TicketState State, Level? Level, string? Assignee,
    PersonId? AssigneeId, string Product, string Version, ApiFix? Fix, TicketId? MergedInto, IReadOnlyList<ApiTie>? Links,
    Instant OpenedAt, Instant UpdatedAt, Instant? FirstResponseDue, Instant? NextResponseDue, Instant? ResolutionDue,
    IReadOnlyList<ApiEntry> Entries, long? Older);

internal sealed record ApiPerson(string Name, string Email);

internal sealed record ApiFix(string Product, string Version);

/// <param name="Type">message, note, card or event.</param>
/// <param name="Kind">Of an event; of a card "done" or "failed" once the customer said so.</param>
/// <param name="From">The ticket that it was written in; null: this one.</param>
internal sealed record ApiEntry(long Seq, string Type, Instant At, Side? Side, string? Author, string? Body, IReadOnlyList<FileLink>? Files, string? Kind, TicketId? From)
{
    /// <summary>Of a hand-over, for staff.</summary>
    public IReadOnlyList<Evidence>? Evidence { get; init; }
}

internal sealed record ApiTie(long Seq, TicketId Ticket, LinkRole Role, TicketState State);

internal sealed record ApiDone(TicketId Id, TicketState State, Priority Priority, Level? Level, long? Seq);

/// <param name="Newer">What others wrote after <c>seen</c>.</param>
internal sealed record ApiStale(IReadOnlyList<ApiEntry> Newer);

internal sealed record ApiClocks(IReadOnlyList<ApiClock> Clocks);

internal sealed record ApiClock(ClockKind Kind, string Calendar, ClockState State, Instant? Due, Instant? Stop, long UsedSeconds, long? PromisedSeconds, IReadOnlyList<ApiClockSpan> Counted);

internal sealed record ApiClockSpan(Instant From, Instant To, bool Counts, string Reason);

internal sealed record ApiParticipants(IReadOnlyList<ApiPerson> Participants);

internal sealed record ApiStaff(IReadOnlyList<StaffName> Staff);

internal sealed record ApiNewTicket(
    string? Subject, string? Body, string? Kind, string? Priority, string? Product, string? Version, string? Requester, IReadOnlyList<ApiUpload?>? Files);

/// <param name="Seen">The highest entry that the writer has read.</param>
internal sealed record ApiReply(string? Body, string? Then, long? Seen, IReadOnlyList<ApiUpload?>? Files);

internal sealed record ApiNote(string? Body, long? Seen, IReadOnlyList<ApiUpload?>? Files);

/// <param name="Content">Base64.</param>
internal sealed record ApiUpload(string? Name, string? Content);

internal sealed record ApiState(string? To);

internal sealed record ApiPriority(string? Priority);

/// <param name="Assignee">A number of <c>GET /api/staff</c>; null gives the ticket back.</param>
internal sealed record ApiAssignee(long? Assignee);

/// <param name="Evidence">An answer to each question of <c>GET /api/levels</c>, when the ticket goes up.</param>
internal sealed record ApiLevel(string? Level, string? Reason, IReadOnlyList<ApiEvidence?>? Evidence);
