using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;

namespace Mithi.Kernel;

/// <summary>What every module stands on: jobs, blobs, audit log, settings, search, links and mail, and their pages.</summary>
/// <remarks>First in the host's list. Needs <c>Db</c>, <c>DataFolder</c> and <c>TimeProvider</c> from the host.</remarks>
public sealed class KernelModule : IModule
{
    /// <inheritdoc/>
    public IReadOnlyList<MenuEntry> Menu { get; } = [];

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton<NodeKeys>().AddSingleton<BlobStore>().AddSingleton<AuditLog>();
        services.AddSingleton<JobSignal>().AddSingleton<JobStore>().AddSingleton<JobCatalog>();
        services.AddSingleton<Outbox>().AddSingleton<JobQueue>();
        services.AddSingleton<JobLoop>().AddHostedService(s => s.GetRequiredService<JobLoop>());
    }

    /// <inheritdoc/>
    public void MapRoutes(IEndpointRouteBuilder routes)
    {
    }
}
