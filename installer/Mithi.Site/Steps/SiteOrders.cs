using System.Threading.Channels;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using Mithi.Site.Link;

namespace Mithi.Site.Steps;

/// <summary>Sorts the node's orders while an installation runs: plans to whoever plans, retries to whoever waits.</summary>
internal sealed class SiteOrders(NodeLink link, SiteLog log)
{
    private readonly Channel<Command> _plans = Channel.CreateUnbounded<Command>();
    private readonly Lock _gate = new();
    private TaskCompletionSource _retry = New();
    private bool _planning = true;

    /// <summary>Orders to make or to approve a plan.</summary>
    public ChannelReader<Command> Plans => _plans.Reader;

    /// <summary>Whether the engineer stopped the installation.</summary>
    public bool Stopped { get; private set; }

    /// <summary>The engineer had stopped it before the power went.</summary>
    public void Stop() => Stopped = true;

    /// <summary>Ends at the next order to try again.</summary>
    public Task RetryAsync()
    {
        lock (_gate) return _retry.Task;
    }

    /// <summary>The plan is agreed; another one would pull the floor from under the running steps.</summary>
    public void PlanIsAgreed() => _planning = false;

    /// <summary>Takes orders until cancelled. What is not for an installation goes to <paramref name="other"/>.</summary>
    public async Task RunAsync(Func<Command, bool>? other, CancellationToken ct)
    {
        await foreach (var command in link.Orders.ReadAllAsync(ct))
        {
            log.Info("", $"Order {command.Id}: {command.Order.GetType().Name}, allowed by {command.Grant}");
            switch (command.Order)
            {
                case MakePlan or ApprovePlan when _planning:
                    _plans.Writer.TryWrite(command);
                    break;
                case RetryStep retry:
                    Stopped = false;
                    Retry();
                    Answer(command, ok: true, "done", $"{retry.Step} is tried again.");
                    break;
                case AbortInstall:
                    Stopped = true;
                    Answer(command, ok: true, "done", "The installation waits after its running step.");
                    break;
                default:
                    if (other?.Invoke(command) is not true) Answer(command, ok: false, "refused", "This can't be done while the machine is installed.");
                    break;
            }
        }
    }

    public void Answer(Command command, bool ok, string outcome, string detail, string? code = null)
        => link.Tell(new ResultMessage(command.Id, ok, outcome, detail, code));

    private void Retry()
    {
        lock (_gate)
        {
            var waiting = _retry;
            _retry = New();
            waiting.TrySetResult();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
