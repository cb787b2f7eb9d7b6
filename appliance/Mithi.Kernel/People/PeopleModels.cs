using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>What the pages of people and their sign-in show.</summary>
public sealed record SignInModel(string Email, string Return, FormErrors? Errors, bool PasswordWasSet);

public sealed record CodeModel(string Step, string Return, FormErrors? Errors);

public sealed record FirstRunModel(FirstRunForm Form, FormErrors? Errors);

public sealed record ForgottenModel(string Email, FormErrors? Errors, bool Asked);

/// <param name="Keys">What the person has besides the password, and may want to be rid of.</param>
public sealed record NewPasswordModel(OneTimePurpose Purpose, string Name, string Email, RemovedKeys Keys, FormErrors? Errors);

public sealed record ProfileModel(
    Person Person, ProfileForm Form, bool HasPassword, bool HasTotp, int RecoveryCodesLeft, IReadOnlyList<Passkey> Passkeys,
    IReadOnlyList<Session> Sessions, IReadOnlyList<ApiToken> Tokens, Instant Now)
{
    /// <summary>The mistakes of the one form that was sent; its name is a section's id.</summary>
    public FormErrors? Errors { get; init; }

    public string Section { get; init; } = "";

    public TokenForm? Token { get; init; }

    /// <summary>A section whose change was saved.</summary>
    public string Done { get; init; } = "";

    public FormErrors? ErrorsOf(string section) => Section == section ? Errors : null;
}

/// <param name="Png">The QR code as a data URI.</param>
/// <param name="Key">In groups of four, to type it by hand.</param>
public sealed record AuthenticatorModel(string Step, string Key, string Png, FormErrors? Errors);

public sealed record RecoveryCodesModel(IReadOnlyList<string> Codes);

public sealed record NewTokenModel(string Name, NewApiToken Token);

public sealed record PeopleModel(Listing<Person> People, string Words, Organisation? Organisation)
{
    public string Link(int page) => $"/people?q={Uri.EscapeDataString(Words)}{(Organisation is { } o ? $"&organisation={o.Id}" : "")}&page={page}";
}

/// <param name="Person">Null for a new one.</param>
/// <param name="Roles">Those that the reader may give; empty when he may only look.</param>
public sealed record PersonModel(
    Person? Person, PersonForm Form, IReadOnlyList<Choice> Organisations, IReadOnlyList<Role> Roles, FormErrors? Errors)
{
    public bool HasTotp { get; init; }

    public bool HasKeys { get; init; }

    public string Done { get; init; } = "";

    /// <summary>A link to hand over when no mail arrives; shown once.</summary>
    public string? Link { get; init; }
}

public sealed record OrganisationsModel(Listing<Organisation> Organisations, string Words, OrganisationKind? Kind)
{
    public string Link(int page) => $"/organisations?q={Uri.EscapeDataString(Words)}&kind={Kind}&page={page}";
}

/// <param name="Organisation">Null for a new one.</param>
/// <param name="Kinds">Those that the reader may make; one: no choice is shown.</param>
public sealed record OrganisationModel(
    Organisation? Organisation, OrganisationForm Form, IReadOnlyList<OrganisationKind> Kinds, IReadOnlyList<Choice> Partners,
    FormErrors? Errors)
{
    public string Done { get; init; } = "";
}
