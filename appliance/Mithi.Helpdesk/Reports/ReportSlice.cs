using Microsoft.AspNetCore.Http;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Reports;

/// <summary>The tickets behind one number of a report.</summary>
/// <param name="Period">Null for what is open now.</param>
/// <param name="Key">The group's; with no grouping, empty.</param>
/// <param name="Organisation">The report is about this one alone; null: about all within reach.</param>
public sealed record ReportSlice(Measure Measure, ReportPeriod? Period, Grouping By, string Key, OrganisationId? Organisation)
{
    /// <summary>Null when the address names none, or one that there can't be.</summary>
    public static ReportSlice? Read(IQueryCollection query)
    {
        if (FormText.Name<Measure>(query["count"].ToString()) is not { } measure) return null;
        var period = ReportPeriod.Read(query["from"].ToString(), query["until"].ToString());
        var by = FormText.Name<Grouping>(query["by"].ToString()) ?? Grouping.Nothing;
        var key = by == Grouping.Nothing ? "" : query["group"].ToString();
        OrganisationId? organisation = IdText.TryParse<OrganisationId>(query["organisation"].ToString(), out var one) ? one : null;
        if (period is null && !Measures.OfBacklog.Contains(measure) || key.Length > Limits.ProductCharsMax || key.Contains('\0') || Groupings.Only(by, key) is null) return null;
        return new(measure, period, by, key, organisation);
    }

    /// <summary>Levels and engineers are not for everybody to look through.</summary>
    public bool IsInternal => Groupings.IsInternal(By) || Measures.OfLevels.Contains(Measure);

    /// <summary>Its part of a list's address.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Query =>
    [
        new("count", Measure.ToString()), new("from", Period?.From), new("until", Period?.Until),
        new("by", By == Grouping.Nothing ? null : By.ToString()), new("group", By == Grouping.Nothing ? null : Key), new("organisation", Organisation?.ToString()),
    ];

    /// <summary>The address of the list.</summary>
    public string Url => "/tickets" + QueryString.Create(Query.Where(p => p.Value is not null));

    /// <summary>A condition over <c>ticket t</c> and <c>ticket_fact f</c>.</summary>
    public string Where => $"{Measures.Among(Measure)} and {Measures.Counts(Measure)} and {Groupings.Only(By, Key)!.Value.Sql}"
        + (Organisation is null ? "" : " and t.organisation_id = @organisation");

    public string Order => Measures.Order(Measure);

    public IEnumerable<KeyValuePair<string, object>> Values(DateTimeZone zone) =>
    [
        new("from", Period?.Start(zone).ToUnixTimeMilliseconds() ?? 0), new("until", Period?.End(zone).ToUnixTimeMilliseconds() ?? 0),
        new("group", Groupings.Only(By, Key)!.Value.Value), new("organisation", Organisation?.Value ?? 0),
    ];
}
