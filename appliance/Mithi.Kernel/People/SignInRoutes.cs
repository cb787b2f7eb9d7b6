using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.People.Pages;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.People;

/// <summary>The way in and out: password, code, one-time links. Passkeys have routes of their own.</summary>
internal static class SignInRoutes
{
    private const string Wrong = "The address or the password is wrong, or there were too many attempts. After five wrong ones the door stays shut for a while.";
    private const string WrongCode = "This code is not right, was used before, or there were too many attempts. Wait for the next code.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in", Show).ForEverybody("nobody is signed in before he has signed in");
        routes.MapPost("/sign-in", SignInAsync).ForEverybody("nobody is signed in before he has signed in");
        routes.MapPost("/sign-in/code", CodeAsync).ForEverybody("the second step of signing in");
        routes.MapPost("/sign-out", SignOutAsync).ForEverybody("a session that has just ended elsewhere still signs out");
        routes.MapGet("/first-run/{secret}", ShowFirstRunAsync).ForEverybody("the link itself is the proof");
        routes.MapPost("/first-run/{secret}", FirstRunAsync).ForEverybody("the link itself is the proof");
        routes.MapGet("/forgotten", IResult () => ForgottenPage.Create(new("", null, false))).ForEverybody("who forgot his password can't sign in");
        routes.MapPost("/forgotten", ForgottenAsync).ForEverybody("who forgot his password can't sign in");
        routes.MapGet("/invitation/{secret}", (string secret, OneTimeStore links, CredentialStore people, TimeProvider time, HttpContext context, CancellationToken ct)
            => ShowLinkAsync(OneTimePurpose.Invitation, secret, links, people, time, context, ct)).ForEverybody("the link itself is the proof");
        routes.MapPost("/invitation/{secret}", (string secret, IFormCollection fields, PasswordLinks links, CredentialStore people, AddressGate gate, HttpContext context, CancellationToken ct)
            => UseLinkAsync(OneTimePurpose.Invitation, secret, fields, links, people, gate, context, ct)).ForEverybody("the link itself is the proof");
        routes.MapGet("/new-password/{secret}", (string secret, OneTimeStore links, CredentialStore people, TimeProvider time, HttpContext context, CancellationToken ct)
            => ShowLinkAsync(OneTimePurpose.Password, secret, links, people, time, context, ct)).ForEverybody("the link itself is the proof");
        routes.MapPost("/new-password/{secret}", (string secret, IFormCollection fields, PasswordLinks links, CredentialStore people, AddressGate gate, HttpContext context, CancellationToken ct)
            => UseLinkAsync(OneTimePurpose.Password, secret, fields, links, people, gate, context, ct)).ForEverybody("the link itself is the proof");
    }

    /// <summary>What the log and the list of sessions know of who is there.</summary>
    public static Caller CallerOf(HttpContext context)
        => new(context.Request.Headers.UserAgent.ToString(), context.Connection.RemoteIpAddress?.ToString() ?? "");

    /// <summary>Null, or the answer to an address that has had too many attempts.</summary>
    public static IResult? TooMany(HttpContext context, AddressGate gate)
    {
        if (gate.Enter(context.Connection.RemoteIpAddress)) return null;
        context.Response.Headers.RetryAfter = $"{(int)Limits.AddressWindow.TotalSeconds}";
        context.Features.Set(new Refusal("There were too many attempts to sign in from your network.", "Wait five minutes and try it again."));
        return TypedResults.StatusCode(StatusCodes.Status429TooManyRequests);
    }

    private static IResult Show(string? @return, string? done, CurrentPerson me)
        => me.IsSignedIn ? TypedResults.LocalRedirect(ReturnPath.Of(@return))
            : SignInPage.Create(new("", ReturnPath.Of(@return), null, done == "password"));

    private static async Task<IResult> SignInAsync(
        IFormCollection fields, SignIn signIn, AddressGate gate, HttpContext context, CancellationToken ct)
    {
        if (TooMany(context, gate) is { } refused) return refused;
        var (email, back) = (fields.Line("email"), ReturnPath.Of(fields["return"]));
        var password = fields.Raw("password");
        if (password.Length > Limits.PasswordLengthMax || email.Length > Limits.EmailLengthMax) password = "";
        switch (await signIn.ByPasswordAsync(email, password, CallerOf(context), ct))
        {
            case SignInStep.Done done:
                gate.Forgive(context.Connection.RemoteIpAddress);
                return Enter(context, done.Session, back);
            case SignInStep.CodeNeeded needed:
                gate.Forgive(context.Connection.RemoteIpAddress);
                return CodePage.Create(new(needed.Secret, back, null));
            default:
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return SignInPage.Create(new(email, back, new FormErrors().Add("", Wrong), false));
        }
    }

    private static async Task<IResult> CodeAsync(
        IFormCollection fields, SignIn signIn, AddressGate gate, HttpContext context, CancellationToken ct)
    {
        if (TooMany(context, gate) is { } refused) return refused;
        var (secret, back) = (fields.Line("step"), ReturnPath.Of(fields["return"]));
        switch (await signIn.ByCodeAsync(secret, fields.Line("code"), CallerOf(context), ct))
        {
            case SignInStep.Done done:
                gate.Forgive(context.Connection.RemoteIpAddress);
                return Enter(context, done.Session, back);
            case SignInStep.Refused:
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return CodePage.Create(new(secret, back, new FormErrors().Add("code", WrongCode)));
            default:
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return SignInPage.Create(new("", back, new FormErrors().Add("", "That took too long. Start again with your password."), false));
        }
    }

    public static IResult Enter(HttpContext context, NewSession session, string back)
    {
        SessionCookie.Write(context, session.Secret);
        // "See other", so that the browser does not send the password once more.
        return new SeeOther(back);
    }

    private static async Task<IResult> SignOutAsync(CurrentPerson me, SessionStore sessions, HttpContext context, CancellationToken ct)
    {
        if (me is { Proof: SignInKind.Session, ProofId: { } id }) await sessions.EndAsync(me, new(id), "person.sign-out", ct);
        SessionCookie.Clear(context);
        return new SeeOther("/");
    }

    private static async Task<IResult> ShowFirstRunAsync(
        string secret, OneTimeStore links, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (state, _) = await links.LookAsync(secret, OneTimePurpose.FirstRun, time.GetCurrentInstant(), ct);
        return state == OneTimeState.Good
            ? FirstRunPage.Create(new(new("", Zones.Find(context.Request.Cookies["zone"])?.Id ?? "Asia/Kolkata", "", "", ""), null)) : Gone(context, OneTimePurpose.FirstRun, state);
    }

    private static async Task<IResult> FirstRunAsync(string secret, IFormCollection fields, FirstRun firstRun, OneTimeStore links,
        AddressGate gate, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        if (TooMany(context, gate) is { } refused) return refused;
        var (state, _) = await links.LookAsync(secret, OneTimePurpose.FirstRun, time.GetCurrentInstant(), ct);
        if (state != OneTimeState.Good) return Gone(context, OneTimePurpose.FirstRun, state);
        gate.Forgive(context.Connection.RemoteIpAddress);
        var (form, errors) = FirstRunForm.Read(fields);
        if (!errors.Any)
        {
            switch (await firstRun.MakeAsync(secret, form, CallerOf(context), ct))
            {
                case FirstRunResult.Made made: return Enter(context, made.Session, "/");
                case FirstRunResult.EmailTaken: errors.Add("email", "Somebody has this address already."); break;
                case FirstRunResult.NameTaken: errors.Add("organisation", "There is an organisation of this name already."); break;
                default: return Gone(context, OneTimePurpose.FirstRun, OneTimeState.Used);
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return FirstRunPage.Create(new(form, errors));
    }

    private static async Task<IResult> ForgottenAsync(
        IFormCollection fields, PasswordLinks links, AddressGate gate, HttpContext context, CancellationToken ct)
    {
        if (TooMany(context, gate) is { } refused) return refused;
        var email = fields.Line("email");
        if (!Email.IsAddress(email))
        {
            context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return ForgottenPage.Create(new(email, new FormErrors().Add("email", "Give a mail address like asha@example.org."), false));
        }
        await links.AskAsync(email, CallerOf(context), ct);
        return ForgottenPage.Create(new(email, null, true));
    }

    private static async Task<IResult> ShowLinkAsync(OneTimePurpose purpose, string secret, OneTimeStore links, CredentialStore people,
        TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (state, row) = await links.LookAsync(secret, purpose, time.GetCurrentInstant(), ct);
        if (state != OneTimeState.Good || await people.GetAsync(row!.PersonId!.Value, ct) is not { } person) return Gone(context, purpose, state);
        return NewPasswordPage.Create(new(purpose, person.Name, person.Email, await people.KeysAsync(person.Id, ct), null));
    }

    private static async Task<IResult> UseLinkAsync(OneTimePurpose purpose, string secret, IFormCollection fields, PasswordLinks links,
        CredentialStore people, AddressGate gate, HttpContext context, CancellationToken ct)
    {
        if (TooMany(context, gate) is { } refused) return refused;
        switch (await links.UseAsync(purpose, secret, fields.Raw("password"), fields.Raw("again"), fields.Flag("remove-keys"), CallerOf(context), ct))
        {
            case LinkResult.Wrong wrong:
                gate.Forgive(context.Connection.RemoteIpAddress);
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return NewPasswordPage.Create(
                    new(purpose, wrong.Person.Name, wrong.Person.Email, await people.KeysAsync(wrong.Person.Id, ct), wrong.Errors));
            case LinkResult.Set { Session: { } session }:
                gate.Forgive(context.Connection.RemoteIpAddress);
                return Enter(context, session, "/");
            case LinkResult.Set:
                gate.Forgive(context.Connection.RemoteIpAddress);
                return new SeeOther("/sign-in?done=password");
            case LinkResult.Gone gone:
                return Gone(context, purpose, gone.State);
            default:
                throw new InvalidOperationException();
        }
    }

    private static IResult Gone(HttpContext context, OneTimePurpose purpose, OneTimeState state)
    {
        var message = state switch
        {
            OneTimeState.Used => "This link has been used already. Each one is good once.",
            OneTimeState.Expired => "This link has expired.",
            _ => "This link is not known here. Perhaps a part of it got lost.",
        };
        var hint = purpose switch
        {
            OneTimePurpose.FirstRun => "If the node has an administrator, sign in. If it has none yet, start mithi again: it prints a new link.",
            OneTimePurpose.Invitation => "Ask whoever invited you for a new invitation.",
            _ => "Ask for a new one at \"Forgotten your password?\".",
        };
        context.Features.Set(new Refusal(message, hint));
        return TypedResults.StatusCode(StatusCodes.Status410Gone);
    }
}
