using Mithi.Protocol.Messages;
using Mithi.Site.Ask;
using Mithi.Site.Journals;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>Carries out steps in their order, each journaled, each tried again until it is done. It never gives up and never restarts.</summary>
internal sealed class StepRunner(Installation on, IReadOnlyList<InstallStep> steps)
{
    private readonly Dictionary<Stage, Step> _shown =
        Enum.GetValues<Stage>().ToDictionary(stage => stage, stage => new Step(stage.Name(), StepState.Waiting, null, null, 0, ""));

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var step in steps)
        {
            if (await WasDoneAsync(step, ct))
            {
                Show(step.Stage, StepState.Skipped, "was done before");
                continue;
            }
            await UntilDoneAsync(step, ct);
        }
    }

    private async Task<bool> WasDoneAsync(InstallStep step, CancellationToken ct)
        => on.Journal is { } journal && on.Plan is { } plan
            && journal.StagesDone(plan.Id).Contains(step.Stage.Name()) && await step.IsStillDoneAsync(on, ct);

    private async Task UntilDoneAsync(InstallStep step, CancellationToken ct)
    {
        var delay = Limits.RetryFirst;
        while (true)
        {
            try
            {
                if (on.Orders.Stopped) await on.Orders.RetryAsync().WaitAsync(ct);
                await OnceAsync(step, ct);
                return;
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                var (fault, detail) = e is FaultException known ? (known.Fault, known.Detail) : (Faults.Program, e.ToString());
                await WaitAsync(step.Stage, fault, detail, delay, ct);
                delay = delay * 2 > Limits.RetryMax ? Limits.RetryMax : delay * 2;
            }
        }
    }

    private async Task OnceAsync(InstallStep step, CancellationToken ct)
    {
        var name = step.Stage.Name();
        on.Log.Info(name, "begins");
        on.Screen.Change(state => state with { Stage = step.Stage, Fraction = -1, Event = Words(step.Stage) });
        Show(step.Stage, StepState.Running, "");
        Record(JournalKind.Began, name, "");
        var progress = new StepProgress(step.Stage, on.Link, on.Screen, on.Time);
        await step.DoAsync(on, progress, ct);
        await step.VerifyAsync(on, ct);
        // The step's data is on the disk before the record that says so.
        if (on.Journal is not null) Native.SyncAll();
        Record(JournalKind.Done, name, "");
        on.Log.Info(name, "done");
        Show(step.Stage, StepState.Done, "", progress.Bytes);
    }

    private async Task WaitAsync(Stage stage, Fault fault, string detail, TimeSpan delay, CancellationToken ct)
    {
        on.Log.Error(stage.Name(), $"{fault.Id} {detail}");
        Record(JournalKind.Failed, stage.Name(), $"{fault.Id} {detail}");
        Show(stage, StepState.Failed, $"{fault.Id} {detail}");
        on.Screen.Change(state => state with { Fault = fault, Event = $"{stage.Name()} failed" });
        DateTimeOffset? retryAt = fault.Retries ? on.Time.GetUtcNow() + delay : null;
        on.Link.Show(new FaultMessage(fault.Id, stage.Name(), fault.Operator, detail, retryAt, on.Time.GetUtcNow()));
        var retry = on.Orders.RetryAsync();
        await (fault.Retries ? Task.WhenAny(retry, Task.Delay(delay, on.Time, ct)) : retry.WaitAsync(ct));
        ct.ThrowIfCancellationRequested();
        on.Screen.Change(state => state with { Fault = null });
        on.Link.Withdraw<FaultMessage>(new FaultClearedMessage(fault.Id));
    }

    private void Record(JournalKind kind, string stage, string detail)
    {
        if (on.Journal is { } journal && on.Plan is { } plan) journal.Append(plan.Id, stage, kind, Shorten(detail));
    }

    private void Show(Stage stage, StepState state, string detail, long bytes = 0)
    {
        var now = on.Time.GetUtcNow();
        var before = _shown[stage];
        _shown[stage] = before with
        {
            State = state,
            Detail = Shorten(detail),
            Bytes = bytes,
            StartedAt = state is StepState.Running ? now : before.StartedAt,
            EndedAt = state is StepState.Done or StepState.Failed or StepState.Skipped ? now : null,
        };
        if (on.Plan is { } plan) on.Link.Show(new StepsMessage(plan.Id, [.. _shown.OrderBy(pair => pair.Key).Select(pair => pair.Value)]));
    }

    private static string Words(Stage stage) => $"{stage.Name()} began";

    private static string Shorten(string text) => text.Length > Limits.LogLineCharsMax ? text[..Limits.LogLineCharsMax] : text;
}
