using System.Buffers;
using System.Text;

namespace Mithi.Cli;

/// <summary>Keeps the end of a stream: an error's reason stands in its last lines.</summary>
internal sealed class Tail(int bytesMax, Action<string>? onLine)
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _kept = new();
    private readonly ArrayBufferWriter<byte> _line = new();

    public bool Truncated { get; private set; }

    public async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await stream.ReadAsync(buffer) is var count and > 0)
            {
                Keep(buffer.AsSpan(0, count));
                if (onLine is not null) Split(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed under us: the process is gone, or we stopped listening.
        }
        if (onLine is not null && _line.WrittenCount > 0) EndLine();
    }

    public override string ToString()
    {
        lock (_gate)
        {
            var bytes = _kept.WrittenSpan;
            return Encoding.UTF8.GetString(bytes.Length > bytesMax ? bytes[^bytesMax..] : bytes);
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _kept.Write(bytes);
            if (_kept.WrittenCount > bytesMax) Truncated = true;
            if (_kept.WrittenCount <= 2L * bytesMax) return;   // Moving the tail each time would copy it for every read.
            var tail = _kept.WrittenSpan[^bytesMax..].ToArray();
            _kept.ResetWrittenCount();
            _kept.Write(tail);
        }
    }

    private void Split(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'\n') is var end and >= 0)
        {
            _line.Write(bytes[..end]);
            EndLine();
            bytes = bytes[(end + 1)..];
        }
        _line.Write(bytes);
        if (_line.WrittenCount > bytesMax) EndLine();   // A program that never ends its line must not take our memory.
    }

    private void EndLine()
    {
        onLine!(Encoding.UTF8.GetString(_line.WrittenSpan).TrimEnd('\r'));
        _line.ResetWrittenCount();
    }
}
