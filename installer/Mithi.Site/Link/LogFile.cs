using System.Text;
using Mithi.Protocol.Messages;

namespace Mithi.Site.Link;

/// <summary>The log beside the screen: the second serial line, where the machine has one. The first belongs to the operator.</summary>
internal sealed class LogFile : IDisposable
{
    private FileStream? _line;

    public LogFile(string path)
    {
        try
        {
            _line = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The machine has none; the node has the log.
        }
    }

    public void Write(LogEntry entry)
    {
        try
        {
            _line?.Write(Encoding.UTF8.GetBytes($"{entry.At:HH:mm:ss} {entry.Level} {entry.Step} {entry.Text}\r\n"));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            _line = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _line?.Dispose();
}
