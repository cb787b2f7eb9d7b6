using Microsoft.AspNetCore.Http;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Tickets;

/// <summary>What the browser sends of a new ticket; kept as it was typed, right or wrong.</summary>
public sealed record NewTicketForm(string Subject, string Kind, string Priority, string Product, string Version, string Body, string Requester)
{
    public static NewTicketForm Empty { get; } = new("", nameof(TicketKind.Question), nameof(Tickets.Priority.P3), "", "", "", "");

    public static (NewTicketForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new NewTicketForm(FormText.Line(fields, "subject"), FormText.Line(fields, "kind"), FormText.Line(fields, "priority"),
            FormText.Line(fields, "product"), FormText.Line(fields, "version"), FormText.Area(fields, "body"), FormText.Line(fields, "requester"));
        return (form, form.Check());
    }

    public FormErrors Check()
    {
        var errors = new FormErrors();
        if (Subject.Length == 0) errors.Add("subject", "Say in a few words what it is about.");
        if (Subject.Length > Limits.SubjectCharsMax) errors.Add("subject", "This is too long: at most 200 characters.");
        if (FormText.Name<TicketKind>(Kind) is null) errors.Add("kind", "Choose one of the list.");
        if (FormText.Name<Priority>(Priority) is null) errors.Add("priority", "Choose one of the list.");
        if (Product.Length > Limits.ProductCharsMax) errors.Add("product", "This is too long.");
        if (Version.Length > Limits.VersionCharsMax) errors.Add("version", "This is too long.");
        if (Body.Length == 0) errors.Add("body", "Say what happened, or what you want to know.");
        if (Body.Length > Limits.BodyCharsMax) errors.Add("body", "This is too long: attach it as a file.");
        if (Requester.Length > 0 && !Email.IsAddress(Requester)) errors.Add("requester", "This is not a mail address.");
        return errors;
    }

    /// <summary>Only after <see cref="Check"/> found nothing.</summary>
    internal TicketDraft ToDraft(IReadOnlyList<TicketFile> files) => new(
        Subject, FormText.Name<TicketKind>(Kind)!.Value, FormText.Name<Priority>(Priority)!.Value, Product, Version, Body, Requester) { Files = files };
}

/// <summary>A reply or a note as it was typed.</summary>
/// <param name="Then">A state's name, or empty.</param>
/// <param name="Seen">The last entry that its writer was shown.</param>
public sealed record ReplyForm(string Body, string Then, long Seen)
{
    public static ReplyForm Empty { get; } = new("", "", 0);

    public static (ReplyForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new ReplyForm(FormText.Area(fields, "body"), FormText.Line(fields, "then"),
            long.TryParse(FormText.Line(fields, "seen"), out var seen) && seen >= 0 ? seen : 0);
        var errors = new FormErrors();
        if (form.Body.Length == 0) errors.Add("body", "Write something first.");
        if (form.Body.Length > Limits.BodyCharsMax) errors.Add("body", "This is too long: attach it as a file.");
        if (form.Then.Length > 0 && FormText.Name<TicketState>(form.Then) is null) errors.Add("then", "Choose one of the list.");
        return (form, errors);
    }

    /// <summary>Only when nothing was wrong.</summary>
    internal ReplyDraft ToDraft(IReadOnlyList<TicketFile> files) => new(Body, Seen, FormText.Name<TicketState>(Then)) { Files = files, IsTyped = true };
}

internal static class FormText
{
    /// <summary>One line, without the blanks around it and without control characters.</summary>
    public static string Line(IFormCollection fields, string name)
        => new string([.. fields[name].ToString().Where(c => !char.IsControl(c))]).Trim();

    /// <summary>Many lines, with the line breaks of Unix.</summary>
    public static string Area(IFormCollection fields, string name) => Typed(fields, name).Trim();

    /// <summary>Many lines just as they are being typed; nothing but blanks is nothing.</summary>
    public static string Typed(IFormCollection fields, string name)
    {
        var typed = new string([.. fields[name].ToString().Replace("\r\n", "\n").Where(c => c is '\n' or '\t' || !char.IsControl(c))]);
        return string.IsNullOrWhiteSpace(typed) ? "" : typed;
    }

    /// <summary>By its name alone; the numbers behind the names are nobody's business.</summary>
    public static T? Name<T>(string? text) where T : struct, Enum
        => text is { Length: > 0 } && char.IsAsciiLetter(text[0]) && Enum.TryParse<T>(text, out var value) && Enum.IsDefined(value) ? value : null;
}
