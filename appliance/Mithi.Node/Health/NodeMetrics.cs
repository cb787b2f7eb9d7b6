using Mithi.Kernel;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Node.Backup;
using Prometheus;

namespace Mithi.Node.Health;

/// <summary>The node's numbers in Prometheus' words, and those that .NET and Kestrel count themselves.</summary>
internal sealed class NodeMetrics : IDisposable
{
    private readonly CollectorRegistry registry = Metrics.NewCustomRegistry();
    private readonly IDisposable meters;

    public NodeMetrics(JobStore jobs, DataFolder folder, BackupFolder backups)
    {
        var factory = Metrics.WithCustomRegistry(registry);
        meters = MeterAdapter.StartListening(new() { Registry = registry });
        var states = factory.CreateGauge("mithi_jobs", "Jobs by state; recurring ones that rest are not counted.", "state");
        var free = factory.CreateGauge("mithi_disk_free_bytes", "Free space where the data folder is.");
        var backup = factory.CreateGauge("mithi_last_backup_timestamp_seconds", "When the newest backup was made; 0 for never.");
        factory.CreateGauge("mithi_info", "Always 1; the label says which version runs.", "version").WithLabels(NodeOptions.Version).Set(1);
        registry.AddBeforeCollectCallback(async ct =>
        {
            var counts = await jobs.CountsAsync(ct);
            states.WithLabels("queued").Set(counts.Queued);
            states.WithLabels("running").Set(counts.Running);
            states.WithLabels("waiting").Set(counts.Waiting);
            states.WithLabels("failed").Set(counts.Failed);
            free.Set(new DriveInfo(folder.Root).AvailableFreeSpace);
            backup.Set(backups.NewestAt()?.ToUnixTimeSeconds() ?? 0);
        });
    }

    public Task WriteAsync(Stream to, CancellationToken ct) => registry.CollectAndExportAsTextAsync(to, ct);

    public void Dispose() => meters.Dispose();
}
