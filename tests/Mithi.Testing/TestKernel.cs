using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Mithi.Kernel;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Testing;

/// <summary>The Kernel without the web: stores, jobs, blobs on either engine, with a clock that the test moves. For store tests.</summary>
/// <remarks>Nothing loops: <c>DrainAsync</c> runs the jobs that are due.</remarks>
public sealed class TestKernel : IAsyncDisposable
{
    private readonly TempFolder temp = new();
    private readonly TestDb database;
    private readonly DataFolder folder;

    private TestKernel(TestDb database, Action<IServiceCollection>? more, IReadOnlyList<IModule> modules)
    {
        this.database = database;
        folder = DataFolder.Open(temp.File("data"));
        Services = Build(more, modules);
    }

    public ServiceProvider Services { get; private set; }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));

    public Instant Now => Clock.GetCurrentInstant();

    public Db Db => database.Db;

    public DataFolder Folder => folder;

    /// <param name="engine">SQLite or PostgreSQL.</param>
    /// <param name="more">What the test adds: jobs, handlers, settings.</param>
    /// <param name="modules">Modules beside the Kernel whose services and tables there are.</param>
    public static async Task<TestKernel> StartAsync(DbEngine engine, Action<IServiceCollection>? more = null, params IModule[] modules)
        => new(await TestDb.StartAsync(engine, [.. modules.Select(m => m.GetType().Assembly)]), more, modules);

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Runs all that is due now.</summary>
    public Task DrainAsync() => Get<JobLoop>().DrainAsync(CancellationToken.None);

    /// <summary>What is queued, waits or has failed; without the recurring jobs.</summary>
    public async Task<IReadOnlyList<JobLine>> JobsAsync()
        => [.. (await Get<JobStore>().ListAsync(CancellationToken.None)).Where(j => j.Kind != JobKind.Recurring)];

    public Task WriteAsync(Func<Tx, Task> change) => Db.WriteAsync(change, CancellationToken.None);

    public Task<T> ReadAsync<T>(Func<Tx, Task<T>> question) => Db.ReadAsync(question, CancellationToken.None);

    /// <summary>Everything anew over the same database and folder, as after a restart of the program.</summary>
    public async Task RestartAsync(Action<IServiceCollection>? more = null, params IModule[] modules)
    {
        await Services.DisposeAsync();
        Services = Build(more, modules);
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        await database.DisposeAsync();
        folder.Dispose();
        temp.Dispose();
    }

    private ServiceProvider Build(Action<IServiceCollection>? more, IReadOnlyList<IModule> modules)
    {
        var services = new ServiceCollection();
        services.AddSingleton(new NodeOptions { Folder = folder, Db = database.Options, Listen = [new Uri("http://node.test:8480")] });
        services.AddSingleton(new Texts([typeof(KernelModule).Assembly, .. modules.Select(m => m.GetType().Assembly)]));
        services.AddSingleton(new Menu([]));
        services.AddSingleton(typeof(Microsoft.Extensions.Logging.ILogger<>), typeof(NullLogger<>));
        foreach (var module in (IModule[])[new KernelModule(), .. modules]) module.AddServices(services);
        // Given from outside, so not disposed with the container.
        services.AddSingleton(database.Db).AddSingleton(folder).AddSingleton<TimeProvider>(Clock);
        more?.Invoke(services);
        return services.BuildServiceProvider();
    }
}
