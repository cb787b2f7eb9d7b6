using Microsoft.AspNetCore.Http;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Canned;

/// <summary>A canned answer as it was typed.</summary>
public sealed record AnswerForm(string Name, string Body, bool Shared)
{
    public static AnswerForm Empty { get; } = new("", "", false);

    public static (AnswerForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new AnswerForm(FormText.Line(fields, "name"), FormText.Area(fields, "body"), fields.Flag("shared"));
        var errors = new FormErrors();
        if (form.Name.Length == 0) errors.Add("name", "Give it a name to find it by.");
        if (form.Name.Length > Limits.AnswerNameCharsMax) errors.Add("name", "This is too long.");
        if (form.Body.Length == 0) errors.Add("body", "Write something first.");
        if (form.Body.Length > Limits.AnswerCharsMax) errors.Add("body", "This is too long.");
        if (AnswerText.Unknown(form.Body) is not null) errors.Add("body", "There is a variable in it that nobody knows; those that there are stand below.");
        return (form, errors);
    }
}
