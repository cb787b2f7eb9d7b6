using Microsoft.AspNetCore.Html;
using Mithi.Helpdesk.Batches;
using Mithi.Helpdesk.Development;
using Mithi.Helpdesk.Effort;
using Mithi.Helpdesk.Joins;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Views;
using Mithi.Kernel.Mail;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>The list of tickets.</summary>
/// <param name="Next">Where the next page begins; null on the last.</param>
public sealed record TicketListModel(TicketFilter Filter, IReadOnlyList<TicketLine> Lines, TicketCursor? Next, bool IsStaff, Instant Now)
{
    /// <summary>Whether this reader uses single keys.</summary>
    public bool Keys { get; init; }

    /// <summary>Which of a report's tickets these are; null: the list is no report's.</summary>
    public string? Slice { get; init; }

    /// <summary>The side list; empty for customers.</summary>
    public IReadOnlyList<ViewLine> Views { get; init; } = [];

    public FormErrors? ViewErrors { get; init; }

    public string ViewName { get; init; } = "";

    /// <summary>What looked like an operator of the search and is none.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>The form that changes several; null for whoever may not.</summary>
    public BatchFormModel? Bulk { get; init; }

    /// <summary>Chosen in a form that was refused.</summary>
    public IReadOnlyList<TicketId> Chosen { get; init; } = [];
}

/// <summary>The form of a new ticket, with what was typed.</summary>
/// <param name="ForOthers">Whoever may open tickets for others is asked whose it is.</param>
public sealed record NewTicketModel(NewTicketForm Form, bool ForOthers, FormErrors? Errors);

/// <summary>A ticket's page.</summary>
/// <param name="Clocks">Staff sees how they count; others, when they are due.</param>
public sealed record TicketModel(
    Ticket Ticket, string OrganisationName, ConversationModel Conversation, IReadOnlyList<ClockView> Clocks, bool CanReopen, Instant Now)
{
    /// <summary>The last entry on it: a form that is sent says what its writer had read.</summary>
    public long Seen { get; init; }

    /// <summary>Older entries are before this one; null when the first is on the page.</summary>
    public long? Older { get; init; }

    /// <summary>It does not show the newest: there is nothing to answer or to listen for.</summary>
    public bool IsOlderPart { get; init; }

    public IReadOnlyList<Choice> Staff { get; init; } = [];

    /// <summary>Whether this reader uses single keys.</summary>
    public bool Keys { get; init; }

    /// <summary>Canned answers and macros that this reader may use.</summary>
    public IReadOnlyList<Choice> Answers { get; init; } = [];

    public IReadOnlyList<Choice> Macros { get; init; } = [];

    /// <summary>The states that this reader may move it to.</summary>
    public IReadOnlyList<TicketState> Moves { get; init; } = [];

    /// <summary>Who else has the chat open; empty when nobody has.</summary>
    public string Room { get; init; } = "";

    public ReplyForm Reply { get; init; } = ReplyForm.Empty;

    public ReplyForm Note { get; init; } = ReplyForm.Empty;

    /// <summary>When what stands in a form was kept as a draft; null where it was not.</summary>
    public Instant? ReplyKeptAt { get; init; }

    public Instant? NoteKeptAt { get; init; }

    /// <summary>What is wrong with the requester's address; null for nothing, and for whoever is not staff.</summary>
    public AddressState? Address { get; init; }

    /// <summary>Who else of the staff is on it; empty for whoever may not know.</summary>
    public string Watchers { get; init; } = "";

    /// <summary>What was refused is the note, not the reply.</summary>
    public bool IsNoteWrong { get; init; }

    /// <summary>The field of a refused form beside the ticket, and what was chosen there.</summary>
    public (string Field, string Value) Chosen { get; init; } = ("", "");

    /// <summary>What a field shows: what was chosen and refused, or what is so.</summary>
    public string? Shown(string field, string? otherwise) => Chosen.Field == field ? Chosen.Value : otherwise;

    public FormErrors? Errors { get; init; }

    /// <summary>What is said of how it was resolved; null where there is nothing to say or to see.</summary>
    public RatingModel? Rating { get; init; }

    /// <summary>The page of the published fix, where this reader may see it.</summary>
    public string FixUrl { get; init; } = "";

    public bool IsStaff { get; init; }

    /// <summary>Work waits for the customer's consent to remote access.</summary>
    public bool AwaitsConsent { get; init; }

    /// <summary>Null for customers.</summary>
    public JoinModel? Joins { get; init; }

    /// <summary>Null for customers.</summary>
    public TicketIssuesModel? Issues { get; init; }

    /// <summary>Null for customers.</summary>
    public EffortModel? Effort { get; init; }

    /// <summary>Where a merged ticket goes on, when this reader reaches that.</summary>
    public TicketId? GoesOnIn { get; init; }
}

