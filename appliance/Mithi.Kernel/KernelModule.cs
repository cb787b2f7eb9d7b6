using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Calls;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Links;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using Mithi.Kernel.Webhooks;

namespace Mithi.Kernel;

/// <summary>What every module stands on, itself a module: people, jobs, blobs, audit log, settings, search, links, mail, calls.</summary>
/// <remarks>First in the host's list. Needs <c>NodeOptions</c> and <c>TimeProvider</c> from the host.</remarks>
public sealed class KernelModule : IModule
{
    /// <inheritdoc/>
    public IReadOnlyList<MenuEntry> Menu { get; } = 
    [
        .. PeopleParts.Menu,
        new("Settings", "/settings", Permission.SettingsManage, "Mail and everything else that can be decided."),
        new("Webhooks", "/webhooks", Permission.WebhookManage, "Have your programs told of what happens."),
        new("Jobs", "/node/jobs", Permission.NodeManage, "What is still to do, and what went wrong."),
        new("Audit log", "/audit", Permission.AuditRead, "Who did what, and when."),
    ];

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton<NodeKeys>().AddSingleton<BlobStore>().AddSingleton<AuditLog>();
        services.AddSingleton<IChainedLog>(s => s.GetRequiredService<AuditLog>());
        services.AddSingleton(s => new Db(s.GetRequiredService<NodeOptions>().Db));
        services.AddSingleton(s => s.GetRequiredService<NodeOptions>().Folder);
        services.AddSingleton<NodeAddress>();
        services.AddSingleton(s => NodeIdentity.Open(s.GetRequiredService<DataFolder>(), s.GetRequiredService<TimeProvider>()));
        services.AddPeople();
        services.AddSingleton<JobSignal>().AddSingleton<JobStore>().AddSingleton<JobCatalog>();
        services.AddSingleton<Outbox>().AddSingleton<JobQueue>();
        services.AddSingleton<SettingCatalog>().AddSingleton<SecretBox>().AddSingleton<SettingStore>();
        services.AddSingleton<KeptAnswerStore>().AddSingleton<IRecurringJob, KeptAnswerSweepJob>();
        services.AddSingleton<SearchIndex>().AddSingleton<Linkifier>();
        services.AddSingleton<MailStore>().AddSingleton<AddressStates>().AddSingleton<MailQueue>().AddSingleton<IJob, SendMailJob>();
        services.AddSingleton<IOutboxHandler, MailSettingsChanged>().AddSettings(MailSettings.All);
        services.AddSingleton<WebhookStore>().AddSingleton<WebhookOutbox>().AddSingleton<WebhookClient>().AddSingleton<IHostAddresses, SystemHostAddresses>();
        services.AddSingleton<IJob, WebhookJob>().AddSingleton<IRecurringJob, WebhookSweepJob>().AddSettings(WebhookSettings.PrivateTargets);
        services.AddSingleton<JobLoop>().AddHostedService(s => s.GetRequiredService<JobLoop>());
    }

    /// <inheritdoc/>
    public void MapRoutes(IEndpointRouteBuilder routes)
    {
        HomeRoutes.Map(routes);
        routes.MapPeople();
        SearchRoutes.Map(routes);
        SettingRoutes.Map(routes);
        AuditRoutes.Map(routes);
        JobRoutes.Map(routes);
        WebhookRoutes.Map(routes);
    }
}
