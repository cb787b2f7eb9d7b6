using Microsoft.AspNetCore.Http;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Customers.Customers;

/// <summary>A contact as it was typed: one number and one address a line.</summary>
public sealed record ContactForm(string Name, string Title, string Phones, string Emails, int Revision)
{
    public static ContactForm Empty { get; } = new("", "", "", "", 0);

    public static ContactForm Of(Contact contact)
        => new(contact.Name, contact.Title, string.Join('\n', contact.Phones), string.Join('\n', contact.Emails), contact.Revision);

    /// <param name="country">The code of the country whose numbers are written without one.</param>
    public static (ContactForm Form, ContactDraft? Draft, FormErrors Errors) Read(IFormCollection fields, string country)
    {
        var form = new ContactForm(fields.Line("name"), fields.Line("title"), Text(fields, "phones"), Text(fields, "emails"),
            int.TryParse(fields.Line("revision"), out var revision) ? revision : 0);
        var (phones, emails, errors) = (Lines(form.Phones), Lines(form.Emails), new FormErrors());
        if (form.Name.Length is 0 or > Limits.ContactCharsMax) errors.Add("name", "Give a name, at most 200 characters.");
        if (form.Title.Length > Limits.ContactCharsMax) errors.Add("title", "This is too long.");
        if (phones.Length > Limits.WaysMax) errors.Add("phones", "These are too many: at most 10.");
        else if (!phones.All(p => PhoneNumber.Key(p, country) is not null)) errors.Add("phones", "Write one number a line, such as +91 98450 12345.");
        if (emails.Length > Limits.WaysMax) errors.Add("emails", "These are too many: at most 10.");
        else if (!emails.All(Email.IsAddress)) errors.Add("emails", "Write one mail address a line.");
        return (form, errors.Any ? null : new(form.Name, form.Title, phones, emails), errors);
    }

    private static string Text(IFormCollection fields, string name)
    {
        var typed = fields.Raw(name);
        return new([.. typed[..Math.Min(typed.Length, Limits.WaysCharsMax)].Where(c => c == '\n' || !char.IsControl(c))]);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
