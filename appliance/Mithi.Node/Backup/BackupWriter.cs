using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Mithi.Cli;
using Mithi.Kernel;
using Mithi.Kernel.Data;
using ZstdSharp;

namespace Mithi.Node.Backup;

/// <summary>Puts all that a node owns into one <c>tar.zst</c>, while the node works.</summary>
/// <remarks>
/// Consistent by its order: what points is read before what it points to is looked for, and the latter is only ever added
/// to. What comes in (spool) first, so that a mail on its way is there twice rather than not at all; then the rows as one
/// snapshot; in a repository the refs before the objects; of the releases timestamp.json first, and all before the blobs.
/// </remarks>
public static class BackupWriter
{
    /// <summary>The name of a backup made now: names in order are backups in order.</summary>
    public static string NameAt(DateTimeOffset now) => $"mithi-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.tar.zst";

    /// <param name="data">The data folder; it may be in use.</param>
    /// <param name="db">Its database, opened by the caller.</param>
    /// <param name="target">The file to make; it appears whole or not at all.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="UserException">There is no node in that folder, or the file can't be written.</exception>
    public static Task<BackupManifest> WriteAsync(string data, Db db, string target, TimeProvider time, CancellationToken ct)
        => WriteAsync(data, db, target, time, null, ct);

    /// <param name="written">Told each path when it is in the archive, so that a test can change the node right then.</param>
    internal static async Task<BackupManifest> WriteAsync(
        string data, Db db, string target, TimeProvider time, Func<string, Task>? written, CancellationToken ct)
    {
        if (!Directory.Exists(Path.Join(data, "keys")))
            throw new UserException($"{data} is not a data folder of mithi.", "Name it with --data.");
        target = Path.GetFullPath(target);
        var beside = target + ".tmp";
        // The database's copy is nobody else's to read either, and whatever writes it asks for no mode.
        var aside = target + ".db.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);   // a killed backup's
            Directory.CreateDirectory(aside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var made = await WriteAsync(data, db, beside, Path.Join(aside, "database"), time.GetUtcNow(), written, ct);
            DurableFile.Publish(beside, target);
            return made;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UserException($"{target} can't be written: {e.Message}", "Name another place with --to.", e);
        }
        finally
        {
            File.Delete(beside);
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        }
    }

    private static async Task<BackupManifest> WriteAsync(
        string data, Db db, string file, string dump, DateTimeOffset now, Func<string, Task>? written, CancellationToken ct)
    {
        var entries = new List<BackupEntry>();
        // It has the node's keys in it: nobody else may read it, from its first byte on.
        await using var output = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        BackupManifest manifest;
        await using (var packed = new CompressionStream(output, leaveOpen: true))
        await using (var tar = new TarWriter(packed, TarEntryFormat.Pax, leaveOpen: true))
        {
            async Task AddPartAsync(string part)
            {
                foreach (var path in Tree(data, part))
                {
                    await AddAsync(tar, data, path, entries, now, ct);
                    if (written is not null) await written(path);
                }
            }

            await AddPartAsync("spool");
            await DatabaseDump.WriteAsync(db, dump, ct);
            await AddFileAsync(tar, dump, DatabaseDump.NameFor(db.Engine), entries, now, ct);
            foreach (var part in (string[])["keys", "wiki", "releases", "blobs", "media"]) await AddPartAsync(part);
            manifest = new(BackupManifest.KnownFormat, NodeOptions.Version, db.Engine.ToString(), now.ToUnixTimeMilliseconds(), entries);
            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, BackupJson.Default.BackupManifest));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.Name) { DataStream = json, ModificationTime = now }, ct);
        }
        output.Flush(flushToDisk: true);
        return manifest;
    }

    /// <summary>Relative paths below a part: folders, then what points, then all else, which is looked for only at that point.</summary>
    private static IEnumerable<string> Tree(string data, string part)
    {
        if (!Directory.Exists(Path.Join(data, part))) yield break;
        yield return part;
        foreach (var path in Found<DirectoryInfo>(data, part)) yield return path;
        foreach (var path in Found<FileInfo>(data, part).Where(IsPointer)) yield return path;
        // One that is new since then is left out: what it points to may be newer than this list.
        foreach (var path in Found<FileInfo>(data, part).Where(path => !IsPointer(path))) yield return path;
    }

    private static IReadOnlyList<string> Found<T>(string data, string part) where T : FileSystemInfo
        => [.. new DirectoryInfo(Path.Join(data, part))
            .EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .OfType<T>().Where(f => !IsUnfinished(f)).Select(f => Path.GetRelativePath(data, f.FullName)).Order(StringComparer.Ordinal)];

    private static bool IsPointer(string path) => Path.GetFileName(path) is "timestamp.json" or "HEAD" or "packed-refs"
        || path.Contains("/refs/", StringComparison.Ordinal);

    // Half-written files have no name that anything refers to.
    private static bool IsUnfinished(FileSystemInfo file) => file.Name.EndsWith(".tmp", StringComparison.Ordinal)
        || file.Name.EndsWith(".lock", StringComparison.Ordinal) || file.FullName.Contains("/arriving/", StringComparison.Ordinal);

    private static async Task AddAsync(TarWriter tar, string data, string path, List<BackupEntry> entries, DateTimeOffset now, CancellationToken ct)
    {
        var full = Path.Join(data, path);
        if (Directory.Exists(full))
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, path + "/") { Mode = Mode(full), ModificationTime = now }, ct);
        else await AddFileAsync(tar, full, path, entries, now, ct);
    }

    private static async Task AddFileAsync(
        TarWriter tar, string full, string path, List<BackupEntry> entries, DateTimeOffset now, CancellationToken ct)
    {
        FileStream content;
        try
        {
            // Files are replaced by rename, never written in place: what is opened here does not change any more.
            content = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (IOException) when (!File.Exists(full))
        {
            return;   // A spooled mail whose turn came, or a ref that was packed: it is in what follows.
        }
        await using (content)
        {
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct));
            entries.Add(new(path, content.Length, hash));
            content.Position = 0;
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, path)
            {
                DataStream = content, Mode = Mode(full), ModificationTime = now,
            }, ct);
        }
    }

    private static UnixFileMode Mode(string path) => File.GetUnixFileMode(path) & (UnixFileMode)0x1FF;
}
