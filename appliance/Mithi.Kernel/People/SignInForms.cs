using Microsoft.AspNetCore.Http;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.People;

/// <summary>The first administrator and whose node it is.</summary>
public sealed record FirstRunForm(string Organisation, string TimeZone, string Name, string Email, string Password)
{
    public static (FirstRunForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new FirstRunForm(fields.Line("organisation"), fields.Line("zone"), fields.Line("name"), fields.Line("email"), fields.Raw("password"));
        var errors = new FormErrors();
        if (form.Organisation.Length is 0 or > Limits.NameLengthMax) errors.Add("organisation", "Give the name of your organisation, at most 200 characters.");
        if (Zones.Find(form.TimeZone) is null) errors.Add("zone", "Choose a time zone from the list.");
        PersonForm.CheckName(form.Name, errors);
        PersonForm.CheckEmail(form.Email, errors);
        NewPasswordForm.Check(form.Password, fields.Raw("again"), form.Email, form.Name, errors);
        return (form, errors);
    }
}

/// <summary>A new password, typed twice.</summary>
internal static class NewPasswordForm
{
    public static void Check(string password, string again, string email, string name, FormErrors errors)
    {
        if (PasswordRule.Fault(password, email, name) is { } fault) errors.Add("password", fault);
        else if (password != again) errors.Add("again", "The two passwords are not the same.");
    }
}

/// <summary>What a form says of a person.</summary>
public sealed record PersonForm(string Name, string Email, string Role, string Organisation, string Language, string Zone, int Revision)
{
    public static PersonForm Empty(string organisation) => new("", "", "", organisation, "", "", 0);

    public static PersonForm Of(Person person) => new(
        person.Name, person.Email, person.Role.ToString(), person.OrganisationId.ToString(), person.Language, person.TimeZone, person.Revision);

    public static (PersonForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new PersonForm(fields.Line("name"), fields.Line("email"), fields.Line("role"), fields.Line("organisation"),
            fields.Line("language"), fields.Line("zone"), int.TryParse(fields.Line("revision"), out var revision) ? revision : 0);
        var errors = new FormErrors();
        CheckName(form.Name, errors);
        CheckEmail(form.Email, errors);
        if (!Enum.TryParse<Role>(form.Role, out var role) || role == People.Role.Public || !Enum.IsDefined(role)) errors.Add("role", "Choose a role from the list.");
        ProfileForm.Check(form.Language, form.Zone, errors);
        return (form, errors);
    }

    public PersonDraft ToDraft(OrganisationId organisation)
        => new(organisation, Enum.Parse<Role>(Role), Name, Email, Language, Zone);

    public static void CheckName(string name, FormErrors errors)
    {
        if (name.Length is 0 or > Limits.NameLengthMax) errors.Add("name", "Give a name, at most 200 characters.");
    }

    public static void CheckEmail(string email, FormErrors errors)
    {
        if (!People.Email.IsAddress(email)) errors.Add("email", "Give a mail address like asha@example.org.");
    }
}

/// <summary>One's own name, language and zone.</summary>
public sealed record ProfileForm(string Name, string Language, string Zone)
{
    public static (ProfileForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new ProfileForm(fields.Line("name"), fields.Line("language"), fields.Line("zone"));
        var errors = new FormErrors();
        PersonForm.CheckName(form.Name, errors);
        Check(form.Language, form.Zone, errors);
        return (form, errors);
    }

    public static void Check(string language, string zone, FormErrors errors)
    {
        if (language.Length > 0 && !BrowserLanguage.IsKnown(language)) errors.Add("language", "Choose a language from the list.");
        if (zone.Length > 0 && Zones.Find(zone) is null) errors.Add("zone", "Choose a time zone from the list.");
    }
}

/// <summary>A new API token.</summary>
public sealed record TokenForm(string Name, int Days, IReadOnlyList<Permission> Permissions)
{
    public static readonly int[] DayChoices = [7, 30, 90, 365];

    public static (TokenForm Form, FormErrors Errors) Read(IFormCollection fields, CurrentPerson me)
    {
        var names = fields["permission"].OfType<string>().ToArray();
        var permissions = names.Select(n => Enum.TryParse<Permission>(n, out var p) && me.May(p) ? p : (Permission?)null).ToArray();
        var form = new TokenForm(fields.Line("token-name"), int.TryParse(fields.Line("days"), out var days) ? days : 0,
            [.. permissions.OfType<Permission>().Where(TokenPermissions.MayCarry).Distinct()]);
        var errors = new FormErrors();
        if (form.Name.Length is 0 or > Limits.TokenNameLengthMax) errors.Add("token-name", "Give a name that tells what the token is for.");
        if (!DayChoices.Contains(form.Days)) errors.Add("days", "Choose how long the token is good for.");
        if (permissions.Any(p => p is null)) errors.Add("", "A token can do at most what you may do yourself.");
        // No box ticked must not mean everything: that would surprise whoever unticks the last one.
        else if (form.Permissions.Count == 0 && !fields.Flag("all")) errors.Add("", "Tick what the token may do.");
        return (fields.Flag("all") ? form with { Permissions = [] } : form, errors);
    }
}

/// <summary>What a form says of an organisation.</summary>
public sealed record OrganisationForm(string Name, string Kind, string Partner, string Zone, int Revision)
{
    public static OrganisationForm Empty(string zone) => new("", nameof(OrganisationKind.Customer), "", zone, 0);

    public static OrganisationForm Of(Organisation it)
        => new(it.Name, it.Kind.ToString(), it.PartnerId?.ToString() ?? "", it.TimeZone, it.Revision);

    public static (OrganisationForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new OrganisationForm(fields.Line("name"), fields.Line("kind"), fields.Line("partner"), fields.Line("zone"),
            int.TryParse(fields.Line("revision"), out var revision) ? revision : 0);
        var errors = new FormErrors();
        PersonForm.CheckName(form.Name, errors);
        if (!Enum.TryParse<OrganisationKind>(form.Kind, out var kind) || !Enum.IsDefined(kind)) errors.Add("kind", "Choose a kind from the list.");
        if (form.Partner.Length > 0 && !OrganisationId.TryParse(form.Partner, null, out _)) errors.Add("partner", "Choose a partner from the list.");
        if (Zones.Find(form.Zone) is null) errors.Add("zone", "Choose a time zone from the list.");
        return (form, errors);
    }

    public OrganisationDraft ToDraft() => new(Enum.Parse<OrganisationKind>(Kind), Name,
        OrganisationId.TryParse(Partner, null, out var partner) && Kind == nameof(OrganisationKind.Customer) ? partner : null, Zone);
}
