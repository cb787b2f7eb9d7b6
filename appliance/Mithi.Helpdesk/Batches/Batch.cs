using Mithi.Helpdesk.Macros;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Batches;

public readonly record struct BatchId(long Value) : IId<BatchId>
{
    public static BatchId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out BatchId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>What became of one ticket of a batch. Stored by name.</summary>
public enum BatchOutcome
{
    Done,
    /// <summary>It was so already.</summary>
    Nothing,
    Refused,
    /// <summary>Not there, or out of reach.</summary>
    Missing,
}

/// <summary>What became of taking it back. Stored by name.</summary>
public enum BatchUndo
{
    None,
    Done,
    /// <summary>Somebody has changed the ticket since.</summary>
    Changed,
    /// <summary>The customer was answered: that can't be taken back.</summary>
    Sent,
    Missing,
}

/// <summary>Several tickets changed in one go.</summary>
public sealed record Batch(BatchId Id, PersonId PersonId, TicketActions Actions, long Asked, Instant StartedAt, Instant? UndoneAt);

/// <param name="Subject">Empty for a ticket that this reader does not reach.</param>
/// <param name="Message">Why it was refused; an English key.</param>
public sealed record BatchTicket(TicketId TicketId, string Subject, BatchOutcome Outcome, string Message, long FirstSeq, long LastSeq, BatchUndo Undo)
{
    public bool CanUndo => Outcome == BatchOutcome.Done && Undo == BatchUndo.None;
}

public sealed record BatchModel(Batch Batch, IReadOnlyList<BatchTicket> Tickets, IReadOnlyList<Choice> Staff)
{
    public int Done => Tickets.Count(t => t.Outcome == BatchOutcome.Done);

    public bool CanUndo => Batch.Actions.Reply.Length == 0 && Tickets.Any(t => t.CanUndo);
}

/// <summary>The form above the list that changes several tickets.</summary>
/// <param name="Key">Of this page: the form that is sent twice is done once.</param>
/// <param name="Back">The list's query string.</param>
public sealed record BatchFormModel(string Key, string Back, TicketActions Actions, IReadOnlyList<Choice> Staff, IReadOnlyList<Choice> Macros, FormErrors? Errors);
