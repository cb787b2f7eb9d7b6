using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Hotline;

/// <summary>Who may be calling.</summary>
/// <param name="Words">What was looked for; empty: nothing yet.</param>
public sealed record HotlineModel(string Words, IReadOnlyList<PossibleCaller> Callers)
{
    /// <summary>What was typed was rather a number than a name.</summary>
    public string Phone => Words.Any(char.IsLetter) ? "" : Words;

    public string Url(PossibleCaller caller) => $"/hotline/{caller.OrganisationId}" + Query(CallerKey.Of(caller), caller.Phone.Length > 0 ? caller.Phone : Phone);

    public string UnknownUrl => "/hotline/unknown" + Query("", Phone);

    internal static string Query(string caller, string phone) => Microsoft.AspNetCore.Http.QueryString.Create(
        new Dictionary<string, string?> { ["caller"] = caller, ["phone"] = phone }.Where(p => p.Value is { Length: > 0 })).ToString();
}

/// <summary>A call that is being taken.</summary>
/// <param name="Customer">Null: nobody knows the caller.</param>
public sealed record CallModel(CustomerAtWork? Customer, CallForm Form, FormErrors? Errors, Instant Now)
{
    public string Path => Customer is null ? "/hotline/unknown" : $"/hotline/{Customer.Organisation.Id}";
}

/// <summary>What who answers a call sees of the customer.</summary>
/// <param name="Callers">Whom one may be talking to.</param>
/// <param name="Tickets">What is open, the newest change first.</param>
public sealed record CustomerAtWork(
    Organisation Organisation, CustomerRecord Record, Agreement? Ruling, IReadOnlyList<PossibleCaller> Callers, IReadOnlyList<OpenTicket> Tickets);

public sealed record OpenTicket(TicketId Id, string Subject, Priority Priority, TicketState State, string RequesterName, Instant UpdatedAt);
