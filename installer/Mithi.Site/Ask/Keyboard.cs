using System.Text;
using System.Threading.Channels;

namespace Mithi.Site.Ask;

/// <summary>Lines that the operator types on any console. The consoles themselves echo and take backspaces.</summary>
internal sealed class Keyboard(params string[] consoles)
{
    private Channel<string>? _lines;

    /// <summary>What is typed from now on.</summary>
    public IAsyncEnumerable<string> Lines(CancellationToken ct)
    {
        if (_lines is null)
        {
            _lines = Channel.CreateUnbounded<string>();
            foreach (var console in consoles)
            {
                // A read from a console can't be cancelled, so each has a thread of its own that lives as long as we do.
                var reader = new Thread(() => Read(console, _lines.Writer)) { IsBackground = true, Name = console };
                reader.Start();
            }
        }
        return _lines.Reader.ReadAllAsync(ct);
    }

    private static void Read(string console, ChannelWriter<string> lines)
    {
        try
        {
            using var stream = new FileStream(console, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var buffer = new byte[256];
            // A terminal gives one line a read.
            while (stream.Read(buffer) is var count and > 0)
                lines.TryWrite(Encoding.ASCII.GetString(buffer, 0, count).TrimEnd('\r', '\n'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // No such console here; the other one may be.
        }
    }
}
