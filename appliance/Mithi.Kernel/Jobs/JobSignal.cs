using System.Threading.Channels;

namespace Mithi.Kernel.Jobs;

/// <summary>Wakes the loop. Setting it twice before it is seen is as setting it once.</summary>
public sealed class JobSignal
{
    private readonly Channel<bool> set = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal void Set() => set.Writer.TryWrite(true);

    internal async Task WaitAsync(CancellationToken ct) => await set.Reader.ReadAsync(ct);
}
