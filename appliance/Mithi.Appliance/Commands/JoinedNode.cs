using Mithi.Kernel;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;

namespace Mithi.Appliance.Commands;

/// <summary>What a command needs that works beside a running node: its database and its keys, and nothing that serves.</summary>
internal sealed class JoinedNode(NodeOptions options) : IAsyncDisposable
{
    public NodeOptions Options => options;

    public Db Db { get; } = new(options.Db);

    public AuditLog Audit => new(Db, new NodeKeys(options.Folder), TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        options.Folder.Dispose();
    }
}
