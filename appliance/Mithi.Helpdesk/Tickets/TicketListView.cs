using Mithi.Helpdesk.Batches;
using Mithi.Helpdesk.Keys;
using Mithi.Helpdesk.Macros;
using Mithi.Helpdesk.Reports;
using Mithi.Helpdesk.Views;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Puts the list of tickets together for one reader.</summary>
internal sealed class TicketListView(TicketStore store, MacroStore macros, KeyStore keys, ViewStore views, SliceWords slices, Texts texts, TimeProvider time)
{
    public async Task<TicketListModel> OfAsync(TicketFilter filter, CurrentPerson me, CancellationToken ct)
    {
        var (lines, next) = await store.ListAsync(filter, me, Limits.PageRows, ct);
        return new(filter, lines, next, me.May(Permission.TicketNote), time.GetCurrentInstant())
        {
            Unknown = TicketQuery.Parse(filter.Words, me.May(Permission.TicketNote)).Unknown,
            Views = me.May(Permission.TicketWork) ? await ViewsAsync(filter, me, ct) : [],
            Keys = await keys.IsOnAsync(me, ct),
            Slice = await slices.OfAsync(filter.Slice, me, ct),
            Bulk = me.May(Permission.TicketWork) ? await BulkAsync(filter, me, ct) : null,
        };
    }

    private async Task<IReadOnlyList<ViewLine>> ViewsAsync(TicketFilter current, CurrentPerson me, CancellationToken ct)
    {
        var t = texts.For(me.Language);
        var usual = TicketFilter.Views.Select(which => (Name: t[TicketNames.View(which)], Filter: TicketFilter.Parse($"show={which}"), Id: (ViewId?)null));
        var saved = (await views.ListAsync(me, ct)).Select(v => (v.Name, v.Filter, Id: v.OwnerId is not null || me.May(Permission.HelpdeskManage) ? v.Id : (ViewId?)null));
        var all = usual.Concat(saved).ToArray();
        var counts = await store.CountAsync([.. all.Select(v => v.Filter)], me, ct);
        return [.. all.Zip(counts, (v, c) => new ViewLine(v.Name, v.Filter.Url(null), c.Count, c.IsMore, v.Filter.Query == current.Query, v.Id))];
    }

    private async Task<BatchFormModel> BulkAsync(TicketFilter filter, CurrentPerson me, CancellationToken ct)
    {
        var staff = (await store.StaffAsync(ct)).Select(s => new Choice(s.Id.ToString(), s.Name));
        var own = (await macros.ListAsync(me, ct)).Select(m => new Choice(m.Id.ToString(), m.Name));
        return new(BatchForm.NewKey(), filter.Url(filter.Before)["/tickets".Length..], TicketActions.None, [.. staff], [.. own], null);
    }
}
