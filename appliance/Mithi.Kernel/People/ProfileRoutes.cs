using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.People.Pages;
using Mithi.Kernel.Web;
using NodaTime;
using QRCoder;

namespace Mithi.Kernel.People;

/// <summary>One's own profile: name, password, second step, sessions, tokens. Passkeys have routes of their own.</summary>
internal static class ProfileRoutes
{
    private const string WrongPassword = "This is not your present password, or there were too many attempts.";

    /// <summary>What refuses a change that lasts longer than the session that asks for it.</summary>
    public const string NotConfirmed = "This needs your present password; without one, sign in again and do it within ten minutes.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var profile = routes.MapGroup("/profile").Needs(Permission.ProfileManage);
        profile.MapGet("", ShowAsync);
        profile.MapPost("", SaveAsync);
        profile.MapPost("/password", PasswordAsync);
        profile.MapPost("/authenticator", NewAuthenticatorAsync);
        profile.MapPost("/authenticator/confirm", ConfirmAuthenticatorAsync);
        profile.MapPost("/authenticator/change", ChangeAuthenticatorAsync);
        profile.MapPost("/sessions/{id}/end", EndSessionAsync);
        profile.MapPost("/sessions/end-others", EndOtherSessionsAsync);
        profile.MapPost("/tokens", NewTokenAsync);
        profile.MapPost("/tokens/{id}/end", EndTokenAsync);
    }

    private static async Task<IResult> ShowAsync(string? done, CurrentPerson me, ProfileView view, CancellationToken ct)
        => await view.OfAsync(me, ct) is { } model ? ProfilePage.Create(model with { Done = done ?? "" }) : TypedResults.NotFound();

    private static async Task<IResult> SaveAsync(
        IFormCollection fields, CurrentPerson me, ProfileView view, PersonStore people, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = ProfileForm.Read(fields);
        if (errors.Any) return await AgainAsync(me, view, context, m => m with { Form = form, Errors = errors, Section = "you" }, ct);
        await people.ChangeProfileAsync(me.Id!.Value, form.Name, form.Language, form.Zone, ct);
        return new SeeOther("/profile?done=you");
    }

    private static async Task<IResult> PasswordAsync(IFormCollection fields, CurrentPerson me, ProfileView view, OwnCredentials own,
        HttpContext context, CancellationToken ct)
    {
        var errors = new FormErrors();
        NewPasswordForm.Check(fields.Raw("password"), fields.Raw("again"), me.Email, me.Name, errors);
        if (!errors.Any)
        {
            var session = await own.ChangePasswordAsync(me, fields.Raw("current"), fields.Raw("password"), SignInRoutes.CallerOf(context), ct);
            if (session is not null) return SignInRoutes.Enter(context, session, "/profile?done=password");
            errors.Add("current", WrongPassword);
        }
        return await AgainAsync(me, view, context, m => m with { Errors = errors, Section = "password" }, ct);
    }

    private static async Task<IResult> NewAuthenticatorAsync(
        IFormCollection fields, CurrentPerson me, ProfileView view, OwnCredentials own, OneTimeStore secrets, Menu menu, TimeProvider time,
        HttpContext context, CancellationToken ct)
    {
        if (!await own.ConfirmsAsync(me, fields.Raw("proof"), SignInRoutes.CallerOf(context), ct))
            return await AgainAsync(me, view, context,
                m => m with { Errors = new FormErrors().Add("proof", NotConfirmed), Section = "authenticator" }, ct);
        var key = Totp.NewKey();
        var step = await secrets.AddAsync(OneTimePurpose.NewTotp, me.Id, key, Limits.StepLife * 3, time.GetCurrentInstant(), ct);
        return AuthenticatorPage.Create(Authenticator(menu, me, step, key, null));
    }

    private static async Task<IResult> ConfirmAuthenticatorAsync(IFormCollection fields, CurrentPerson me, OneTimeStore secrets,
        OwnCredentials own, Menu menu, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var step = fields.Line("step");
        var (state, row) = await secrets.LookAsync(step, OneTimePurpose.NewTotp, time.GetCurrentInstant(), ct);
        if (state != OneTimeState.Good || row!.PersonId != me.Id) return new SeeOther("/profile#authenticator");
        if (await own.TurnOnAsync(me, step, fields.Line("code"), SignInRoutes.CallerOf(context), ct) is { } on)
        {
            SessionCookie.Write(context, on.Session.Secret);
            return RecoveryCodesPage.Create(new(on.RecoveryCodes));
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var errors = new FormErrors().Add("code", "This is not the code of this key. Look whether the telephone's clock is right.");
        return AuthenticatorPage.Create(Authenticator(menu, me, step, row.Detail, errors));
    }

    private static async Task<IResult> ChangeAuthenticatorAsync(IFormCollection fields, CurrentPerson me, ProfileView view,
        OwnCredentials own, HttpContext context, CancellationToken ct)
    {
        var off = fields.Line("what") == "off";
        var changed = off
            ? await own.TurnOffAsync(me, fields.Raw("proof"), SignInRoutes.CallerOf(context), ct)
            : await own.NewCodesAsync(me, fields.Raw("proof"), SignInRoutes.CallerOf(context), ct);
        if (changed is null)
            return await AgainAsync(me, view, context,
                m => m with { Errors = new FormErrors().Add("proof", WrongPassword), Section = "authenticator" }, ct);
        if (changed.Session is { } session) SessionCookie.Write(context, session.Secret);
        return off ? new SeeOther("/profile?done=authenticator") : RecoveryCodesPage.Create(new(changed.RecoveryCodes));
    }

    private static async Task<IResult> EndSessionAsync(SessionId id, CurrentPerson me, SessionStore sessions, HttpContext context, CancellationToken ct)
        => await sessions.EndAsync(me, id, "session.end", ct)
            ? new SeeOther("/profile?done=sessions#sessions") : TypedResults.NotFound();

    private static async Task<IResult> EndOtherSessionsAsync(CurrentPerson me, SessionStore sessions, HttpContext context, CancellationToken ct)
    {
        await sessions.EndOthersAsync(me, ct);
        return new SeeOther("/profile?done=sessions#sessions");
    }

    private static async Task<IResult> NewTokenAsync(IFormCollection fields, CurrentPerson me, ProfileView view, OwnCredentials own,
        TokenStore tokens, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = TokenForm.Read(fields, me);
        if (!errors.Any && !await own.ConfirmsAsync(me, fields.Raw("token-proof"), SignInRoutes.CallerOf(context), ct))
            errors.Add("token-proof", NotConfirmed);
        if (!errors.Any)
        {
            var life = Duration.FromDays(form.Days);
            if (await tokens.AddAsync(me.Id!.Value, form.Name, form.Permissions, life, time.GetCurrentInstant(), ct) is { } token)
                return NewTokenPage.Create(new(form.Name, token));
            errors.Add("", "You have 20 tokens already. Revoke one that is not needed.");
        }
        return await AgainAsync(me, view, context, m => m with { Errors = errors, Section = "tokens", Token = form }, ct);
    }

    private static async Task<IResult> EndTokenAsync(ApiTokenId id, CurrentPerson me, TokenStore tokens, HttpContext context, CancellationToken ct)
        => await tokens.EndAsync(me, id, ct) ? new SeeOther("/profile?done=tokens#tokens") : TypedResults.NotFound();

    private static async Task<IResult> AgainAsync(
        CurrentPerson me, ProfileView view, HttpContext context, Func<ProfileModel, ProfileModel> with, CancellationToken ct)
    {
        if (await view.OfAsync(me, ct) is not { } model) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return ProfilePage.Create(with(model));
    }

    private static AuthenticatorModel Authenticator(Menu menu, CurrentPerson me, string step, string key, FormErrors? errors)
    {
        using var code = QRCodeGenerator.GenerateQrCode(Totp.Uri(menu.NodeName, me.Email, key), QRCodeGenerator.ECCLevel.M);
        using var png = new PngByteQRCode(code);
        return new(step, string.Join(' ', key.Chunk(4).Select(c => new string(c))),
            "data:image/png;base64," + Convert.ToBase64String(png.GetGraphic(6)), errors);
    }
}

/// <summary>Gathers what the profile page shows.</summary>
internal sealed class ProfileView(
    PersonStore people, CredentialStore credentials, PasskeyStore passkeys, SessionStore sessions, TokenStore tokens, TimeProvider time)
{
    public async Task<ProfileModel?> OfAsync(CurrentPerson me, CancellationToken ct)
    {
        if (me.Id is not { } id || await people.GetAsync(id, ct) is not { } person) return null;
        if (await credentials.GetAsync(id, ct) is not { } credential) return null;
        var now = time.GetCurrentInstant();
        return new(person, new(person.Name, person.Language, person.TimeZone), credential.HasPassword, credential.HasTotp, credential.RecoveryHashes.Count,
            await passkeys.OfAsync(id, ct), await sessions.OfAsync(id, now, ct), await tokens.OfAsync(id, ct), now);
    }
}
