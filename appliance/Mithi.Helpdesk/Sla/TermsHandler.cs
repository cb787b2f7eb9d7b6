using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;

namespace Mithi.Helpdesk.Sla;

/// <summary>A calendar or the standard contract changed: all open tickets count by the new one.</summary>
internal sealed class TermsHandler(ClockStore clocks) : IOutboxHandler
{
    public const string TopicName = "helpdesk.terms-changed";

    public string Topic => TopicName;

    public string Name => "helpdesk.terms";

    // Again after a kill: a due time is a cache, so writing it twice is as once.
    public Task HandleAsync(OutboxMessage message, CancellationToken ct) => clocks.RefreshAsync(null, ct);
}

/// <summary>The points of warning changed: all open tickets are looked at again when the new ones come.</summary>
internal sealed class WarnSettingsChanged(ClockStore clocks) : IOutboxHandler
{
    public string Topic => SettingStore.ChangedTopic;

    public string Name => "helpdesk.warnings";

    public async Task HandleAsync(OutboxMessage message, CancellationToken ct)
    {
        var key = message.Read<SettingChanged>().Key;
        if (key == WarnSettings.Percents.Key || key == WarnSettings.Minutes.Key) await clocks.RefreshAsync(null, ct);
    }
}
