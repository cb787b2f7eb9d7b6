using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Fleet.Lines;
using Mithi.Fleet.Media;
using Mithi.Fleet.Orders;
using Mithi.Fleet.Releases;
using Mithi.Fleet.Sites;
using Mithi.Kernel;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using Mithi.Protocol.Pairing;

namespace Mithi.Fleet;

/// <summary>Customers' servers: plans, media, pairing, installation, and the way in afterwards.</summary>
public sealed class FleetModule : IModule
{
    public FleetModule()
    {
        RowMapping.AddId<SiteId>();
        RowMapping.AddId<OrderId>();
    }

    /// <inheritdoc/>
    public IReadOnlyList<MenuEntry> Menu { get; } =
        [new("Sites", "/sites", Permission.SiteRead, "See how customers' servers are, install new ones and keep them up to date.")];

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton<SiteKeys>().AddSingleton<SiteSignals>().AddSingleton<SiteLines>().AddSingleton<SiteInbox>();
        services.AddSingleton<SiteEndpoint>().AddSingleton(s => new PairingDesk(s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SiteStore>().AddSingleton<OrderStore>().AddSingleton<SiteView>().AddSingleton<MediumStore>();
        services.AddSingleton<KnownReleases>().AddSingleton<IOutboxHandler>(s => s.GetRequiredService<KnownReleases>());
        services.AddSettings(FleetSettings.All).AddSingleton<IHostNames, SiteNames>();
    }

    /// <inheritdoc/>
    public void MapRoutes(IEndpointRouteBuilder routes)
    {
        SiteRoutes.Map(routes);
        OrderRoutes.Map(routes);
        MediumRoutes.Map(routes);
        routes.MapGet("/site", (HttpContext http, SiteEndpoint door) => door.ServeAsync(http))
            .ForEverybody("a machine proves itself inside the WebSocket, by its key").CountsAtTheDoor();
    }
}
