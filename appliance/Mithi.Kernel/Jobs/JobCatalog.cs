using Microsoft.Extensions.DependencyInjection;
using Mithi.Cli;

namespace Mithi.Kernel.Jobs;

/// <summary>Who does what. Read at first use, because a handler may itself need the outbox.</summary>
public sealed class JobCatalog
{
    private readonly Lazy<Dictionary<string, IJob>> jobs;
    private readonly Lazy<ILookup<string, IOutboxHandler>> handlers;
    private readonly Lazy<Dictionary<string, IRecurringJob>> recurring;

    public JobCatalog(IServiceProvider services)
    {
        jobs = new(() => services.GetServices<IJob>().ToDictionary(j => j.Kind));
        handlers = new(() => Distinct(services.GetServices<IOutboxHandler>()).ToLookup(h => h.Topic));
        recurring = new(() => services.GetServices<IRecurringJob>().ToDictionary(j => j.Name));
    }

    internal IReadOnlyCollection<IRecurringJob> Recurring => recurring.Value.Values;

    internal IReadOnlyList<IOutboxHandler> HandlersOf(string topic) => [.. handlers.Value[topic]];

    internal IOutboxHandler? Handler(string topic, string name) => handlers.Value[topic].FirstOrDefault(h => h.Name == name);

    internal IJob? Job(string kind) => jobs.Value.GetValueOrDefault(kind);

    internal IRecurringJob? RecurringJob(string name) => recurring.Value.GetValueOrDefault(name);

    private static IOutboxHandler[] Distinct(IEnumerable<IOutboxHandler> all)
    {
        var list = all.ToArray();
        Check.That(list.DistinctBy(h => (h.Topic, h.Name)).Count() == list.Length);
        return list;
    }
}
