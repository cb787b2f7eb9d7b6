using Microsoft.AspNetCore.Http;
using Mithi.Helpdesk.Canned;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Macros;

/// <summary>A macro as it was typed.</summary>
public sealed record MacroForm(string Name, TicketActions Actions, bool Shared)
{
    public static MacroForm Empty { get; } = new("", TicketActions.None, false);

    public static (MacroForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var errors = new FormErrors();
        var actions = ReadActions(fields, errors) with { Reply = FormText.Area(fields, "reply"), Note = FormText.Area(fields, "note") };
        var form = new MacroForm(FormText.Line(fields, "name"), actions, fields.Flag("shared"));
        if (form.Name.Length == 0) errors.Add("name", "Give it a name to find it by.");
        if (form.Name.Length > Limits.AnswerNameCharsMax) errors.Add("name", "This is too long.");
        foreach (var (field, text) in new[] { ("reply", actions.Reply), ("note", actions.Note) })
        {
            if (text.Length > Limits.AnswerCharsMax) errors.Add(field, "This is too long.");
            if (AnswerText.Unknown(text) is not null) errors.Add(field, "There is a variable in it that nobody knows.");
        }
        if (!errors.Any && actions.IsNothing) errors.Add("", "Choose at least one thing that shall be done.");
        return (form, errors);
    }

    /// <summary>What can be chosen of a list; nothing chosen leaves it as it is.</summary>
    internal static TicketActions ReadActions(IFormCollection fields, FormErrors errors, string prefix = "")
    {
        var (state, priority, level) = (Chosen<TicketState>(fields, $"{prefix}state", errors), Chosen<Priority>(fields, $"{prefix}priority", errors), Chosen<Level>(fields, $"{prefix}level", errors));
        var (reason, assignee) = (FormText.Area(fields, $"{prefix}reason"), FormText.Line(fields, $"{prefix}assignee"));
        if (state is TicketState.New or TicketState.Merged) errors.Add($"{prefix}state", "Choose one of the list.");
        if (!TicketActions.IsAssignee(assignee)) errors.Add($"{prefix}assignee", "Choose one of the list.");
        if (level is not null && reason.Length == 0) errors.Add($"{prefix}reason", "Say what was found out and what is expected now.");
        if (reason.Length > Limits.ReasonCharsMax) errors.Add($"{prefix}reason", "This is too long.");
        return new(state, priority, level, reason, assignee, "", "");
    }

    private static T? Chosen<T>(IFormCollection fields, string field, FormErrors errors) where T : struct, Enum
    {
        var text = FormText.Line(fields, field);
        var value = FormText.Name<T>(text);
        if (text.Length > 0 && value is null) errors.Add(field, "Choose one of the list.");
        return value;
    }
}