/// <summary>What was written and what happened, oldest first.</summary>
public sealed record ConversationModel(TicketId Id, IReadOnlyList<LineView> Lines);

/// <summary>A reply that was not saved, because others wrote meanwhile.</summary>
public sealed record StaleReplyModel(Ticket Ticket, ConversationModel Newer, ReplyForm Form, long Seen, bool IsNote, bool HadFiles, bool IsStaff);

/// <summary>One line of a conversation, ready to be shown.</summary>
public abstract record LineView(long Seq, Instant At);

/// <param name="Way">How it came, translated; empty for what was written here.</param>
/// <param name="Quoted">What the writer's mail program repeated of earlier mails; folded away, never lost.</param>
/// <param name="QuotedIsTail">It is all that stood below the body; otherwise the whole mail.</param>
public sealed record MessageView(long Seq, Instant At, string Author, bool IsStaff, string Way, IHtmlContent Body, IHtmlContent? Quoted, bool QuotedIsTail,
    IReadOnlyList<FileLink> Files) : LineView(Seq, At)
{
    /// <summary>The ticket that it was written in; null: this one.</summary>
    public TicketId? From { get; init; }

    /// <summary>Nothing was written, such as of a call whose text is a note.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>One line of many, shown close together.</summary>
    public bool IsChat { get; init; }
}

/// <summary>A step of a runbook that was handed over.</summary>
/// <param name="IsDone">Null while nothing was said of it.</param>
/// <param name="MayMark">Its reader is who carries it out.</param>
public sealed record CardView(long Seq, Instant At, string Author, string Title, int Number, string Text, string Command, bool? IsDone, bool MayMark) : LineView(Seq, At);

/// <summary>What was said of a card.</summary>
/// <param name="Text">Translated.</param>
public sealed record MarkView(long Seq, Instant At, string Text, long Card, bool IsDone) : LineView(Seq, At);

/// <summary>Internal. A type of its own, with a look of its own.</summary>
/// <param name="IsHeld">A mail whose sender this reader may confirm.</param>
public sealed record NoteView(long Seq, Instant At, string Author, string Way, IHtmlContent Body, IReadOnlyList<FileLink> Files, bool IsHeld) : LineView(Seq, At)
{
    /// <summary>The ticket that it was written in; null: this one.</summary>
    public TicketId? From { get; init; }
}

/// <param name="Text">Translated.</param>
public sealed record EventView(long Seq, Instant At, string Text, string Reason) : LineView(Seq, At)
{
    /// <summary>The mail that is perhaps about another matter, for whoever may make it a ticket of its own.</summary>
    public long? Splits { get; init; }

    /// <summary>Of a hand-over, for staff.</summary>
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];
}

/// <summary>A promise and where it stands.</summary>
/// <param name="Lines">How it was counted; for staff, the newest part.</param>
public sealed record ClockView(
    ClockKind Kind, ClockState State, Instant? Due, Instant? Stop, Duration Elapsed, Duration Target, string Calendar, bool IsMisconfigured,
    IReadOnlyList<ClockLine> Lines, int MoreLines)
{
    public string BadgeClass => State switch
    {
        ClockState.Met => "badge good",
        ClockState.Breached => "badge bad",
        ClockState.Paused => "badge",
        _ => "badge warn",
    };
}
