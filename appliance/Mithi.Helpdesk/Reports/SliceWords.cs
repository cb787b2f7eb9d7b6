using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Reports;

/// <summary>Says which of a report's tickets a list shows.</summary>
internal sealed class SliceWords(ReportStore store, Texts texts)
{
    /// <summary>Translated; null when the list is no report's. What is out of reach is not named.</summary>
    public async Task<string?> OfAsync(ReportSlice? slice, CurrentPerson me, CancellationToken ct)
    {
        if (slice is null || slice.IsInternal && !me.May(Permission.TicketNote)) return null;
        var t = texts.For(me.Language);
        List<string> words = [t[ReportNames.Of(slice.Measure)]];
        if (slice.Period is { } period) words.Add(t["{0} to {1}", period.From, period.Until]);
        if (slice.By != Grouping.Nothing && await NameAsync(slice, me, t, ct) is { } name) words.Add(t["{0}: {1}", t[ReportNames.Of(slice.By)], name]);
        if (slice.Organisation is { } about && await store.OrganisationAsync(about, me, ct) is { } of) words.Add(of);
        return string.Join(" · ", words);
    }

    private async Task<string?> NameAsync(ReportSlice slice, CurrentPerson me, ReaderTexts t, CancellationToken ct)
    {
        if (Groupings.Name(slice.By, slice.Key) is { } ours) return t[ours];
        if (slice.By != Grouping.Customer) return await store.NameAsync(slice.By, slice.Key, ct) ?? slice.Key;
        return IdText.TryParse<OrganisationId>(slice.Key, out var id) ? await store.OrganisationAsync(id, me, ct) : null;
    }
}
