namespace Mithi.Protocol.Connection;

/// <summary>Bytes of a stream that came and wait for their reader. Never more than the credit that was given.</summary>
internal sealed class InboundBuffer
{
    private const int BlockBytes = 16 << 10;
    private readonly Queue<byte[]> _blocks = new();
    private byte[]? _last;
    private int _head;
    private int _tail;

    public int Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_last is null || _tail == BlockBytes)
            {
                _last = new byte[BlockBytes];
                _blocks.Enqueue(_last);
                _tail = 0;
            }
            var part = Math.Min(bytes.Length, BlockBytes - _tail);
            bytes[..part].CopyTo(_last.AsSpan(_tail));
            _tail += part;
            bytes = bytes[part..];
        }
    }

    public int Take(Span<byte> to)
    {
        var taken = 0;
        while (taken < to.Length && Length > 0)
        {
            var first = _blocks.Peek();
            var end = ReferenceEquals(first, _last) ? _tail : BlockBytes;
            var part = Math.Min(to.Length - taken, end - _head);
            first.AsSpan(_head, part).CopyTo(to[taken..]);
            (taken, Length, _head) = (taken + part, Length - part, _head + part);
            if (_head < end)
                continue;
            _blocks.Dequeue();
            _head = 0;
            if (ReferenceEquals(first, _last))
                _last = null;
        }
        return taken;
    }
}
