using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.People.Pages;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.People;

/// <summary>Organisations: the node's administrators manage all, a partner its customers.</summary>
internal static class OrganisationRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var organisations = routes.MapGroup("/organisations").Needs(Permission.CustomerManage);
        organisations.MapGet("", ListAsync);
        organisations.MapGet("/new", NewAsync);
        organisations.MapPost("/new", AddAsync);
        organisations.MapGet("/{id}", ShowAsync);
        organisations.MapPost("/{id}", SaveAsync);
        organisations.MapPost("/{id}/disable", (OrganisationId id, CurrentPerson me, OrganisationStore store, HttpContext context, CancellationToken ct)
            => DisableAsync(id, true, me, store, context, ct));
        organisations.MapPost("/{id}/enable", (OrganisationId id, CurrentPerson me, OrganisationStore store, HttpContext context, CancellationToken ct)
            => DisableAsync(id, false, me, store, context, ct));
    }

    private static async Task<IResult> ListAsync(
        string? q, string? kind, string? page, CurrentPerson me, OrganisationStore store, CancellationToken ct)
    {
        var words = PeopleRoutes.Words(q);
        OrganisationKind? of = Enum.TryParse<OrganisationKind>(kind, out var k) && Enum.IsDefined(k) ? k : null;
        var list = await store.ListAsync(words, of, PeopleRoutes.Number(page), me, Permission.CustomerManage, ct);
        return OrganisationsPage.Create(new(list, words, of));
    }

    private static async Task<IResult> NewAsync(CurrentPerson me, OrganisationStore store, CancellationToken ct)
    {
        var zone = me.Organisation is { } home && await store.GetAsync(home, ct) is { } it ? it.TimeZone : "UTC";
        return OrganisationPage.Create(await ModelAsync(null, OrganisationForm.Empty(zone), null, me, store, ct));
    }

    private static async Task<IResult> AddAsync(
        IFormCollection fields, CurrentPerson me, OrganisationStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (form, errors) = OrganisationForm.Read(fields);
        if (!errors.Any && await PartnerFaultAsync(form, me, store, ct) is { } fault) errors.Add("partner", fault);
        if (!errors.Any)
        {
            var draft = form.ToDraft();
            if (me.ScopeOf(Permission.CustomerManage) == Scope.Customers) draft = draft with { PartnerId = me.Organisation };
            switch (await store.AddAsync(draft, me, time.GetCurrentInstant(), ct))
            {
                case OrganisationResult.Saved saved: return new SeeOther($"/organisations/{saved.Id}?done=1");
                case OrganisationResult.NameTaken: errors.Add("name", "There is an organisation of this name already."); break;
                default: errors.Add("kind", "Choose a kind from the list."); break;
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return OrganisationPage.Create(await ModelAsync(null, form, errors, me, store, ct));
    }

    private static async Task<IResult> ShowAsync(OrganisationId id, string? done, CurrentPerson me, OrganisationStore store, CancellationToken ct)
        => await store.FindAsync(id, me, ct) is { } it
            ? OrganisationPage.Create(await ModelAsync(it, OrganisationForm.Of(it), null, me, store, ct) with { Done = done ?? "" })
            : TypedResults.NotFound();

    private static async Task<IResult> SaveAsync(
        OrganisationId id, IFormCollection fields, CurrentPerson me, OrganisationStore store, HttpContext context, CancellationToken ct)
    {
        if (await store.FindAsync(id, me, ct) is not { } it) return TypedResults.NotFound();
        var (form, errors) = OrganisationForm.Read(fields);
        form = form with { Kind = it.Kind.ToString() };
        if (!errors.Any && await PartnerFaultAsync(form, me, store, ct) is { } fault) errors.Add("partner", fault);
        if (!errors.Any)
        {
            switch (await store.ChangeAsync(id, form.ToDraft(), form.Revision, me, ct))
            {
                case OrganisationResult.Saved: return new SeeOther($"/organisations/{id}?done=1");
                case OrganisationResult.NameTaken: errors.Add("name", "There is an organisation of this name already."); break;
                case OrganisationResult.Stale stale:
                    errors.Add("", "Somebody else changed this meanwhile. What you typed is still here: look and save again.");
                    form = form with { Revision = stale.Current.Revision };
                    break;
                default: return TypedResults.NotFound();
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return OrganisationPage.Create(await ModelAsync(it, form, errors, me, store, ct));
    }

    private static async Task<IResult> DisableAsync(
        OrganisationId id, bool disabled, CurrentPerson me, OrganisationStore store, HttpContext context, CancellationToken ct)
        => await store.DisableAsync(id, disabled, me, ct)
            ? new SeeOther($"/organisations/{id}?done=1") : TypedResults.NotFound();

    private static async Task<string?> PartnerFaultAsync(OrganisationForm form, CurrentPerson me, OrganisationStore store, CancellationToken ct)
    {
        if (form.ToDraft().PartnerId is not { } id) return null;
        return await store.FindAsync(id, me, ct) is { Kind: OrganisationKind.Partner } ? null : "Choose a partner from the list.";
    }

    private static async Task<OrganisationModel> ModelAsync(Organisation? it, OrganisationForm form, FormErrors? errors,
        CurrentPerson me, OrganisationStore store, CancellationToken ct)
    {
        var isAll = me.ScopeOf(Permission.CustomerManage) == Scope.All;
        OrganisationKind[] kinds = isAll ? [OrganisationKind.Customer, OrganisationKind.Partner] : [OrganisationKind.Customer];
        Choice[] partners = isAll
            ? [.. (await store.ChoicesAsync(me, Permission.CustomerManage, ct)).Where(o => o.Kind == OrganisationKind.Partner)
                .Select(o => new Choice(o.Id.ToString(), o.Name))]
            : [];
        return new(it, form, kinds, partners, errors);
    }
}
