using System.Collections.Concurrent;
using System.Threading.Channels;
using Mithi.Fleet.Sites;

namespace Mithi.Fleet.Lines;

/// <summary>Tells who watches a site that something about it has changed. Many changes before a look are one.</summary>
internal sealed class SiteSignals
{
    private readonly ConcurrentDictionary<SiteId, ConcurrentDictionary<Watch, bool>> watches = new();
    private int count;

    public void Changed(SiteId site)
    {
        if (!watches.TryGetValue(site, out var all)) return;
        foreach (var watch in all.Keys) watch.Wake();
    }

    /// <summary>How many watch; one more than may is told so by <see cref="Watch.MayWait"/>.</summary>
    public int Count => Volatile.Read(ref count);

    public Watch Open(SiteId site)
    {
        var watch = new Watch(this, site, Interlocked.Increment(ref count) <= Limits.LiveListenersMax);
        watches.GetOrAdd(site, _ => new())[watch] = true;
        return watch;
    }

    public sealed class Watch(SiteSignals signals, SiteId site, bool mayWait) : IDisposable
    {
        /// <summary>False when too many watch already: whoever looks gets one picture.</summary>
        public bool MayWait => mayWait;

        private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public async Task WaitAsync(CancellationToken ct) => await wake.Reader.ReadAsync(ct);

        public void Wake() => wake.Writer.TryWrite(true);

        public void Dispose()
        {
            if (signals.watches.TryGetValue(site, out var all) && all.TryRemove(this, out _)) Interlocked.Decrement(ref signals.count);
        }
    }
}
