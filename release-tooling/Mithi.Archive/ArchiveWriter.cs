using System.Buffers;
using System.Security.Cryptography;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Mithi.Archive;

/// <summary>An archive that was written.</summary>
/// <param name="Manifest">What is in it.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Sha256">Digest of the whole archive, small hex.</param>
/// <param name="Bytes">Its size.</param>
public sealed record PackedArchive(Manifest Manifest, string Path, string Sha256, long Bytes);

/// <summary>Writes archives. The manifest and the files decide every byte: no clock, owner, folder, locale or thread gets in.</summary>
public static class ArchiveWriter
{
    /// <summary>Writes <c>folder/[archive's name]</c> from a tree; appears only when complete.</summary>
    /// <param name="manifest">Says what goes in.</param>
    /// <param name="tree">The resulting tree; only its files with source "full" are read.</param>
    /// <param name="folder">Where the archive shall stand.</param>
    /// <param name="progress">Told of bytes read and all bytes to read.</param>
    /// <param name="ct">Cancels; nothing is left behind.</param>
    public static PackedArchive WriteFile(
        Manifest manifest, string tree, string folder, Action<long, long>? progress = null, CancellationToken ct = default)
    {
        var path = Path.Join(folder, manifest.Name.ToString());
        var (sha256, bytes) = DurableFile.Write(path, to => Write(manifest, entry => File.OpenRead(Path.Join(tree, entry.Path)), to, progress, ct));
        return new(manifest, path, sha256, bytes);
    }

    /// <summary>Writes an archive to a stream and returns its digest and size.</summary>
    /// <param name="manifest">Says what goes in.</param>
    /// <param name="open">Opens the content of a file with source "full"; it must be what the manifest says.</param>
    /// <param name="to">Is written from its current position and stays open.</param>
    /// <param name="progress">Told of bytes read and all bytes to read.</param>
    /// <param name="ct">Cancels.</param>
    public static (string Sha256, long Bytes) Write(
        Manifest manifest, Func<FileEntry, Stream> open, Stream to, Action<long, long>? progress = null, CancellationToken ct = default)
    {
        var spelled = ManifestJson.Write(manifest);
        using var digest = new DigestStream(to);
        using (var zstd = new CompressionStream(digest, Limits.CompressionLevel, leaveOpen: true))
        {
            zstd.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, Limits.WindowLog);
            zstd.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            var tar = new PieceWriter(zstd);
            tar.Write(TarHeader.OfManifest(spelled.Length, manifest.Stamp));
            tar.Write(spelled);
            tar.Write(new byte[TarHeader.Padding(spelled.Length)]);
            WriteEntries(manifest, open, tar, progress, ct);
            tar.Write(new byte[2 * TarHeader.BlockBytes]);
            tar.Finish();
        }
        return (digest.Finish(), digest.Bytes);
    }

    private static void WriteEntries(
        Manifest manifest, Func<FileEntry, Stream> open, PieceWriter tar, Action<long, long>? progress, CancellationToken ct)
    {
        var total = manifest.Files.Where(file => file.Source is FileSource.Full).Sum(file => file.Size);
        var done = 0L;
        foreach (var entry in manifest.Entries)
        {
            ct.ThrowIfCancellationRequested();
            if (entry is FileEntry { Source: not FileSource.Full }) continue;
            tar.Write(TarHeader.Of(entry, manifest.Stamp));
            if (entry is not FileEntry file) continue;
            WriteContent(file, open, tar, ct);
            done += file.Size;
            progress?.Invoke(done, total);
        }
    }

    private static void WriteContent(FileEntry file, Func<FileEntry, Stream> open, PieceWriter tar, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = open(file);
        var buffer = ArrayPool<byte>.Shared.Rent(Limits.PieceBytes);
        try
        {
            var size = 0L;
            while (content.Read(buffer) is var count and > 0)
            {
                ct.ThrowIfCancellationRequested();
                size += count;
                if (size > file.Size) break;
                hash.AppendData(buffer, 0, count);
                tar.Write(buffer.AsSpan(0, count));
            }
            if (size != file.Size || Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
                throw new ArchiveException(ArchiveFault.DigestMismatch, "It changed while it was packed. Pack again when nothing writes to it.", file.Path);
            tar.Write(new byte[TarHeader.Padding(size)]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Gathers what is written into pieces of one size, because an encoder may decide by the size of its input.
    private sealed class PieceWriter(Stream to)
    {
        private readonly byte[] _piece = new byte[Limits.PieceBytes];
        private int _filled;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                var count = Math.Min(bytes.Length, _piece.Length - _filled);
                bytes[..count].CopyTo(_piece.AsSpan(_filled));
                _filled += count;
                bytes = bytes[count..];
                if (_filled == _piece.Length) Finish();
            }
        }

        public void Finish()
        {
            to.Write(_piece, 0, _filled);
            _filled = 0;
        }
    }
}
