using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Helpdesk.Development;

public readonly record struct IssueId(long Value) : IId<IssueId>
{
    public static IssueId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out IssueId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>Where an issue is worked on. Stored by name.</summary>
public enum IssuePlace { Here, GitHub }

/// <summary>Stored by name.</summary>
public enum IssueState { Open, Closed }

/// <summary>What support gave to product development.</summary>
/// <param name="Number">Its number on GitHub; null until it is known.</param>
/// <param name="Marker">Stands in its text there, so that it is found again when an answer was lost.</param>
/// <param name="AttemptedAt">From then on it may be there although nobody told us.</param>
/// <param name="ThereState">What the other side was last known to say.</param>
public sealed record DevelopmentIssue(IssueId Id, string Title, string Body, IssuePlace Place, IssueState State, string Repository, long? Number, string Url,
    string Marker, Instant? AttemptedAt, IssueState ThereState, string CreatedBy, Instant CreatedAt, Instant UpdatedAt);

/// <param name="RemoteId">Its number on GitHub; null until it is known.</param>
public sealed record IssueComment(long Id, string Author, string Body, IssuePlace Origin, long? RemoteId, string Marker, Instant? AttemptedAt, Instant At);

/// <summary>A line of the list.</summary>
public sealed record IssueLine(IssueId Id, string Title, IssuePlace Place, IssueState State, long? Number, string Url, long Tickets, Instant UpdatedAt);

/// <summary>An issue with all that belongs to it.</summary>
public sealed record IssuePage(DevelopmentIssue Issue, IReadOnlyList<IssueComment> Comments, IReadOnlyList<IssueTicket> Tickets);

public sealed record IssueTicket(TicketId Id, string Subject, TicketState State);

/// <summary>What staff writes to product development.</summary>
/// <param name="Existing">Joins the ticket to this issue instead of making one.</param>
internal sealed record EscalationDraft(string Title, string Text, IssuePlace Place, IssueId? Existing);
