using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Sla;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>One entry of a ticket's log.</summary>
/// <param name="Seq">1, 2, 3 without gaps.</param>
/// <param name="ActorId">Null for the house itself and for senders without an account.</param>
/// <param name="Body">What somebody wrote, as it was written; empty where nobody wrote anything.</param>
internal sealed record TicketEvent(TicketId TicketId, long Seq, Instant At, PersonId? ActorId, string ActorName, TicketChange Change, string Body);

/// <summary>An entry of a log that is written down after it happened.</summary>
internal sealed record PastEntry(Instant At, Actor Actor, TicketChange Change, string Body = "");

/// <summary>Who did something.</summary>
internal sealed record Actor(PersonId? Id, string Name)
{
    /// <summary>The house itself.</summary>
    public static Actor House { get; } = new(null, "");

    public static Actor Of(CurrentPerson me) => new(me.Id, me.Name.Length > 0 ? me.Name : me.Label);
}

/// <summary>Which way something came in. Stored by name.</summary>
public enum Via { Portal, Mail, Api, Phone, Chat }

/// <summary>On which side of the desk a public message was written. Stored by name.</summary>
public enum Side
{
    Customer,
    Staff,
    /// <summary>The house by itself, such as the news of a fix: it answers nobody, so it stops no clock.</summary>
    House,
}

/// <summary>What is not sure about a mail. Stored by name.</summary>
public enum MailDoubt
{
    /// <summary>Its subject names another ticket, but its sender takes no part there.</summary>
    NamesOther,
    /// <summary>The same sender wrote about the same a short time ago.</summary>
    LooksLikeOther,
    /// <summary>It answers here under another subject.</summary>
    ChangesSubject,
}

/// <param name="ContentType">By its content.</param>
public sealed record TicketFile(BlobId Blob, string Name, string ContentType, long Bytes);

/// <summary>Where a text was first written, by whom and when: a ticket that shows it refers to it there.</summary>
internal sealed record Origin(TicketId TicketId, long Seq, PersonId? AuthorId, string AuthorName, Via Via, Instant At);

/// <summary>Somebody whom public replies go to.</summary>
internal sealed record Participant(string Email, string Name);

/// <summary>What another ticket is to the one that keeps the line. Stored by name.</summary>
public enum LinkRole { Parent, Child, DuplicateOf, DuplicatedBy, BlockedBy, Blocks, Related, Cause, Effect }

/// <summary>What happened to a ticket. The names in "kind" and of the fields are in rows for ever: add, never rename.</summary>
internal abstract record TicketChange
{
    private TicketChange(string kind) => Kind = kind;

    [JsonIgnore]
    public string Kind { get; }

    /// <param name="FollowsId">The closed ticket that this one goes on with.</param>
    public sealed record Opened(
        OrganisationId? OrganisationId, PersonId? RequesterId, string RequesterName, string RequesterEmail, string Subject,
        TicketKind TicketKind, Priority Priority, string Product, string ProductVersion, TicketId? FollowsId, Via Via, Side Side,
        IReadOnlyList<TicketFile> Files) : TicketChange("opened")
    {
        /// <summary>The message of another ticket that this one was begun with; null: the body is it.</summary>
        public Origin? Of { get; init; }
    }

    public sealed record Replied(Side Side, Via Via, IReadOnlyList<TicketFile> Files) : TicketChange("replied");

    public sealed record Noted(Via Via, IReadOnlyList<TicketFile> Files) : TicketChange("noted");

    public sealed record StateSet(TicketState From, TicketState To) : TicketChange("state");

    public sealed record PrioritySet(Priority From, Priority To) : TicketChange("priority");

    public sealed record Assigned(PersonId? To, string ToName) : TicketChange("assigned");

    /// <summary>The reason is the body.</summary>
    public sealed record HandedOver(Level From, Level To) : TicketChange("handed-over")
    {
        /// <summary>What the next level asked for. Null where nobody asked, as in what happened elsewhere or before there were lists.</summary>
        public IReadOnlyList<Evidence>? Evidence { get; init; }
    }

