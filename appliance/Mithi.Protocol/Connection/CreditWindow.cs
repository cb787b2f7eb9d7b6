namespace Mithi.Protocol.Connection;

/// <summary>How many bytes the other end still takes on one stream.</summary>
internal sealed class CreditWindow(int initial, int max)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _more;
    private int _available = initial;
    private Exception? _ended;

    /// <summary>Takes between 1 and <paramref name="wanted"/> bytes, or exactly that many when <paramref name="all"/>; waits for them.</summary>
    public async ValueTask<int> TakeAsync(int wanted, bool all, CancellationToken ct)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_ended is { } ended)
                    throw ended;
                if (_available >= (all ? wanted : 1))
                {
                    var taken = Math.Min(wanted, _available);
                    _available -= taken;
                    return taken;
                }
                _more ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                more = _more.Task;
            }
            await more.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    /// <exception cref="ProtocolException">The other end gave more than a window can hold.</exception>
    public void Add(uint bytes)
    {
        TaskCompletionSource? more;
        lock (_lock)
        {
            if (bytes == 0 || bytes > max - _available)
                throw new ProtocolException(ProtocolFault.CreditViolated, $"Credit of {bytes} bytes is nothing or too much.");
            _available += (int)bytes;
            (more, _more) = (_more, null);
        }
        more?.TrySetResult();
    }

    public void End(Exception because)
    {
        TaskCompletionSource? more;
        lock (_lock)
        {
            _ended ??= because;
            (more, _more) = (_more, null);
        }
        more?.TrySetResult();
    }
}
