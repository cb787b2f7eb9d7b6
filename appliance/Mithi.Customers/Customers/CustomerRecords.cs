using Mithi.Kernel.Data;
using Mithi.Kernel.People;

namespace Mithi.Customers.Customers;

/// <summary>What other parts of the house ask about a customer.</summary>
internal sealed class CustomerRecords : ICustomerRecords
{
    public async Task<CustomerRecord> OfAsync(Tx tx, OrganisationId organisation) => new(
        [.. (await CustomerStore.InstallationsAsync(tx, organisation)).Select(i => new InstalledProduct(i.Product, i.Version, $"({i.SiteId})"))],
        [.. (await CustomerStore.SubscriptionsAsync(tx, organisation)).Select(s => s.ToAgreement())]);
}
