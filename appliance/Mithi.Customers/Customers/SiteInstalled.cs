using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Customers.Customers;

/// <summary>A site has told which version of a product it runs.</summary>
internal sealed record SiteInstalled(OrganisationId OrganisationId, long SiteId, string Product, string Version);

/// <summary>Keeps the customer's record in step with what the sites tell.</summary>
internal sealed class SiteInstalledHandler(CustomerStore customers, OrganisationStore organisations, TimeProvider time) : IOutboxHandler
{
    public string Topic => "site.installed";

    public string Name => "customers.site-installed";

    public async Task HandleAsync(OutboxMessage message, CancellationToken ct)
    {
        var told = message.Read<SiteInstalled>();
        if (await organisations.GetAsync(told.OrganisationId, ct) is null)
            throw JobException.GiveUp($"Site {told.SiteId} says it belongs to organisation {told.OrganisationId}, which does not exist.");
        await customers.InstalledAsync(told.OrganisationId, told.SiteId, told.Product, told.Version, time.GetCurrentInstant(), ct);
    }
}
