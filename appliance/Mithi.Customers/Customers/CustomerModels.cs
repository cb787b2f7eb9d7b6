using Microsoft.AspNetCore.Html;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Customers.Customers;

/// <summary>What the pages of customers show.</summary>
public sealed record CustomersModel(Listing<CustomerLine> Customers, string Words, OrganisationKind Kind)
{
    public string Link(int page) => $"/customers?q={Uri.EscapeDataString(Words)}&kind={Kind}&page={page}";
}

/// <param name="Setup">The setup document's text with its references as links; null when there is none.</param>
public sealed record CustomerModel(
    CustomerFacts Facts, IHtmlContent? Setup, EntitlementForm Entitlement, FormErrors? Errors, Instant Now)
{
    public bool Done { get; init; }

    /// <summary>How each subscription was kept; empty for who may not read reports.</summary>
    public IReadOnlyList<AgreementRecord> Records { get; init; } = [];
}

public sealed record SetupModel(Organisation Organisation, Setup Setup);

public sealed record SetupEditModel(Organisation Organisation, SetupForm Form, FormErrors? Errors);

public sealed record HistoryModel(Organisation Organisation, IReadOnlyList<SetupEntry> Entries);

/// <param name="Id">Null for a new one.</param>
public sealed record SubscriptionModel(Organisation Organisation, SubscriptionId? Id, SubscriptionForm Form, IReadOnlyList<string> Calendars, FormErrors? Errors);

/// <summary>Minutes of working time as people say them.</summary>
public static class WorkingTime
{
    public static string Text(ReaderTexts t, int minutes) => minutes % 60 == 0 ? t["{0} h", minutes / 60] : t["{0} min", minutes];
}
