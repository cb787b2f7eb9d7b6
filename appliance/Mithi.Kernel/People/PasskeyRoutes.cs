using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.People;

/// <summary>Passkeys (WebAuthn): the framework makes and checks the ceremonies, a one-time secret holds each one's challenge.</summary>
internal static class PasskeyRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sign-in/passkey/options", SignInOptionsAsync).ForEverybody("the first step of signing in");
        routes.MapPost("/sign-in/passkey", SignInAsync).ForEverybody("the passkey itself is the proof");
        routes.MapPost("/profile/passkeys/options", NewOptionsAsync).Needs(Permission.ProfileManage);
        routes.MapPost("/profile/passkeys", AddAsync).Needs(Permission.ProfileManage);
        routes.MapPost("/profile/passkeys/remove", RemoveAsync).Needs(Permission.ProfileManage);
    }

    private static async Task<IResult> SignInOptionsAsync(
        IPasskeyHandler<Person> passkeys, OneTimeStore secrets, AddressGate gate, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        if (SignInRoutes.TooMany(context, gate) is { } refused) return refused;
        // No person is named: the authenticator offers what it has for this site.
        var made = await passkeys.MakeRequestOptionsAsync(null!, context);
        var secret = await secrets.AddAsync(OneTimePurpose.Passkey, null, made.AssertionState ?? "", Limits.StepLife, time.GetCurrentInstant(), ct);
        return Options(secret, made.RequestOptionsJson);
    }

    private static async Task<IResult> SignInAsync(IPasskeyHandler<Person> passkeys, OneTimeStore secrets, Db db, AuditLog audit,
        AddressGate gate, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        if (await ReadAsync(context, ct) is not { } answer) return TypedResults.BadRequest();
        if (await secrets.UseAsync(answer.Secret, OneTimePurpose.Passkey, now, ct) is not { PersonId: null } challenge)
            return TypedResults.BadRequest();
        var result = await passkeys.PerformAssertionAsync(new()
        {
            HttpContext = context, CredentialJson = answer.Credential, AssertionState = challenge.Detail,
        });
        var caller = SignInRoutes.CallerOf(context);
        var step = await db.WriteAsync<SignInStep>(async tx =>
        {
            if (!result.Succeeded || await CredentialStore.GetAsync(tx, result.User.Id) is not { } person)
            {
                await audit.AddAsync(tx, "public", "person.sign-in-refused", "passkey", caller.Address);
                return new SignInStep.Refused();
            }
            await PasskeyStore.UsedAsync(tx, result.Passkey);
            return await SignIn.OpenAsync(tx, audit, person, "passkey", caller, now);
        }, ct);
        if (step is not SignInStep.Done done) return TypedResults.BadRequest();
        gate.Forgive(context.Connection.RemoteIpAddress);
        SessionCookie.Write(context, done.Session.Secret);
        return TypedResults.NoContent();
    }

    // The proof is asked for here: without it there is no challenge, and without a challenge no passkey.
    private static async Task<IResult> NewOptionsAsync(IPasskeyHandler<Person> passkeys, OneTimeStore secrets, OwnCredentials own,
        CurrentPerson me, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        if (me.Id is not { } id) return TypedResults.NotFound();
        if (!await own.ConfirmsAsync(me, await ReadProofAsync(context, ct), SignInRoutes.CallerOf(context), ct))
        {
            context.Features.Set(new Refusal(ProfileRoutes.NotConfirmed, "Nothing was changed."));
            return TypedResults.StatusCode(StatusCodes.Status422UnprocessableEntity);
        }
        var made = await passkeys.MakeCreationOptionsAsync(new() { Id = id.ToString(), Name = me.Email, DisplayName = me.Name }, context);
        var secret = await secrets.AddAsync(OneTimePurpose.Passkey, id, made.AttestationState ?? "", Limits.StepLife, time.GetCurrentInstant(), ct);
        return Options(secret, made.CreationOptionsJson);
    }

    private static async Task<IResult> AddAsync(IPasskeyHandler<Person> passkeys, OneTimeStore secrets, PasskeyStore store,
        CurrentPerson me, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var now = time.GetCurrentInstant();
        if (await ReadAsync(context, ct) is not { } answer || me.Id is not { } id) return TypedResults.BadRequest();
        if (await secrets.UseAsync(answer.Secret, OneTimePurpose.Passkey, now, ct) is not { } challenge || challenge.PersonId != id)
            return TypedResults.BadRequest();
        var result = await passkeys.PerformAttestationAsync(new()
        {
            HttpContext = context, CredentialJson = answer.Credential, AttestationState = challenge.Detail,
        });
        if (!result.Succeeded) return TypedResults.BadRequest();
        var name = answer.Name.Trim() is { Length: > 0 } given ? given[..Math.Min(given.Length, 100)] : "passkey";
        return await store.AddAsync(me, result.Passkey, name, now, ct) ? TypedResults.NoContent() : TypedResults.Conflict();
    }

    private static async Task<IResult> RemoveAsync(IFormCollection fields, PasskeyStore store, CurrentPerson me, HttpContext context, CancellationToken ct)
        => await store.RemoveAsync(me, fields.Line("id"), ct)
            ? new SeeOther("/profile?done=passkeys#passkeys") : TypedResults.NotFound();

    private static IResult Options(string secret, string json)
        => TypedResults.Text($$"""{"secret":"{{secret}}","options":{{json}}}""", "application/json");

    private sealed record Answer(string Secret, string Name, string Credential);

    // {"proof": "..."}; empty for anything else.
    private static async Task<string> ReadProofAsync(HttpContext context, CancellationToken ct)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = Limits.PasskeyAnswerBytesMax;
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, new() { MaxDepth = 2 }, ct);
            return json.RootElement.ValueKind == JsonValueKind.Object ? Text(json.RootElement, "proof") : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    // {"secret": "...", "name": "...", "credential": {...}}; null for anything else.
    private static async Task<Answer?> ReadAsync(HttpContext context, CancellationToken ct)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = Limits.PasskeyAnswerBytesMax;
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, new() { MaxDepth = 8 }, ct);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("credential", out var credential)) return null;
            return new(Text(root, "secret"), Text(root, "name"), credential.GetRawText());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonElement root, string name)
        => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
