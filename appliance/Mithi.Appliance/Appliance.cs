using System.Reflection;
using Mithi.Customers;
using Mithi.Downloads;
using Mithi.Fleet;
using Mithi.Helpdesk;
using Mithi.Kernel;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;
using Mithi.Node;
using Mithi.Wiki;

namespace Mithi.Appliance;

/// <summary>Puts the house together. The verbs run it; tests start the same one on a free port.</summary>
public static class Appliance
{
    // A new module is one project and one line here. The order is the order of the menu.
    public static readonly IModule[] Modules =
    [
        new HelpdeskModule(),
        new CustomersModule(),
        new FleetModule(),
        new DownloadsModule(),
        new WikiModule(),
        new KernelModule(),
        new NodeModule(),
    ];

    /// <summary>The assemblies that bring SQL files, texts and assets. The Kernel's come first: all tables lean on its people.</summary>
    public static readonly Assembly[] Assemblies =
        [.. Modules.Select(m => m.GetType().Assembly).OrderBy(a => a != typeof(KernelModule).Assembly), typeof(Appliance).Assembly];

    public static WebApplication Build(NodeOptions options, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = options.Folder.Root,
            // Nothing of ours is read from files there, and to watch for them would be to watch every blob and git object.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        var services = builder.Services;
        AddParts(services, options);
        Pipeline.AddServices(builder, options);
        replace?.Invoke(services);   // after the modules, so that a test's clock wins

        var app = builder.Build();
        Pipeline.Use(app);
        var routes = app.MapGroup("").DisableAntiforgery();   // the guard checks every form, also those that bind by hand
        foreach (var module in Modules) module.MapRoutes(routes);
        return app;
    }

    /// <summary>Everything but the web server: what the verbs work with that serve nobody.</summary>
    public static void AddParts(IServiceCollection services, NodeOptions options)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(new Texts(Assemblies));
        services.AddSingleton(new Assets(Assemblies));
        services.AddSingleton(new Menu([.. Modules.SelectMany(m => m.Menu)]));
        services.AddSingleton(new Migrations(options.Db, Assemblies));
        foreach (var module in Modules) module.AddServices(services);
    }
}
