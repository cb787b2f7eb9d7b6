using System.Buffers;
using System.Security.Cryptography;
using Mithi.Kernel.Data;

namespace Mithi.Kernel.Blobs;

/// <summary>Files by their content: <c>blobs/ab/cdef...</c>. What is there is whole, on the disk and never changes.</summary>
/// <remarks>Putting the same content twice keeps one file. Not in the database: a row may name a blob, never hold one.</remarks>
public sealed class BlobStore
{
    private readonly string root;
    private readonly string arriving;

    public BlobStore(DataFolder folder)
    {
        root = folder.Blobs;
        arriving = Path.Join(root, "arriving");
    }

    /// <summary>Removes what a killed process was writing. Only for whoever has the data folder to himself: all that arrives goes.</summary>
    public void Sweep()
    {
        Directory.CreateDirectory(arriving);
        foreach (var leftover in Directory.EnumerateFiles(arriving)) File.Delete(leftover);
    }

    /// <summary>Keeps <paramref name="content"/>, hashed while it is written.</summary>
    /// <param name="content">Read to its end.</param>
    /// <param name="bytesMax">The caller's bound.</param>
    /// <param name="expected">If given, anything else is refused.</param>
    /// <exception cref="BlobException">Too long, or not what was expected. Nothing is kept.</exception>
    public async Task<Blob> PutAsync(Stream content, long bytesMax, BlobId? expected, CancellationToken ct)
    {
        Directory.CreateDirectory(arriving);
        var beside = Path.Join(arriving, Path.GetRandomFileName());
        try
        {
            var blob = await WriteAsync(content, beside, bytesMax, ct);
            if (expected is { } wanted && wanted != blob.Id)
                throw new BlobException(BlobFault.DigestMismatch, $"The content's SHA-256 is {blob.Id}, not {wanted}.");
            var path = PathOf(blob.Id);
            if (!File.Exists(path))
            {
                var folder = Path.GetDirectoryName(path)!;
                if (!Directory.Exists(folder))
                {
                    Directory.CreateDirectory(folder);
                    DurableFile.SyncFolder(root);
                }
                DurableFile.Publish(beside, path);
            }
            return blob;
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <inheritdoc cref="PutAsync(Stream, long, BlobId?, CancellationToken)"/>
    public Task<Blob> PutAsync(Stream content, long bytesMax, CancellationToken ct) => PutAsync(content, bytesMax, null, ct);

    public bool Exists(BlobId id) => File.Exists(PathOf(id));

    /// <summary>The length, or null when it is not there.</summary>
    public long? BytesOf(BlobId id) => new FileInfo(PathOf(id)) is { Exists: true } file ? file.Length : null;

    /// <summary>A seekable stream; the caller disposes it.</summary>
    /// <exception cref="BlobException">It is not there.</exception>
    public FileStream OpenRead(BlobId id)
    {
        try
        {
            return new FileStream(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete,
                Limits.CopyBufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobException(BlobFault.Missing, $"The file {id} is not there.");
        }
    }

    /// <summary>Whether the file still is what its name says.</summary>
    public async Task<bool> IsIntactAsync(BlobId id, CancellationToken ct)
    {
        await using var file = OpenRead(id);
        return BlobId.Of(await SHA256.HashDataAsync(file, ct)) == id;
    }

    /// <summary>All that are there, in no order; what is no blob is passed over.</summary>
    public IEnumerable<Blob> All()
    {
        foreach (var file in new DirectoryInfo(root).EnumerateFiles("*", SearchOption.AllDirectories))
            if (BlobId.TryParse(file.Directory!.Name + file.Name, null, out var id)) yield return new(id, file.Length);
    }

    /// <summary>Where the file is, for backups and for sending it without copying. It may not be there.</summary>
    public string PathOf(BlobId id) => Path.Join(root, id.Sha256[..2], id.Sha256[2..]);

    private static async Task<Blob> WriteAsync(Stream content, string path, long bytesMax, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(Limits.CopyBufferBytes);
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            long bytes = 0;
            for (int read; (read = await content.ReadAsync(buffer, ct)) > 0;)
            {
                bytes += read;
                if (bytes > bytesMax) throw new BlobException(BlobFault.TooLong, $"The content is longer than {bytesMax} bytes.");
                hash.AppendData(buffer.AsSpan(0, read));
                await file.WriteAsync(buffer.AsMemory(0, read), ct);
            }
            file.Flush(flushToDisk: true);
            return new(BlobId.Of(hash.GetHashAndReset()), bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