    /// <summary>A published release names this ticket. The body is what the customer was told.</summary>
    public sealed record FixAvailable(string Product, string Version, string Name) : TicketChange("fix-available");

    /// <summary>Work waits for the customer's consent to remote access, or does not any more. A message of his ends it too.</summary>
    public sealed record ConsentSet(bool Waiting) : TicketChange("consent");

    /// <summary>The customer says how it was resolved. The body is what he adds.</summary>
    public sealed record Rated(Rating Rating, Via Via) : TicketChange("rated");

    /// <summary>A promise comes near its end.</summary>
    /// <param name="UsedMilliseconds">The point of working time that was reached.</param>
    public sealed record PromiseWarned(ClockKind Clock, long UsedMilliseconds, Instant Due) : TicketChange("promise-warned");

    /// <summary>A promise has ended and was not kept.</summary>
    public sealed record PromiseBroken(ClockKind Clock, Instant Due) : TicketChange("promise-broken");

    /// <summary>A machine wrote. It is in the log and changes nothing else.</summary>
    public sealed record AutomaticMail(string What, string Sender, BlobId Raw) : TicketChange("automatic-mail");

    /// <summary>Staff has confirmed the sender of a mail that waited as a note. The message that follows is it.</summary>
    public sealed record MailConfirmed(long Note, string Sender) : TicketChange("mail-confirmed");

    /// <summary>What a mail left open, for staff to decide. Nothing was done about it.</summary>
    /// <param name="Other">The ticket that it may belong to; null when it is about this one alone.</param>
    /// <param name="Subject">The mail's own.</param>
    public sealed record MailHint(MailDoubt Doubt, TicketId? Other, string Subject) : TicketChange("mail-hint");

    /// <param name="Role">What <paramref name="Other"/> is to this ticket.</param>
    public sealed record Linked(TicketId Other, LinkRole Role) : TicketChange("linked");

    public sealed record MergedInto(TicketId Into, TicketState From) : TicketChange("merged-into");

    /// <param name="FromSeq">The entry in the other's log that says so.</param>
    /// <param name="Joining">Whom replies go to from now on too; empty when the two are different customers'.</param>
    /// <param name="Clocks">Where the other's clocks stood before.</param>
    public sealed record MergedFrom(TicketId From, long FromSeq, IReadOnlyList<Participant> Joining, ClockFacts Clocks)
        : TicketChange("merged-from");

    /// <summary>A message of another ticket is shown here.</summary>
    public sealed record BroughtMessage(Origin Of, Side Side, IReadOnlyList<TicketFile> Files) : TicketChange("brought-message");

    /// <summary>A note of another ticket is shown here, or a message that this ticket's customer may not read.</summary>
    public sealed record BroughtNote(Origin Of, IReadOnlyList<TicketFile> Files) : TicketChange("brought-note");

    /// <param name="Seqs">Messages and notes that are shown in the new ticket and here no more.</param>
    public sealed record SplitOff(TicketId To, IReadOnlyList<long> Seqs) : TicketChange("split-off");

    /// <summary>Given to product development. The body is what was written to it.</summary>
    public sealed record Escalated(long IssueId, string Title) : TicketChange("escalated");

    /// <summary>The issue has its number on GitHub.</summary>
    public sealed record IssueKnown(long IssueId, long Number, string Url) : TicketChange("issue-known");

    public sealed record IssueStateSet(long IssueId, bool Open) : TicketChange("issue-state");

    /// <summary>The body is the comment.</summary>
    public sealed record IssueCommented(long IssueId) : TicketChange("issue-comment");

    /// <summary>Staff worked on it for so long.</summary>
    public sealed record TimeNoted(int Minutes) : TicketChange("time");

    /// <summary>Entries of this log that count no more.</summary>
    public sealed record Undone(IReadOnlyList<long> Seqs) : TicketChange("undone");

    /// <summary>A customer was on the phone. The body is what was said, as far as he reads it; the rest is a note.</summary>
    /// <param name="Number">As it was shown or said; for staff alone.</param>
    /// <param name="Seconds">How long it lasted.</param>
    /// <param name="WaitsForCall">Nobody could help him yet: he waits to be called back, and that is no answer.</param>
    public sealed record Called(string Caller, string Number, int Seconds, bool WaitsForCall) : TicketChange("called");

