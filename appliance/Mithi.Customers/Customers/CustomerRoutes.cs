using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Customers.Customers.Pages;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Customers.Customers;

/// <summary>Customers' pages: the staff sees all, a partner its own, a customer's administrator himself.</summary>
internal static class CustomerRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var customers = routes.MapGroup("/customers").Needs(Permission.CustomerRead);
        customers.MapGet("", ListAsync);
        customers.MapGet("/{id}", ShowAsync);
        customers.MapGet("/{id}/setup/history", HistoryAsync);
        customers.MapGet("/{id}/setup/{revision:int}", ShowSetupAsync);
        customers.MapGet("/{id}/setup", EditSetupAsync);
        customers.MapPost("/{id}/setup", WriteSetupAsync);
        var contracts = routes.MapGroup("/customers/{id}").Needs(Permission.CustomerManage);
        contracts.MapPost("/entitlements", EntitleAsync);
        contracts.MapPost("/entitlements/{entitlement}/end", EndEntitlementAsync);
        contracts.MapGet("/subscriptions/new", NewSubscriptionAsync);
        contracts.MapPost("/subscriptions/new", (OrganisationId id, IFormCollection fields, CurrentPerson me, CustomerStore customers,
            SubscriptionStore store, IWorkingCalendars calendars, TimeProvider time, HttpContext context, CancellationToken ct)
            => SaveSubscriptionAsync(id, null, fields, me, customers, store, calendars, time, context, ct));
        contracts.MapGet("/subscriptions/{subscription}", EditSubscriptionAsync);
        contracts.MapPost("/subscriptions/{subscription}", (OrganisationId id, SubscriptionId subscription, IFormCollection fields, CurrentPerson me,
            CustomerStore customers, SubscriptionStore store, IWorkingCalendars calendars, TimeProvider time, HttpContext context, CancellationToken ct)
            => SaveSubscriptionAsync(id, subscription, fields, me, customers, store, calendars, time, context, ct));
        contracts.MapPost("/subscriptions/{subscription}/remove", RemoveSubscriptionAsync);
    }

    private static async Task<IResult> ListAsync(
        string? q, string? kind, string? page, CurrentPerson me, CustomerStore customers, TimeProvider time, CancellationToken ct)
    {
        // Who sees only himself needs no list.
        if (me.ScopeOf(Permission.CustomerRead) == Scope.Organisation && me.Organisation is { } home) return TypedResults.LocalRedirect($"/customers/{home}");
        var of = kind == nameof(OrganisationKind.Partner) ? OrganisationKind.Partner : OrganisationKind.Customer;
        var words = q is null ? "" : q[..Math.Min(q.Length, 100)].Replace("\0", "");
        var number = int.TryParse(page, out var n) && n is > 0 and < 1_000_000 ? n : 1;
        return CustomersPage.Create(new(await customers.ListAsync(words, of, number, me, time.GetCurrentInstant(), ct), words, of));
    }

    private static async Task<IResult> ShowAsync(
        OrganisationId id, string? done, CurrentPerson me, CustomerStore customers, IPromiseCount promises, Linkifier links, TimeProvider time, CancellationToken ct)
        => await ModelAsync(id, me, customers, promises, links, time, ct) is { } model
            ? CustomerPage.Create(model with { Done = done is not null }) : TypedResults.NotFound();

    private static async Task<IResult> HistoryAsync(OrganisationId id, CurrentPerson me, CustomerStore customers, CancellationToken ct)
        => await customers.FactsAsync(id, me, ct) is { } facts
            ? HistoryPage.Create(new(facts.Organisation, await customers.HistoryAsync(id, me, ct))) : TypedResults.NotFound();

    private static async Task<IResult> ShowSetupAsync(
        OrganisationId id, int revision, CurrentPerson me, CustomerStore customers, OrganisationStore organisations, CancellationToken ct)
        => revision > 0 && await organisations.FindAsync(id, me, ct) is { } it && await customers.SetupAsync(id, revision, me, ct) is { } setup
            ? SetupPage.Create(new(it, setup)) : TypedResults.NotFound();

    private static async Task<IResult> EditSetupAsync(
        OrganisationId id, CurrentPerson me, CustomerStore customers, OrganisationStore organisations, CancellationToken ct)
    {
        if (!CustomerRights.MayWriteSetup(me) || await organisations.FindAsync(id, me, ct) is not { } it) return TypedResults.NotFound();
        var setup = await customers.SetupAsync(id, null, me, ct);
        return SetupEditPage.Create(new(it, new(setup?.Body ?? "", "", setup?.Revision ?? 0), null));
    }

    private static async Task<IResult> WriteSetupAsync(OrganisationId id, IFormCollection fields, CurrentPerson me, CustomerStore customers,
        OrganisationStore organisations, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        if (await organisations.FindAsync(id, me, ct) is not { } it) return TypedResults.NotFound();
        var (form, errors) = SetupForm.Read(fields);
        if (!errors.Any)
        {
            switch (await customers.WriteSetupAsync(id, form.Body, form.Note, form.Revision, me, time.GetCurrentInstant(), ct))
            {
                case CustomerResult.Saved: return new SeeOther($"/customers/{id}?done=1#setup");
                case CustomerResult.Stale stale:
                    errors.Add("body", "Somebody else saved this meanwhile. Your text is still here: compare it with the newest in the history, then save again.");
                    form = form with { Revision = stale.Revision };
                    break;
                default: return TypedResults.NotFound();
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return SetupEditPage.Create(new(it, form, errors));
    }

    private static async Task<IResult> EntitleAsync(OrganisationId id, IFormCollection fields, CurrentPerson me, CustomerStore customers,
        IPromiseCount promises, Linkifier links, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (form, draft, errors) = EntitlementForm.Read(fields);
        if (draft is not null)
        {
            switch (await customers.EntitleAsync(id, draft, me, time.GetCurrentInstant(), ct))
            {
                case CustomerResult.Saved: return new SeeOther($"/customers/{id}?done=1#entitlements");
                case CustomerResult.TooMany: errors.Add("", "There are too many already. End those that are over."); break;
                default: return TypedResults.NotFound();
            }
        }
        if (!CustomerRights.MaySell(me) || await ModelAsync(id, me, customers, promises, links, time, ct) is not { } model) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return CustomerPage.Create(model with { Entitlement = form, Errors = errors });
    }

    private static async Task<IResult> EndEntitlementAsync(
        OrganisationId id, EntitlementId entitlement, CurrentPerson me, CustomerStore customers, HttpContext context, CancellationToken ct)
        => await customers.EndEntitlementAsync(id, entitlement, me, ct) is CustomerResult.Saved
            ? new SeeOther($"/customers/{id}?done=1#entitlements") : TypedResults.NotFound();

    private static async Task<IResult> NewSubscriptionAsync(OrganisationId id, CurrentPerson me, OrganisationStore organisations,
        IWorkingCalendars calendars, CancellationToken ct)
        => CustomerRights.MaySell(me) && await organisations.FindAsync(id, me, ct) is { } it
            ? SubscriptionPage.Create(new(it, null, SubscriptionForm.Empty(it.TimeZone), await calendars.NamesAsync(ct), null)) : TypedResults.NotFound();

    private static async Task<IResult> EditSubscriptionAsync(OrganisationId id, SubscriptionId subscription, CurrentPerson me,
        OrganisationStore organisations, SubscriptionStore store, IWorkingCalendars calendars, CancellationToken ct)
        => CustomerRights.MaySell(me) && await organisations.FindAsync(id, me, ct) is { } it && await store.FindAsync(id, subscription, me, ct) is { } found
            ? SubscriptionPage.Create(new(it, subscription, SubscriptionForm.Of(found), await calendars.NamesAsync(ct), null)) : TypedResults.NotFound();

    private static async Task<IResult> SaveSubscriptionAsync(OrganisationId id, SubscriptionId? subscription, IFormCollection fields,
        CurrentPerson me, CustomerStore customers, SubscriptionStore store, IWorkingCalendars calendars, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var names = await calendars.NamesAsync(ct);
        var (form, draft, errors) = SubscriptionForm.Read(fields, names);
        if (draft is not null)
        {
            switch (await store.SaveAsync(id, subscription, draft, form.Revision, me, time.GetCurrentInstant(), ct))
            {
                case CustomerResult.Saved: return new SeeOther($"/customers/{id}?done=1#subscriptions");
                case CustomerResult.TooMany: errors.Add("", "There are too many already. End those that are over."); break;
                case CustomerResult.Stale stale:
                    errors.Add("", "Somebody else changed this meanwhile. What you typed is still here: look and save again.");
                    form = form with { Revision = stale.Revision };
                    break;
                default: return TypedResults.NotFound();
            }
        }
        if (!CustomerRights.MaySell(me) || await customers.FactsAsync(id, me, ct) is not { } facts) return TypedResults.NotFound();
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return SubscriptionPage.Create(new(facts.Organisation, subscription, form, names, errors));
    }

    private static async Task<IResult> RemoveSubscriptionAsync(
        OrganisationId id, SubscriptionId subscription, CurrentPerson me, SubscriptionStore store, TimeProvider time, HttpContext context, CancellationToken ct)
        => await store.RemoveAsync(id, subscription, me, time.GetCurrentInstant(), ct) is CustomerResult.Saved
            ? new SeeOther($"/customers/{id}?done=1#subscriptions") : TypedResults.NotFound();

    private static async Task<CustomerModel?> ModelAsync(
        OrganisationId id, CurrentPerson me, CustomerStore customers, IPromiseCount promises, Linkifier links, TimeProvider time, CancellationToken ct)
    {
        if (await customers.FactsAsync(id, me, ct) is not { } facts) return null;
        var setup = facts.Setup is { } s ? await links.ToHtmlAsync(s.Body, me, ct) : null;
        var now = time.GetCurrentInstant();
        return new(facts, setup, EntitlementForm.Empty(facts.Organisation.TimeZone), null, now)
        {
            Records = await AgreementRecord.OfAsync(facts.Subscriptions, promises, me, now, ct),
        };
    }
}
