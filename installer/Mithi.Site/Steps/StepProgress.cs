using Mithi.Protocol.Messages;
using Mithi.Site.Link;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>Tells the screen and the node how far a step is, a few times a second at most.</summary>
internal sealed class StepProgress(Stage stage, NodeLink? link, Ask.Screen? screen, TimeProvider time)
{
    private long _told = long.MinValue;

    /// <summary>What the step has moved so far.</summary>
    public long Bytes { get; private set; }

    public void Report(long done, long total, string unit = "bytes")
    {
        if (unit == "bytes") Bytes = done;
        screen?.Change(state => state with { Fraction = total > 0 ? (double)done / total : -1 });
        if (_told != long.MinValue && done < total && time.GetElapsedTime(_told) < Limits.ProgressMin) return;
        _told = time.GetTimestamp();
        link?.Show(new ProgressMessage(stage.Name(), done, total, unit, time.GetUtcNow()));
    }
}
