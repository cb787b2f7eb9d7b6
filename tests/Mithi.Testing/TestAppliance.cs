using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mithi.Appliance.Commands;
using Mithi.Kernel;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Testing;

/// <summary>The real house on a free loopback port, with a data folder of its own. Only the clock can be a test's.</summary>
public sealed class TestAppliance : IAsyncDisposable
{
    private readonly TempFolder temp;
    private readonly Action<IServiceCollection> replace;
    private WebApplication app;
    private NodeOptions options;

    private TestAppliance(TempFolder temp, WebApplication app, NodeOptions options, FakeTimeProvider? clock, Action<IServiceCollection> replace)
        => (this.temp, this.app, this.options, Clock, this.replace) = (temp, app, options, clock, replace);

    /// <summary>Null when the house runs on the machine's clock.</summary>
    public FakeTimeProvider? Clock { get; }

    public IServiceProvider Services => app.Services;

    public Db Db => Services.GetRequiredService<Db>();

    public DataFolder Folder => options.Folder;

    public Uri Url => new(Services.GetRequiredService<NodeAddress>().Listening[0].ToString());

    /// <param name="clock">Give one to decide what time it is; it does not move by itself.</param>
    /// <param name="replace">Last word on the services.</param>
    /// <param name="https">Listens with the node's own certificate.</param>
    /// <param name="publicUrl">How others reach it, when that is not the address it listens on.</param>
    public static async Task<TestAppliance> StartAsync(FakeTimeProvider? clock = null, Action<IServiceCollection>? replace = null,
        bool https = false, Uri? publicUrl = null)
    {
        var temp = new TempFolder();
        var folder = DataFolder.Open(temp.File("data"));
        var options = new NodeOptions
        {
            Folder = folder,
            Db = DbOptions.Sqlite(folder.Database),
            PublicUrl = publicUrl,
            Listen = [new Uri(https ? "https://127.0.0.1:0" : "http://127.0.0.1:0")],
        };
        void Replace(IServiceCollection services)
        {
            if (clock is not null) services.AddSingleton<TimeProvider>(clock);
            replace?.Invoke(services);
        }
        var app = Appliance.Appliance.Build(options, Replace);
        await ServeCommand.StartAsync(app, CancellationToken.None);
        return new(temp, app, options, clock, Replace);
    }

    /// <summary>Stops the house and starts it anew on its data folder, at the same address.</summary>
    public async Task RestartAsync()
    {
        var url = Url;
        await app.StopAsync();
        await app.DisposeAsync();
        options.Folder.Dispose();
        options = options with { Folder = DataFolder.Open(options.Folder.Root), Listen = [url] };
        app = Appliance.Appliance.Build(options, replace);
        await ServeCommand.StartAsync(app, CancellationToken.None);
    }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>A browser without scripts: keeps cookies, follows nothing by itself.</summary>
    public TestBrowser Browser() => new(Url);

    /// <summary>Fills an empty house with the sample's vendor, partner, customers, tickets and product.</summary>
    public async Task AddSampleAsync() => await Appliance.Sample.SampleData.AddAsync(Services, CancellationToken.None);

    /// <summary>Makes an organisation.</summary>
    public Task<OrganisationId> OrganisationAsync(string kind, string name, OrganisationId? partner = null)
        => Db.WriteAsync(tx => tx.QuerySingleAsync<OrganisationId>("""
            insert into organisation (kind, name, partner_id, created_at) values (@kind, @name, @partner, @now) returning id
            """, new { kind, name, partner, now = Now }), CancellationToken.None);

    /// <summary>Makes a person and a signed-in browser for him.</summary>
    public async Task<TestBrowser> SignInAsync(Role role, OrganisationId organisation, string? email = null)
    {
        email ??= $"{role}-{organisation}@example.test".ToLowerInvariant();
        var stamp = Guid.NewGuid().ToString("N");
        var person = await Db.WriteAsync(tx => tx.QuerySingleAsync<PersonId>("""
            insert into person (organisation_id, role, name, email, email_key, security_stamp, time_zone, created_at, confirmed_at)
            values (@organisation, @role, @name, @email, @email, @stamp, 'UTC', @now, @now) returning id
            """, new { organisation, role = role.ToString(), name = $"A {role}", email, stamp, now = Now }), CancellationToken.None);
        return await Browser().SignInAsAsync(this, person);
    }

    public Instant Now => Get<TimeProvider>().GetCurrentInstant();

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        options.Folder.Dispose();
        temp.Dispose();
    }
}
