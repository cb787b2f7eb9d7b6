using System.Buffers;
using System.Security.Cryptography;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Mithi.Archive;

/// <summary>
/// Reads an archive from beginning to end, once. Every byte of it is decided by the manifest but for the files' contents, and
/// these by their digests: whatever differs is refused at its place.
/// </summary>
/// <remarks>Work is done by the calling thread; memory is the manifest and the window, whatever the archive's size.</remarks>
public sealed class ArchiveReader : IDisposable
{
    private readonly Stream _tar;
    private long _position;
    private bool _read;

    private ArchiveReader(Stream tar) => _tar = tar;

    /// <summary>What the archive says it is, checked in itself.</summary>
    public Manifest Manifest { get; private set; } = null!;

    /// <summary>The manifest as it stands in the archive.</summary>
    public byte[] ManifestBytes { get; private set; } = [];

    /// <summary>Reads and checks the manifest. <paramref name="archive"/> stays open.</summary>
    /// <exception cref="ArchiveException">It is refused.</exception>
    public static ArchiveReader Open(Stream archive)
    {
        var reader = new ArchiveReader(Decompress(archive));
        try
        {
            reader.ReadManifest();
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Only the manifest of an archive file.</summary>
    public static Manifest ManifestOf(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = Open(file);
        return reader.Manifest;
    }

    /// <summary>Reads all the rest and gives every file that the archive brings, in order.</summary>
    /// <param name="take">Gets the file and its content; what it leaves unread is read for it. The digest is checked after it
    /// returns: until <see cref="ReadFiles"/> has returned, nothing that was taken may be used.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ArchiveException">It is refused.</exception>
    public void ReadFiles(Action<FileEntry, Stream> take, CancellationToken ct = default)
    {
        if (_read) throw new InvalidOperationException("An archive is read once.");
        _read = true;
        for (var i = 0; i < Manifest.Entries.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            var entry = Manifest.Entries[i];
            if (entry is FileEntry { Source: not FileSource.Full }) continue;
            ReadHeader(entry);
            if (entry is FileEntry file) ReadContent(file, take, ct);
        }
        ReadEnd();
    }

    /// <summary>Reads all the rest and refuses whatever differs from the manifest.</summary>
    public void Verify(CancellationToken ct = default) => ReadFiles((_, _) => { }, ct);

    /// <inheritdoc/>
    public void Dispose() => _tar.Dispose();

    private static DecompressionStream Decompress(Stream archive)
    {
        var stream = new DecompressionStream(new MagicStream(archive), Limits.PieceBytes, checkEndOfStream: true, leaveOpen: true);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, Limits.WindowLog);
        return stream;
    }

    private void ReadManifest()
    {
        Span<byte> header = stackalloc byte[TarHeader.BlockBytes];
        Fill(header);
        var (name, type, size) = TarHeader.Describe(header);
        if (name != TarHeader.ManifestName || type != '0')
            throw new ArchiveException(ArchiveFault.NotAnArchive, "The first entry is not manifest.json.", null, 0);
        if (size is < 2 or > Limits.ManifestBytesMax)
            throw new ArchiveException(ArchiveFault.LimitExceeded, $"The manifest has {size} bytes, {Limits.ManifestBytesMax} are allowed.", null, 0);
        ManifestBytes = ReadBytes((int)size);
        Manifest = ManifestJson.Read(ManifestBytes);
        if (!header.SequenceEqual(TarHeader.OfManifest(size, Manifest.Stamp)))
            throw new ArchiveException(ArchiveFault.HeaderMismatch, "The manifest's header is not as a writer writes it.", null, 0);
        SkipPadding(size);
    }

    // A piece at a time: a header that promises 32 MB must also bring them before they are ours to hold.
    private byte[] ReadBytes(int size)
    {
        using var bytes = new MemoryStream();
        var piece = new byte[Math.Min(size, Limits.PieceBytes)];
        while (bytes.Length < size)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, size - bytes.Length));
            Fill(part);
            bytes.Write(part);
        }
        return bytes.ToArray();
    }

    private void ReadHeader(ManifestEntry entry)
    {
        var expected = TarHeader.Of(entry, Manifest.Stamp);
        var at = _position;
        var found = new byte[expected.Length];
        Fill(found.AsSpan(0, TarHeader.BlockBytes));
        if (!found.AsSpan(0, TarHeader.BlockBytes).SequenceEqual(expected.AsSpan(0, TarHeader.BlockBytes)))
            throw Refuse(found.AsSpan(0, TarHeader.BlockBytes), entry, at);
        Fill(found.AsSpan(TarHeader.BlockBytes));
        if (!found.AsSpan().SequenceEqual(expected))
            throw new ArchiveException(ArchiveFault.HeaderMismatch, "The entry's extended header is not what the manifest says.", entry.Path, at);
    }

    // Only words: whatever the reason, the archive is refused.
    private ArchiveException Refuse(ReadOnlySpan<byte> block, ManifestEntry expected, long at)
    {
        var (name, type, _) = TarHeader.Describe(block);
        if (block.IndexOfAnyExcept((byte)0) < 0)
            return new(ArchiveFault.Truncated, "The archive ends before the manifest's last entry.", expected.Path, at);
        if (type is not ('0' or '2' or '5' or 'x'))
            return new(ArchiveFault.ForbiddenEntry, $"An entry of type '{(char.IsControl(type) ? '?' : type)}' has no place here.", name, at);
        var path = name.StartsWith(TarHeader.TreePrefix, StringComparison.Ordinal) ? name[TarHeader.TreePrefix.Length..].TrimEnd('/') : null;
        if (path is null && type != 'x' || path is not null && TreePath.WhyNot(path) is not null)
            return new(ArchiveFault.PathEscapes, "The entry is not within tree/.", name, at);
        if (path == expected.Path)
            return new(ArchiveFault.HeaderMismatch, "The entry's header is not what the manifest says.", path, at);
        var order = path is null ? 1 : TreePath.Order.Compare(path, expected.Path);
        var listed = path is null || Manifest.Entries.Any(entry => entry.Path == path);
        if (!listed) return new(ArchiveFault.NotInManifest, "The manifest does not list this entry.", path, at);
        return order > 0
            ? new(ArchiveFault.Reordered, $"Instead of it comes {path ?? "another entry"}.", expected.Path, at)
            : new(ArchiveFault.Duplicate, "The entry comes again, or too late.", path, at);
    }

    private void ReadContent(FileEntry file, Action<FileEntry, Stream> take, CancellationToken ct)
    {
        var at = _position;
        using (var content = new ContentStream(this, file.Size, ct))
        {
            take(file, content);
            content.Drain();
            if (content.Digest() != file.Sha256)
                throw new ArchiveException(ArchiveFault.DigestMismatch, "The content is not what the manifest says.", file.Path, at);
        }
        SkipPadding(file.Size);
    }

    private void SkipPadding(long size)
    {
        Span<byte> padding = stackalloc byte[TarHeader.BlockBytes];
        padding = padding[..TarHeader.Padding(size)];
        var at = _position;
        Fill(padding);
        if (padding.IndexOfAnyExcept((byte)0) >= 0)
            throw new ArchiveException(ArchiveFault.HeaderMismatch, "The padding is not empty.", null, at);
    }

    private void ReadEnd()
    {
        Span<byte> end = stackalloc byte[2 * TarHeader.BlockBytes];
        var at = _position;
        Fill(end);
        if (end.IndexOfAnyExcept((byte)0) >= 0)
        {
            var (name, type, _) = TarHeader.Describe(end);
            throw type is '0' or '2' or '5' or 'x'
                ? new ArchiveException(ArchiveFault.NotInManifest, "An entry follows that the manifest does not list.", name, at)
                : new ArchiveException(ArchiveFault.ForbiddenEntry, "Something else follows the last entry.", name, at);
        }
        if (Read(end[..1]) != 0) throw new ArchiveException(ArchiveFault.TrailingData, "Something follows the archive's end.", null, _position);
    }

    private void Fill(Span<byte> to)
    {
        while (to.Length > 0)
        {
            var count = Read(to);
            if (count == 0) throw new ArchiveException(ArchiveFault.Truncated, "The archive ends too early.", null, _position);
            to = to[count..];
        }
    }

    private int Read(Span<byte> to)
    {
        try
        {
            var count = _tar.Read(to);
            _position += count;
            return count;
        }
        catch (EndOfStreamException e)
        {
            throw new ArchiveException(ArchiveFault.Truncated, "The archive ends too early.", null, _position, e);
        }
        catch (ZstdException e)
        {
            throw new ArchiveException(ArchiveFault.Damaged, $"The compressed stream is broken: {e.Message}.", null, _position, e);
        }
    }

    // One file's content: ends where the manifest says that it ends.
    private sealed class ContentStream(ArchiveReader reader, long size, CancellationToken ct) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly long _size = size;
        private long _left = size;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => _size;

        public override long Position
        {
            get => _size - _left;
            set => throw new NotSupportedException();
        }

        public string Digest() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public void Drain()
        {
            if (_left == 0) return;
            var buffer = ArrayPool<byte>.Shared.Rent(Limits.PieceBytes);
            while (Read(buffer) > 0)
            {
            }
            ArrayPool<byte>.Shared.Return(buffer);
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            ct.ThrowIfCancellationRequested();
            if (_left == 0 || buffer.Length == 0) return 0;
            var count = reader.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            if (count == 0) throw new ArchiveException(ArchiveFault.Truncated, "The archive ends within a file.", null, reader._position);
            _hash.AppendData(buffer[..count]);
            _left -= count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
