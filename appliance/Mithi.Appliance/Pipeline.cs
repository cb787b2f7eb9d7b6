using System.Net;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Mithi.Kernel;
using Mithi.Kernel.Calls;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Appliance;

/// <summary>What every request passes, in order. Read top down, it is the door of the house.</summary>
internal static class Pipeline
{
    public static void AddServices(WebApplicationBuilder builder, NodeOptions options)
    {
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options));
        var services = builder.Services;
        services.AddRoutingCore();
        services.AddRequestLimits();
        services.AddAntiforgery(forgery =>
        {
            forgery.HeaderName = RouteGuard.ForgeryHeader;
            forgery.FormFieldName = "_forgery";
            forgery.Cookie.Name = "mithi-forgery";
            forgery.Cookie.SameSite = SameSiteMode.Strict;
            forgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forgery.SuppressXFrameOptionsHeader = true;   // our own header says more
        });
        services.AddDataProtection().SetApplicationName("mithi").PersistKeysToFileSystem(new(Path.Join(options.Folder.Keys, "forms")));
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownProxies.Add(IPAddress.Loopback);
            forwarded.KnownProxies.Add(IPAddress.IPv6Loopback);
        });
        services.Configure<HostOptions>(host => host.ShutdownTimeout = Limits.StopMax);
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Information)
            // Keys lie in the data folder, readable by its owner alone; and pages that carry a form token are never cached anyway.
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error).AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error)
            // A start that fails is told in two lines by the command; its stack says nothing to who reads them.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
        if (options.JsonLog) builder.Logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        else builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
    }

    public static void Use(WebApplication app)
    {
        var options = app.Services.GetRequiredService<NodeOptions>();
        if (options.BehindProxy) app.UseForwardedHeaders();
        app.UseMiddleware<RequestFrame>();
        app.Use(app.Services.GetRequiredService<Assets>().ServeAsync);
        app.UseRouting();
        app.UseMiddleware<WhoAsks>();
        app.UseRateLimiter();   // behind who asks, so that it counts people and tokens, not only addresses
        app.UseMiddleware<RouteGuard>();
        app.UseMiddleware<KeyedCalls>();   // behind the guard, so that what was answered is told again only to who may still ask
        app.UseWebSockets();
    }

    private static void Listen(KestrelServerOptions kestrel, NodeOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Limits.RequestBytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = Limits.HeaderBytesMax;
        kestrel.Limits.RequestHeadersTimeout = Limits.HeadersMax;
        kestrel.Limits.MaxConcurrentConnections = Limits.ConnectionsMax;
        foreach (var address in options.Listen)
        {
            var ip = IPAddress.TryParse(address.Host.Trim('[', ']'), out var parsed) ? parsed : IPAddress.Loopback;
            kestrel.Listen(ip, address.Port, listen =>
            {
                if (address.Scheme == Uri.UriSchemeHttps)
                    listen.UseHttps(kestrel.ApplicationServices.GetRequiredService<NodeIdentity>().Certificate);
            });
        }
    }
}
