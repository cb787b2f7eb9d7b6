using Mithi.Protocol.Messages;

namespace Mithi.Site.Link;

/// <summary>The site's log until the node has it. Bounded: a node that is away for long gets the newest part.</summary>
internal sealed class SiteLog(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<LogEntry> _kept = [];
    private long _sent;
    private long _next = 1;
    private bool _numbered;

    /// <summary>Told each line, for the local journal.</summary>
    public Action<LogEntry>? Written { get; set; }

    /// <summary>Called when there is something to send.</summary>
    public Action? Grown { get; set; }

    public void Info(string step, string text) => Add("info", step, text);

    public void Warning(string step, string text) => Add("warning", step, text);

    public void Error(string step, string text) => Add("error", step, text);

    /// <summary>The node has everything up to here: what comes next is numbered behind it.</summary>
    public void StartAfter(long through)
    {
        lock (_gate)
        {
            if (!_numbered || through >= _next)
            {
                // Numbers begin again behind what the node has; what waits keeps its order.
                var waiting = _kept.ToList();
                _kept.Clear();
                _next = through + 1;
                foreach (var entry in waiting) _kept.AddLast(entry with { Number = _next++ });
                _numbered = true;
            }
            _sent = through;
        }
        Acknowledge(through);
    }

    /// <summary>Everything up to this number is on the node's disk.</summary>
    public void Acknowledge(long through)
    {
        lock (_gate)
            while (_kept.First is { } first && first.Value.Number <= through && _numbered) _kept.RemoveFirst();
    }

    /// <summary>The next lines that were not sent over this connection; empty when there are none.</summary>
    public IReadOnlyList<LogEntry> TakeUnsent()
    {
        lock (_gate)
        {
            if (!_numbered) return [];
            List<LogEntry> entries = [.. _kept.Where(entry => entry.Number > _sent).Take(Limits.LogEntriesAtOnce)];
            if (entries.Count > 0) _sent = entries[^1].Number;
            return entries;
        }
    }

    private void Add(string level, string step, string text)
    {
        var line = text.ReplaceLineEndings(" ");
        if (line.Length > Limits.LogLineCharsMax) line = line[..Limits.LogLineCharsMax];
        LogEntry entry;
        lock (_gate)
        {
            entry = new(_next++, time.GetUtcNow(), level, step, line);
            _kept.AddLast(entry);
            if (_kept.Count > Limits.LogEntriesMax) _kept.RemoveFirst();
        }
        Written?.Invoke(entry);
        Grown?.Invoke();
    }
}
