using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Customers.Customers.Pages;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Customers.Customers;

/// <summary>Contacts: whoever sees the customer reads them; the staff and the customer's partner write them.</summary>
internal static class ContactRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var contacts = routes.MapGroup("/customers/{id}/contacts").Needs(Permission.CustomerRead);
        contacts.MapGet("", ListAsync);
        contacts.MapGet("/new", (OrganisationId id, CurrentPerson me, OrganisationStore organisations, ContactStore store, CancellationToken ct)
            => EditAsync(id, null, me, organisations, store, ct));
        contacts.MapGet("/{contact}", (OrganisationId id, ContactId contact, CurrentPerson me, OrganisationStore organisations, ContactStore store, CancellationToken ct)
            => EditAsync(id, contact, me, organisations, store, ct));
        contacts.MapPost("/new", (OrganisationId id, IFormCollection fields, CurrentPerson me, OrganisationStore organisations, ContactStore store, TimeProvider time,
            HttpContext context, CancellationToken ct) => SaveAsync(id, null, fields, me, organisations, store, time, context, ct));
        contacts.MapPost("/{contact}", (OrganisationId id, ContactId contact, IFormCollection fields, CurrentPerson me, OrganisationStore organisations, ContactStore store,
            TimeProvider time, HttpContext context, CancellationToken ct) => SaveAsync(id, contact, fields, me, organisations, store, time, context, ct));
        contacts.MapPost("/{contact}/remove", RemoveAsync);
    }

    private static async Task<IResult> ListAsync(
        OrganisationId id, CurrentPerson me, OrganisationStore organisations, ContactStore store, AddressStates addresses, CancellationToken ct)
    {
        if (await organisations.FindAsync(id, me, ct) is not { } it) return TypedResults.NotFound();
        var contacts = await store.OfAsync(id, ct);
        var states = new Dictionary<string, AddressState>();
        // What other mail servers said of an address is for those who write to it.
        if (CustomerRights.MayWriteSetup(me))
            foreach (var email in contacts.SelectMany(c => c.Emails).Distinct())
                if (await addresses.OfAsync(email, ct) is { } state) states[email] = state;
        return ContactsPage.Create(new(it, contacts, states));
    }

    private static async Task<IResult> EditAsync(
        OrganisationId id, ContactId? contact, CurrentPerson me, OrganisationStore organisations, ContactStore store, CancellationToken ct)
    {
        if (!CustomerRights.MayWriteSetup(me) || await organisations.FindAsync(id, me, ct) is not { } it) return TypedResults.NotFound();
        if (contact is not { } known) return ContactPage.Create(new(it, null, ContactForm.Empty, null));
        return (await store.OfAsync(id, ct)).FirstOrDefault(c => c.Id == known) is { } found
            ? ContactPage.Create(new(it, known, ContactForm.Of(found), null)) : TypedResults.NotFound();
    }

    private static async Task<IResult> SaveAsync(OrganisationId id, ContactId? contact, IFormCollection fields, CurrentPerson me, OrganisationStore organisations,
        ContactStore store, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        if (!CustomerRights.MayWriteSetup(me) || await organisations.FindAsync(id, me, ct) is not { } it) return TypedResults.NotFound();
        var (form, draft, errors) = ContactForm.Read(fields, await store.CountryAsync(ct));
        if (draft is not null)
        {
            switch (await store.SaveAsync(id, contact, draft, form.Revision, me, time.GetCurrentInstant(), ct))
            {
                case ContactResult.Saved: return new SeeOther($"/customers/{id}/contacts");
                case ContactResult.TooMany: errors.Add("", "There are too many already. Remove those who have left."); break;
                case ContactResult.Stale stale:
                    errors.Add("", "Somebody else changed this meanwhile. What you typed is still here: look and save again.");
                    form = form with { Revision = stale.Current.Revision };
                    break;
                default: return TypedResults.NotFound();
            }
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return ContactPage.Create(new(it, contact, form, errors));
    }

    private static async Task<IResult> RemoveAsync(
        OrganisationId id, ContactId contact, CurrentPerson me, OrganisationStore organisations, ContactStore store, CancellationToken ct)
        => CustomerRights.MayWriteSetup(me) && await organisations.FindAsync(id, me, ct) is not null && await store.RemoveAsync(id, contact, me, ct)
            ? new SeeOther($"/customers/{id}/contacts") : TypedResults.NotFound();
}
