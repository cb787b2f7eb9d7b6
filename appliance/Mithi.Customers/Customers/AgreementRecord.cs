using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Customers.Customers;

/// <summary>What became of the promises while a subscription held, for its page.</summary>
public sealed record AgreementRecord(SubscriptionId Id, OrganisationId Organisation, LocalDate First, LocalDate Last, PromisesKept Kept)
{
    /// <summary>The report with these very numbers.</summary>
    public string Url => $"/reports?period=custom&from={LocalDatePattern.Iso.Format(First)}&until={LocalDatePattern.Iso.Format(Last)}&organisation={Organisation}";

    /// <summary>A line for one promise, translated.</summary>
    public static string Text(ReaderTexts t, Kept kept) => kept.All == 0 ? t["none yet"] : t["{0} of {1} kept", kept.In, kept.All];

    /// <summary>From the day on which it was agreed, the last year of it at most.</summary>
    /// <returns>Empty for who may not read reports.</returns>
    public static async Task<IReadOnlyList<AgreementRecord>> OfAsync(
        IReadOnlyList<Subscription> agreed, IPromiseCount promises, CurrentPerson me, Instant now, CancellationToken ct)
    {
        var records = new List<AgreementRecord>();
        foreach (var one in agreed)
        {
            var last = LocalDate.Min(now.InZone(me.Zone).Date, one.UntilDate);
            var first = LocalDate.Max(one.CreatedAt.InZone(me.Zone).Date, last.PlusDays(1 - PromisesKept.DaysMax));
            if (first <= last && await promises.OfAsync(one.OrganisationId, first, last, me, ct) is { } kept) records.Add(new(one.Id, one.OrganisationId, first, last, kept));
        }
        return records;
    }
}
