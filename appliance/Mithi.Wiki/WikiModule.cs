using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;
using Mithi.Wiki.Git;
using Mithi.Wiki.Rendering;

namespace Mithi.Wiki;

/// <summary>The manuals: pages in git, read from an index, edited in the browser.</summary>
public sealed class WikiModule : IModule
{
    public IReadOnlyList<MenuEntry> Menu { get; } =
        [new("Manuals", "/wiki", Permission.ManualRead, "How to set up, use and support the server.")];

    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton<Repositories>().AddSingleton<WikiIndex>().AddSingleton<WikiStore>().AddSingleton<MarkdownRenderer>();
        services.AddSingleton<ISearchable>(s => s.GetRequiredService<WikiIndex>()).AddSingleton<ILinkTarget, WikiLink>().AddSingleton<IRunbooks, Runbooks>();
        services.AddHostedService<WikiSeed>();
    }

    public void MapRoutes(IEndpointRouteBuilder routes) => WikiRoutes.Map(routes);
}
