using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Macros;

/// <summary>What is done to a ticket in one go. Each part may be left out. In rows as JSON for ever: add, never rename.</summary>
/// <param name="Assignee">Empty: as it is. <see cref="Me"/>, <see cref="Nobody"/>, or a person's number.</param>
/// <param name="Reason">For the hand-over to <paramref name="Level"/>.</param>
/// <param name="Reply">A public answer; may hold the variables of canned answers.</param>
/// <param name="Note">An internal note, likewise.</param>
public sealed record TicketActions(TicketState? State, Priority? Priority, Level? Level, string Reason, string Assignee, string Reply, string Note)
{
    public const string Me = "me", Nobody = "nobody";

    public static TicketActions None { get; } = new(null, null, null, "", "", "", "");

    public bool IsNothing => State is null && Priority is null && Level is null && Assignee.Length == 0 && Reply.Length == 0 && Note.Length == 0;

    /// <summary>Whose it becomes; null for nobody.</summary>
    public PersonId? AssigneeOf(CurrentPerson me) => Assignee switch
    {
        Me => me.Id,
        _ => PersonId.TryParse(Assignee, null, out var person) ? person : null,
    };

    public static bool IsAssignee(string text) => text is "" or Me or Nobody || PersonId.TryParse(text, null, out _);
}
