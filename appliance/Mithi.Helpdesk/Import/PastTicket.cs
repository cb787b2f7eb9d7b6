using Mithi.Helpdesk.Tickets;
using NodaTime;

namespace Mithi.Helpdesk.Import;

/// <summary>Somebody of another helpdesk.</summary>
internal sealed record PastPerson(string Email, string Name)
{
    public static PastPerson Nobody { get; } = new("", "");
}

/// <summary>A file of another helpdesk, not yet kept.</summary>
internal sealed record PastFile(string Name, Func<Stream> Open);

/// <summary>A ticket of another helpdesk, whatever it was read from.</summary>
/// <param name="Where">For the list of what was left out.</param>
/// <param name="Key">Names it there for ever.</param>
/// <param name="Organisation">Its name; empty: its requester's.</param>
/// <param name="End">The state that it comes over in; null: what its entries lead to.</param>
internal sealed record PastTicket(
    string Where, string Key, string Subject, TicketKind Kind, Priority Priority, PastPerson Requester, string Organisation,
    string Product, string Version, Via Via, IReadOnlyList<PastItem> Items, TicketState? End);

/// <summary>Something that happened there.</summary>
/// <param name="Key">Names it, where items come over one by one, such as mails; else empty.</param>
internal abstract record PastItem(Instant At, PastPerson By, string Key)
{
    /// <param name="Side">Null: by who wrote it.</param>
    /// <param name="MessageId">Of the mail that it was, so that later answers find the ticket.</param>
    public sealed record Message(Instant At, PastPerson By, string Key, string Body, IReadOnlyList<PastFile> Files, Side? Side = null, string MessageId = "")
        : PastItem(At, By, Key);

    public sealed record Note(Instant At, PastPerson By, string Body, IReadOnlyList<PastFile> Files) : PastItem(At, By, "");

    public sealed record State(Instant At, PastPerson By, TicketState To) : PastItem(At, By, "");

    public sealed record Urgency(Instant At, PastPerson By, Priority To) : PastItem(At, By, "");

    public sealed record Desk(Instant At, PastPerson By, Level To, string Reason) : PastItem(At, By, "");

    /// <param name="To">An address; empty: nobody.</param>
    public sealed record Owner(Instant At, PastPerson By, string To) : PastItem(At, By, "");
}

/// <summary>What a reader finds, in its order.</summary>
internal abstract record PastRecord
{
    public sealed record Organisation(string Where, string Name, string Kind, string Partner, string TimeZone) : PastRecord;

    public sealed record Person(string Where, string Email, string Name, string Home, string Role, string Language) : PastRecord;

    public sealed record Ticket(PastTicket Past) : PastRecord;

    /// <param name="Done">How far the reading is, of <paramref name="Total"/>.</param>
    public sealed record Progress(long Done, long Total) : PastRecord;
}
