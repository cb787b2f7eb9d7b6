using System.Globalization;
using Microsoft.AspNetCore.Http;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Hotline;

/// <summary>What the browser sends of a call; kept as it was typed, right or wrong.</summary>
/// <param name="Caller">Who was chosen, as <see cref="CallerKey"/> writes it; empty: nobody.</param>
/// <param name="Ticket">The open ticket that the call is about; empty: a new one.</param>
/// <param name="Installed">A product and its version as <see cref="Value"/> writes them; empty: not said.</param>
/// <param name="Minutes">Empty: since the form was shown.</param>
public sealed record CallForm(
    string Caller, string Name, string Phone, string Mail, string Ticket, string Subject, string Kind, string Priority, string Installed, string Body,
    bool IsInternal, bool WaitsForCall, bool Remember, string Minutes, long Started)
{
    private const char Between = '\u001f';

    /// <summary>The form when somebody has just called.</summary>
    public static CallForm Begin(string caller, string name, string phone, string mail, bool remember, Instant now) => new(
        caller, name, phone, mail, "", "", nameof(TicketKind.Question), nameof(Tickets.Priority.P3), "", "", false, false, remember, "", now.ToUnixTimeMilliseconds());

    public static string Value(InstalledProduct installed) => installed.Product + Between + installed.Version;

    public static (CallForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new CallForm(FormText.Line(fields, "caller"), FormText.Line(fields, "name"), FormText.Line(fields, "phone"), FormText.Line(fields, "mail"),
            FormText.Line(fields, "ticket"), FormText.Line(fields, "subject"), FormText.Line(fields, "kind"), FormText.Line(fields, "priority"),
            fields["installed"].ToString(), FormText.Area(fields, "body"), fields.Flag("internal"), fields.Flag("waits"), fields.Flag("remember"),
            FormText.Line(fields, "minutes"), long.TryParse(FormText.Line(fields, "started"), CultureInfo.InvariantCulture, out var started) ? started : 0);
        return (form, form.Check());
    }

    private FormErrors Check()
    {
        var errors = new FormErrors();
        if (Name.Length == 0) errors.Add("name", "Say who is calling.");
        if (Name.Length > Limits.CallerCharsMax) errors.Add("name", "This is too long.");
        if (Phone.Length > Limits.CallerCharsMax) errors.Add("phone", "This is too long.");
        if (Mail.Length > 0 && !Email.IsAddress(Mail)) errors.Add("mail", "This is not a mail address.");
        if (Ticket.Length == 0)
        {
            if (Subject.Length == 0) errors.Add("subject", "Say in a few words what it is about.");
            if (Subject.Length > Limits.SubjectCharsMax) errors.Add("subject", "This is too long: at most 200 characters.");
            if (FormText.Name<TicketKind>(Kind) is null) errors.Add("kind", "Choose one of the list.");
            if (FormText.Name<Priority>(Priority) is null) errors.Add("priority", "Choose one of the list.");
        }
        else if (TicketNumber is null) errors.Add("ticket", "Choose one of the list.");
        if (Product.Length > Limits.ProductCharsMax || Version.Length > Limits.VersionCharsMax) errors.Add("installed", "Choose one of the list.");
        if (Body.Length == 0) errors.Add("body", "Write down what was said.");
        if (Body.Length > Limits.BodyCharsMax) errors.Add("body", "This is too long: attach it as a file.");
        if (Minutes.Length > 0 && !(int.TryParse(Minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes <= Limits.CallMax.TotalMinutes))
            errors.Add("minutes", "Give whole minutes, at most a day's.");
        return errors;
    }

    /// <summary>Null for a new ticket, and for what is no number.</summary>
    public TicketId? TicketNumber => TicketId.TryParse(Ticket, null, out var id) ? id : null;

    public string Product => Clean(Installed.Split(Between)[0]);

    public string Version => Installed.Split(Between) is [_, var version, ..] ? Clean(version) : "";

    /// <summary>How long the call lasted, as it was typed or since the form was shown; only after nothing was wrong.</summary>
    public int SecondsAt(Instant now)
    {
        if (Minutes.Length > 0) return int.Parse(Minutes, CultureInfo.InvariantCulture) * 60;
        // A page that was left open over lunch was not a call; neither is a time that a clock or a stranger made up.
        var passed = (now.ToUnixTimeMilliseconds() - Started) / 1_000;
        return passed >= 0 && passed <= Limits.CallByPageMax.TotalSeconds ? (int)passed : 0;
    }

    private static string Clean(string text) => new string([.. text.Where(c => !char.IsControl(c))]).Trim();
}

/// <summary>How a form names a caller whom the node knows: as a contact, or as a person with an account.</summary>
public static class CallerKey
{
    public static string Of(PossibleCaller caller) => Of(caller.ContactId, caller.PersonId);

    public static string Of(ContactId? contact, PersonId? person) => contact is { } c ? $"c{c}" : person is { } p ? $"p{p}" : "";

    /// <summary>Both null for whatever is no key.</summary>
    public static (ContactId? Contact, PersonId? Person) Read(string key) => key switch
    {
        ['c', .. var number] when ContactId.TryParse(number, null, out var contact) => (contact, null),
        ['p', .. var number] when PersonId.TryParse(number, null, out var person) => (null, person),
        _ => (null, null),
    };
}
