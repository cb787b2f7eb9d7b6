using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Reports;

/// <summary>What a customer is shown of his promises: a report's numbers and no others.</summary>
internal sealed class PromiseCount(ReportStore store) : IPromiseCount
{
    /// <inheritdoc/>
    public async Task<PromisesKept?> OfAsync(OrganisationId organisation, LocalDate first, LocalDate last, CurrentPerson me, CancellationToken ct)
    {
        if (!me.May(Permission.ReportRead) || await store.OrganisationAsync(organisation, me, ct) is null) return null;
        var total = (await store.ReportAsync(new(new(PeriodKind.Custom, first, last), Grouping.Nothing, organisation), me, ct)).Total;
        return new(Of(Measure.ResponseKept, Measure.ResponseBroken), Of(Measure.NextKept, Measure.NextBroken), Of(Measure.ResolutionKept, Measure.ResolutionBroken));

        Kept Of(Measure kept, Measure broken) => new(total.Of(kept), total.Of(broken));
    }
}
