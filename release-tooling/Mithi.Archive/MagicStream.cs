namespace Mithi.Archive;

/// <summary>Lets a decoder read only what begins as a zstd frame, so that any other file is named as what it is.</summary>
internal sealed class MagicStream(Stream from) : Stream
{
    private int _checked;

    private static ReadOnlySpan<byte> Magic => [0x28, 0xb5, 0x2f, 0xfd];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = from.Read(buffer);
        for (var i = 0; i < count && _checked < Magic.Length; i++, _checked++)
        {
            if (buffer[i] != Magic[_checked]) throw new ArchiveException(ArchiveFault.NotAnArchive, "It is not compressed with zstd.");
        }
        if (count == 0 && buffer.Length > 0 && _checked == 0) throw new ArchiveException(ArchiveFault.NotAnArchive, "It is empty.");
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
