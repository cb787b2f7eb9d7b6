using Mithi.Helpdesk.Sla;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

public readonly record struct TicketId(long Value) : IId<TicketId>
{
    public static TicketId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out TicketId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>What a ticket is about. Stored by name.</summary>
public enum TicketKind
{
    Question, Incident, Defect, Suggestion, Request,
    /// <summary>The one cause of several incidents; staff alone opens it.</summary>
    Problem,
}

/// <summary>How urgent it is: P1 is "nobody can work", P4 is "when you have time". Stored by name.</summary>
public enum Priority { P1, P2, P3, P4 }

/// <summary>Whose turn it is. Stored by name.</summary>
public enum TicketState { New, Open, WaitingForCustomer, WaitingForVendor, Resolved, Closed, Merged }

/// <summary>Who works on it. Stored by name.</summary>
public enum Level { L1, L2, L3, Development }

/// <summary>A ticket's row: what its events add up to.</summary>
/// <param name="OrganisationId">Null for mail of somebody whom nobody knows: staff alone sees it.</param>
/// <param name="RequesterId">Whose ticket it is; null when he has no account.</param>
/// <param name="FixProduct">Empty while no fix is published.</param>
/// <param name="Seq">The last event's number.</param>
/// <param name="Hash">The last event's hash.</param>
/// <param name="PublicUpdatedAt">When something last happened that a customer may know of.</param>
/// <param name="StoppedAt">When it was last resolved, closed or merged; null while it is open.</param>
public sealed record Ticket(
    TicketId Id, OrganisationId? OrganisationId, PersonId? RequesterId, string RequesterName, string RequesterEmail,
    string Subject, TicketKind Kind, Priority Priority, TicketState State, Level Level, PersonId? AssigneeId, string AssigneeName,
    string Product, string ProductVersion, string FixProduct, string FixVersion, TicketId? FollowsId, TicketId? MergedIntoId,
    long Seq, string Hash, Instant OpenedAt, Instant UpdatedAt, Instant PublicUpdatedAt, Instant? StoppedAt)
{
    public bool IsStopped => State.IsStopped();

    public bool HasFix => FixVersion.Length > 0;

    /// <summary>Whether a new message may still bring it back.</summary>
    public bool CanReopen(Instant now) => State switch
    {
        TicketState.Merged => false,
        TicketState.Resolved or TicketState.Closed => StoppedAt is { } stopped && now - stopped <= Limits.ReopenMax,
        _ => true,
    };
}

/// <summary>A line of the list.</summary>
/// <param name="UpdatedAt">The last change that its reader may know of.</param>
/// <param name="NextDue">The promise that ends next; null when none is running.</param>
/// <param name="ListedAt">By what the list is ordered.</param>
public sealed record TicketLine(
    TicketId Id, string Subject, string OrganisationName, string RequesterName, TicketKind Kind, Priority Priority,
    TicketState State, Level Level, string AssigneeName, string FixVersion, Instant UpdatedAt, Instant? NextDue, Instant ListedAt);

internal static class TicketStates
{
    public static bool IsStopped(this TicketState state)
        => state is TicketState.Resolved or TicketState.Closed or TicketState.Merged;

    /// <summary>What a state does to a clock; null lets it run.</summary>
    /// <remarks>Only an answer stops a response clock, so a state can do no more than pause it.</remarks>
    public static string? PauseReason(this TicketState state, ClockKind clock) => state switch
    {
        TicketState.WaitingForCustomer when clock != ClockKind.FirstResponse => "Waiting for customer",
        TicketState.Resolved => "Resolved",
        TicketState.Closed => "Closed",
        TicketState.Merged => "Merged",
        _ => null,
    };

    /// <summary>Whether people of this kind may move a ticket so by hand.</summary>
    public static bool MayMove(TicketState from, TicketState to, bool staff)
    {
        if (from == to || from == TicketState.Merged || to is TicketState.Merged or TicketState.New) return false;
        if (staff) return true;
        // A customer can say that it is solved, and that it is not.
        return to == TicketState.Resolved ? !from.IsStopped() : to == TicketState.Open && from == TicketState.Resolved;
    }

    /// <summary>Where a customer's message leads to.</summary>
    public static TicketState AfterCustomer(TicketState state)
        => state is TicketState.WaitingForCustomer or TicketState.Resolved or TicketState.Closed ? TicketState.Open : state;

    /// <summary>Where a public answer of staff leads to when nothing else is asked for.</summary>
    public static TicketState AfterStaff(TicketState state)
        => state is TicketState.New or TicketState.Resolved or TicketState.Closed ? TicketState.Open : state;
}
