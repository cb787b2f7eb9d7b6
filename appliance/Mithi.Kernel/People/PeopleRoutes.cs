using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.People.Pages;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.People;

/// <summary>People for those who manage them: within their reach, with roles not above their own.</summary>
internal static class PeopleRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/people", ListAsync).Needs(Permission.PersonRead);
        routes.MapGet("/people/new", NewAsync).Needs(Permission.PersonManage);
        routes.MapPost("/people/new", AddAsync).Needs(Permission.PersonManage);
        routes.MapGet("/people/{id}", ShowAsync).Needs(Permission.PersonRead);
        var person = routes.MapGroup("/people/{id}").Needs(Permission.PersonManage);
        person.MapPost("", SaveAsync);
        person.MapPost("/link", LinkAsync);
        person.MapPost("/end-sessions", EndSessionsAsync);
        person.MapPost("/second-step-off", SecondStepOffAsync);
        person.MapPost("/remove-keys", RemoveKeysAsync);
        person.MapPost("/disable", (PersonId id, CurrentPerson me, PeopleView view, PersonStore people, HttpContext context, CancellationToken ct)
            => DisableAsync(id, true, me, view, people, context, ct));
        person.MapPost("/enable", (PersonId id, CurrentPerson me, PeopleView view, PersonStore people, HttpContext context, CancellationToken ct)
            => DisableAsync(id, false, me, view, people, context, ct));
    }

    private static async Task<IResult> ListAsync(
        string? q, string? organisation, string? page, CurrentPerson me, PersonStore people, OrganisationStore organisations, CancellationToken ct)
    {
        var of = OrganisationId.TryParse(organisation, null, out var id) ? await organisations.FindAsync(id, me, ct) : null;
        var words = Words(q);
        return PeoplePage.Create(new(await people.ListAsync(words, of?.Id, Number(page), me, ct), words, of));
    }

    private static async Task<IResult> NewAsync(string? organisation, CurrentPerson me, PeopleView view, CancellationToken ct)
        => PersonPage.Create(await view.NewAsync(me, PersonForm.Empty(organisation ?? me.Organisation?.ToString() ?? ""), null, ct));

    private static async Task<IResult> AddAsync(IFormCollection fields, CurrentPerson me, PeopleView view, PersonStore people,
        PasswordLinks links, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = PersonForm.Read(fields);
        if (!OrganisationId.TryParse(form.Organisation, null, out var organisation)) errors.Add("organisation", "Choose an organisation from the list.");
        if (!errors.Any)
        {
            switch (await people.AddAsync(form.ToDraft(organisation), me, time.GetCurrentInstant(), ct))
            {
                case PersonResult.Saved saved:
                    var link = await links.SendAsync(saved.Id, me, ct);
                    return PersonPage.Create((await view.OfAsync(saved.Id, me, ct))! with { Done = "Added, and the invitation is on its way by mail.", Link = link });
                case PersonResult.EmailTaken: errors.Add("email", "Somebody has this address already."); break;
                case PersonResult.RoleRefused: errors.Add("role", "This role does not fit the organisation, or you may not give it."); break;
                default: errors.Add("organisation", "Choose an organisation from the list."); break;
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return PersonPage.Create(await view.NewAsync(me, form, errors, ct));
    }

    private static async Task<IResult> ShowAsync(PersonId id, string? done, CurrentPerson me, PeopleView view, CancellationToken ct)
        => await view.OfAsync(id, me, ct) is { } model
            ? PersonPage.Create(model with { Done = done is null ? "" : "Saved." }) : TypedResults.NotFound();

    private static async Task<IResult> SaveAsync(PersonId id, IFormCollection fields, CurrentPerson me, PeopleView view, PersonStore people,
        HttpContext context, CancellationToken ct)
    {
        if (await view.OfAsync(id, me, ct) is not { Person: { } current } model) return TypedResults.NotFound();
        var (form, errors) = PersonForm.Read(fields);
        if (!errors.Any)
        {
            switch (await people.ChangeAsync(id, form.ToDraft(current.OrganisationId), form.Revision, me, ct))
            {
                case PersonResult.Saved: return new SeeOther($"/people/{id}?done=1");
                case PersonResult.EmailTaken: errors.Add("email", "Somebody has this address already."); break;
                case PersonResult.Stale stale:
                    errors.Add("", "Somebody else changed this meanwhile. What you typed is still here: look and save again.");
                    form = form with { Revision = stale.Current.Revision };
                    break;
                case PersonResult.LastAdministrator: errors.Add("role", "This is the last administrator of the node."); break;
                case PersonResult.RoleRefused: errors.Add("role", "This role does not fit the organisation, or you may not give it."); break;
                default: return TypedResults.NotFound();
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return PersonPage.Create(model with { Form = form, Errors = errors });
    }

    private static async Task<IResult> LinkAsync(PersonId id, CurrentPerson me, PeopleView view, PasswordLinks links, CancellationToken ct)
    {
        if (await links.SendAsync(id, me, ct) is not { } link || await view.OfAsync(id, me, ct) is not { } model) return TypedResults.NotFound();
        return PersonPage.Create(model with { Done = "The link is on its way by mail.", Link = link });
    }

    private static async Task<IResult> EndSessionsAsync(PersonId id, CurrentPerson me, ManagedCredentials managed, HttpContext context, CancellationToken ct)
        => await managed.EndSessionsAsync(id, me, ct) ? new SeeOther($"/people/{id}?done=1") : TypedResults.NotFound();

    private static async Task<IResult> SecondStepOffAsync(PersonId id, CurrentPerson me, ManagedCredentials managed, HttpContext context, CancellationToken ct)
        => await managed.SecondStepOffAsync(id, me, ct) ? new SeeOther($"/people/{id}?done=1") : TypedResults.NotFound();

    private static async Task<IResult> RemoveKeysAsync(PersonId id, CurrentPerson me, ManagedCredentials managed, HttpContext context, CancellationToken ct)
        => await managed.RemoveKeysAsync(id, me, ct) ? new SeeOther($"/people/{id}?done=1") : TypedResults.NotFound();

    private static async Task<IResult> DisableAsync(
        PersonId id, bool disabled, CurrentPerson me, PeopleView view, PersonStore people, HttpContext context, CancellationToken ct)
    {
        switch (await people.DisableAsync(id, disabled, me, ct))
        {
            case PersonResult.Saved: return new SeeOther($"/people/{id}?done=1");
            case PersonResult.LastAdministrator when await view.OfAsync(id, me, ct) is { } model:
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return PersonPage.Create(model with { Errors = new FormErrors().Add("", "This is the last administrator of the node.") });
            default: return TypedResults.NotFound();
        }
    }

    public static string Words(string? q) => q is null ? "" : q.Length > Limits.FilterLengthMax ? q[..Limits.FilterLengthMax] : q.Replace("\0", "");

    public static int Number(string? page) => int.TryParse(page, out var number) && number is > 0 and < 1_000_000 ? number : 1;
}

/// <summary>Gathers what a person's page shows, and what its reader may change.</summary>
internal sealed class PeopleView(PersonStore people, OrganisationStore organisations, CredentialStore credentials)
{
    public async Task<PersonModel?> OfAsync(PersonId id, CurrentPerson me, CancellationToken ct)
    {
        if (await people.FindAsync(id, me, ct) is not { } person) return null;
        var roles = await people.ManagesAsync(id, me, ct) ? RoleRank.Choices(me, person.OrganisationKind) : [];
        var hasTotp = (await credentials.GetAsync(id, ct))?.HasTotp ?? false;
        return new(person, PersonForm.Of(person), [], roles, null) { HasTotp = hasTotp, HasKeys = (await credentials.KeysAsync(id, ct)).Any };
    }

    public async Task<PersonModel> NewAsync(CurrentPerson me, PersonForm form, FormErrors? errors, CancellationToken ct)
    {
        var choices = await organisations.ChoicesAsync(me, Permission.PersonManage, ct);
        // Without scripts the roles can't follow the organisation; the ones that no choice allows are left out.
        var kinds = choices.FirstOrDefault(o => o.Id.ToString() == form.Organisation) is { } chosen && errors is null && chosen.Id != me.Organisation
            ? [chosen.Kind] : choices.Select(o => o.Kind).Distinct();
        var roles = kinds.SelectMany(k => RoleRank.Choices(me, k)).Distinct().Order().ToArray();
        return new(null, form, [.. choices.Select(o => new Choice(o.Id.ToString(), o.Name))], roles, errors);
    }
}
