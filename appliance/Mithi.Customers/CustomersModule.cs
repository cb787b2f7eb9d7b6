using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Customers.Customers;
using Mithi.Kernel;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;

namespace Mithi.Customers;

/// <summary>Customers: what runs at their sites, what was agreed with them, what they may have, and how they are set up.</summary>
public sealed class CustomersModule : IModule
{
    public CustomersModule() => RowMapping.AddId<SubscriptionId>();

    /// <inheritdoc/>
    public IReadOnlyList<MenuEntry> Menu { get; } =
        [new("Customers", "/customers", Permission.CustomerRead, "What runs where, what was agreed, and until when.")];

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton<CustomerStore>().AddSingleton<SubscriptionStore>().AddSingleton<ICustomerRecords, CustomerRecords>();
        services.AddSingleton<IOutboxHandler, SiteInstalledHandler>();
        services.AddSingleton<ISearchable, CustomerSearch>().AddSingleton<ILinkTarget, CustomerLink>();
    }

    /// <inheritdoc/>
    public void MapRoutes(IEndpointRouteBuilder routes)
    {
        CustomerRoutes.Map(routes);
        ContactRoutes.Map(routes);
    }
}