    /// <summary>A step of a runbook was handed over. The body is its text; from then on it is public.</summary>
    /// <param name="Title">The runbook's.</param>
    /// <param name="Command">What is to be typed; empty for a step without one.</param>
    public sealed record CardDropped(string Title, int Number, string Command) : TicketChange("card");

    /// <summary>A customer said that a step is done, or that it failed; the last word counts.</summary>
    /// <param name="Card">The entry that handed it over.</param>
    public sealed record CardMarked(long Card, int Number, bool Done) : TicketChange("card-marked");

    /// <summary>Whether it stops a response clock: a public reply of staff does, a step that was handed over, a call in which the customer was spoken with, and nothing that the house says by itself.</summary>
    [JsonIgnore]
    public bool Answers => this is Replied { Side: Side.Staff } or Called { WaitsForCall: false } or CardDropped;

    /// <summary>Whether a customer waits for an answer from then on.</summary>
    [JsonIgnore]
    public bool Asks => this is Replied { Side: Side.Customer } or Called { WaitsForCall: true } or CardMarked { Done: false };

    /// <summary>All before this happened in another helpdesk.</summary>
    /// <param name="Source">The name that the importer was given for it.</param>
    /// <param name="Key">Of the ticket there; empty where it was mails.</param>
    /// <param name="Counts">Whether promises are counted from its opening on; else from here on.</param>
    public sealed record Imported(string Source, string Key, bool Counts) : TicketChange("imported");

    public string Write() => JsonSerializer.Serialize(this, GetType(), JobJson.Options);

    /// <exception cref="InvalidOperationException">The row was written by a newer program.</exception>
    public static TicketChange Read(string kind, string detail) => (TicketChange)JsonSerializer.Deserialize(detail, kind switch
    {
        "opened" => typeof(Opened),
        "replied" => typeof(Replied),
        "noted" => typeof(Noted),
        "state" => typeof(StateSet),
        "priority" => typeof(PrioritySet),
        "assigned" => typeof(Assigned),
        "handed-over" => typeof(HandedOver),
        "fix-available" => typeof(FixAvailable),
        "consent" => typeof(ConsentSet),
        "rated" => typeof(Rated),
        "promise-warned" => typeof(PromiseWarned),
        "promise-broken" => typeof(PromiseBroken),
        "called" => typeof(Called),
        "card" => typeof(CardDropped),
        "card-marked" => typeof(CardMarked),
        "automatic-mail" => typeof(AutomaticMail),
        "mail-confirmed" => typeof(MailConfirmed),
        "mail-hint" => typeof(MailHint),
        "imported" => typeof(Imported),
        "linked" => typeof(Linked),
        "merged-into" => typeof(MergedInto),
        "merged-from" => typeof(MergedFrom),
        "brought-message" => typeof(BroughtMessage),
        "brought-note" => typeof(BroughtNote),
        "split-off" => typeof(SplitOff),
        "undone" => typeof(Undone),
        "time" => typeof(TimeNoted),
        "escalated" => typeof(Escalated),
        "issue-known" => typeof(IssueKnown),
        "issue-state" => typeof(IssueStateSet),
        "issue-comment" => typeof(IssueCommented),
        _ => throw new InvalidOperationException($"This program does not know the ticket event '{kind}'."),
    }, JobJson.Options)!;

    /// <summary>The kinds of what a customer may know of.</summary>
    public static readonly IReadOnlyList<string> PublicKinds =
        ["opened", "replied", "state", "priority", "fix-available", "called", "card", "card-marked", "consent", "rated", "merged-into", "brought-message"];

    /// <summary>Whether it is shown as what somebody wrote, not as a line about what happened.</summary>
    [JsonIgnore]
    public bool IsText => this is Opened or Replied or Noted or BroughtMessage or BroughtNote or CardDropped;

    /// <summary>Whether a customer may know that it happened.</summary>
    [JsonIgnore]
    public bool IsPublic => PublicKinds.Contains(Kind);
}
