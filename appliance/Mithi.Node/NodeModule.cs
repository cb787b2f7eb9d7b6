using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Node.Backup;
using Mithi.Node.Health;

namespace Mithi.Node;

/// <summary>This node itself: backup, health, numbers.</summary>
public sealed class NodeModule : IModule
{
    /// <inheritdoc/>
    public IReadOnlyList<MenuEntry> Menu { get; } = [new("Node", "/node", Permission.NodeManage, "Backup, health and what this node runs on.")];

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton<Uptime>().AddSingleton<BackupFolder>().AddSingleton<Doctor>().AddSingleton<NodeMetrics>();
        services.AddSingleton<BackupJob>().AddSingleton<IJob>(s => s.GetRequiredService<BackupJob>());
        services.AddSingleton<IRecurringJob, NightlyBackup>().AddSettings(NodeSettings.All);
    }

    /// <inheritdoc/>
    public void MapRoutes(IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<Uptime>();
        NodeRoutes.Map(routes);
        HealthRoutes.Map(routes);
    }
}
