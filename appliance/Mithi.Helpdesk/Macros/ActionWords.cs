using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Macros;

/// <summary>Says in the reader's words what a set of actions does, and what there is to choose from.</summary>
internal static class ActionWords
{
    public static string Of(TicketActions actions, IReadOnlyList<Choice> staff, ReaderTexts t)
    {
        var parts = new List<string>();
        if (actions.Note.Length > 0) parts.Add(t["Internal note"]);
        if (actions.Reply.Length > 0) parts.Add(t["Answer the customer"]);
        if (actions.Priority is { } priority) parts.Add($"{t["Priority"]}: {priority}");
        if (actions.Level is { } level) parts.Add($"{t["Level"]}: {t[TicketNames.Of(level)]}");
        if (actions.Assignee.Length > 0)
            parts.Add($"{t["Assigned to"]}: {Assignees(staff, t).FirstOrDefault(c => c.Value == actions.Assignee)?.Text ?? actions.Assignee}");
        if (actions.State is { } state) parts.Add($"{t["State"]}: {t[TicketNames.Of(state)]}");
        return string.Join(" · ", parts);
    }

    private static Choice AsItIs(ReaderTexts t) => new("", t["As it is"]);

    public static IEnumerable<Choice> States(ReaderTexts t) => Enum.GetValues<TicketState>().Where(s => s is not (TicketState.New or TicketState.Merged))
        .Select(s => new Choice(s.ToString(), t[TicketNames.Of(s)])).Prepend(AsItIs(t));

    public static IEnumerable<Choice> Priorities(ReaderTexts t) => Enum.GetValues<Priority>().Select(p => new Choice(p.ToString(), t[TicketNames.Of(p)])).Prepend(AsItIs(t));

    public static IEnumerable<Choice> Levels(ReaderTexts t) => Enum.GetValues<Level>().Select(l => new Choice(l.ToString(), t[TicketNames.Of(l)])).Prepend(AsItIs(t));

    public static IEnumerable<Choice> Assignees(IReadOnlyList<Choice> staff, ReaderTexts t)
        => [AsItIs(t), new(TicketActions.Me, t["whoever does it"]), new(TicketActions.Nobody, t["nobody"]), .. staff];
}
