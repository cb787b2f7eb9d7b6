using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Downloads.Publishing;
using Mithi.Downloads.Serving;
using Mithi.Kernel;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;

namespace Mithi.Downloads;

/// <summary>The download centre: what is published, for whom, and who got it.</summary>
public sealed class DownloadsModule : IModule
{
    public IReadOnlyList<MenuEntry> Menu { get; } =
        [new("Downloads", "/downloads", Permission.ReleaseRead, "Builds, service packs and patches of your products.")];

    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton<ReleaseStore>().AddSingleton<Publications>().AddSingleton<Entitled>();
        services.AddSingleton<ILinkTarget, ReleaseLink>().AddSingleton<IRecurringJob, RenewJob>();
        services.AddHostedService<ReleaseStart>();
    }

    public void MapRoutes(IEndpointRouteBuilder routes)
    {
        DownloadRoutes.Map(routes);
        ServeRoutes.Map(routes);
        PublishRoutes.Map(routes);
    }
}
