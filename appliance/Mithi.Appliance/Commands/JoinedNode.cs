using Mithi.Kernel;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;

namespace Mithi.Appliance.Commands;

/// <summary>What a command needs that works beside a running node: its parts, of which none is started and none serves.</summary>
/// <remarks>To be put together they write nothing; only what a command asks them to do changes anything.</remarks>
internal sealed class JoinedNode(NodeOptions options) : IAsyncDisposable
{
    private readonly ServiceProvider services = Parts(options);

    public NodeOptions Options => options;

    public Db Db => Get<Db>();

    public AuditLog Audit => Get<AuditLog>();

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>Every chained log there is, the audit log first.</summary>
    public IReadOnlyList<IChainedLog> Logs => [.. services.GetServices<IChainedLog>().OrderBy(l => l is not AuditLog)];

    public IEnumerable<T> All<T>() => services.GetServices<T>();

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        options.Folder.Dispose();
    }

    private static ServiceProvider Parts(NodeOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        Appliance.AddParts(services, options);
        return services.BuildServiceProvider();
    }
}
