using Microsoft.Extensions.Hosting;
using Mithi.Kernel.Jobs;
using NodaTime;

namespace Mithi.Downloads.Publishing;

/// <summary>Signs the snapshot and timestamp again at half their life, so that no client ever meets expired ones.</summary>
internal sealed class RenewJob(Publications publications) : IRecurringJob
{
    public string Name => "releases.renew";

    public Duration Interval => Duration.FromHours(1);

    public Task RunAsync(CancellationToken ct) => publications.RenewAsync(ct);
}

/// <summary>Before the node answers: rows for what was published when it was killed.</summary>
internal sealed class ReleaseStart(Publications publications) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => publications.CatchUpAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
