using System.Buffers;
using System.IO.Pipelines;

namespace Mithi.Helpdesk.Import;

/// <summary>The lines of a file that may be hostile: none is held that is longer than it may be.</summary>
internal static class LineReader
{
    /// <param name="Number">From 1.</param>
    /// <param name="End">Where the next one begins, in bytes.</param>
    /// <param name="Bytes">Null when it was too long.</param>
    public readonly record struct Line(long Number, long End, byte[]? Bytes);

    public static async IAsyncEnumerable<Line> ReadAsync(Stream from, int bytesMax, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var pipe = PipeReader.Create(from, new StreamPipeReaderOptions(bufferSize: 64 << 10));
        var (number, end, tooLong) = (0L, 0L, false);
        while (true)
        {
            var read = await pipe.ReadAsync(ct);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } at)
            {
                var line = buffer.Slice(0, at);
                end += line.Length + 1;
                yield return new(++number, end, tooLong || line.Length > bytesMax ? null : line.ToArray());
                (tooLong, buffer) = (false, buffer.Slice(buffer.GetPosition(1, at)));
            }
            if (buffer.Length > bytesMax)
            {
                (tooLong, end) = (true, end + buffer.Length);
                buffer = buffer.Slice(buffer.End);
            }
            if (read.IsCompleted)
            {
                if (tooLong || buffer.Length > 0) yield return new(++number, end + buffer.Length, tooLong ? null : buffer.ToArray());
                break;
            }
            pipe.AdvanceTo(buffer.Start, buffer.End);
        }
        await pipe.CompleteAsync();
    }
}
