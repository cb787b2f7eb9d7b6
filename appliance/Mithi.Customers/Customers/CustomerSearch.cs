using Mithi.Kernel.Data;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;

namespace Mithi.Customers.Customers;

/// <summary>Puts the newest setup document of each customer into the index again.</summary>
internal sealed class CustomerSearch(OrganisationStore organisations) : ISearchable
{
    public string Kind => CustomerStore.SearchKind;

    public async Task ReindexAsync(SearchIndex index, Db db, IProgress<(long Done, long Total)> done, CancellationToken ct)
    {
        var newest = await db.ReadAsync(tx => tx.QueryAsync<Row>("""
            select s.organisation_id, s.body from customer_setup s
            where s.revision = (select max(revision) from customer_setup where organisation_id = s.organisation_id)
            """), ct);
        foreach (var (row, i) in newest.Select((r, i) => (r, i)))
        {
            if (await organisations.GetAsync(row.OrganisationId, ct) is { } it)
                await db.WriteAsync(tx => index.PutAsync(tx, new(Kind, it.Id.ToString(), it.Name, row.Body, $"/customers/{it.Id}",
                    Permission.CustomerRead, it.Id, null, "en")), ct);
            done.Report((i + 1, newest.Count));
        }
    }

    private sealed record Row(OrganisationId OrganisationId, string Body);
}

/// <summary>What <c>customer:17</c> in a text points to.</summary>
internal sealed class CustomerLink(OrganisationStore organisations) : ILinkTarget
{
    public string Scheme => "customer";

    public async Task<LinkTarget?> ResolveAsync(string id, CurrentPerson me, CancellationToken ct)
        => OrganisationId.TryParse(id, null, out var organisation) && await organisations.FindAsync(organisation, me, ct) is { } it
            ? new($"/customers/{it.Id}", it.Name) : null;
}
