using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Mithi.Cli;
using Mithi.Kernel.Data;
using ZstdSharp;

namespace Mithi.Node.Backup;

/// <summary>Brings a backup into an empty folder, or refuses it and leaves nothing.</summary>
public static class BackupReader
{
    private static readonly string[] Parts = ["spool", "keys", "wiki", "releases", "blobs", "media"];

    /// <param name="file">The backup.</param>
    /// <param name="data">The data folder to make; it is missing or empty.</param>
    /// <param name="postgres">An empty PostgreSQL database for a backup of one; null for the embedded database.</param>
    /// <exception cref="UserException">The folder is not empty, or the backup is not there.</exception>
    /// <exception cref="BackupException">It is no backup, or is damaged.</exception>
    public static async Task<BackupManifest> RestoreAsync(string file, string data, DbOptions? postgres, CancellationToken ct)
    {
        data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data));
        if (!File.Exists(file)) throw new UserException($"{file} is not there.", "Name a file that mithi backup has made.");
        if (File.Exists(data) || (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any()))
            throw new UserException($"{data} is not empty.", "Name a new folder with --data, and move what is there out of the way first.");
        var beside = $"{data}.restoring-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(beside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            var manifest = await UnpackAsync(file, beside, ct);
            await FinishDatabaseAsync(manifest, beside, postgres, ct);
            if (Directory.Exists(data)) Directory.Delete(data);
            Directory.Move(beside, data);
            DurableFile.SyncFolder(Path.GetDirectoryName(data)!);
            return manifest;
        }
        catch
        {
            Directory.Delete(beside, recursive: true);
            throw;
        }
    }

    private static async Task<BackupManifest> UnpackAsync(string file, string folder, CancellationToken ct)
    {
        BackupManifest? manifest = null;
        var found = new Dictionary<string, BackupEntry>();
        try
        {
            await using var input = new FileStream(file, FileMode.Open, FileAccess.Read);
            await using var unpacked = new DecompressionStream(input);
            await using var tar = new TarReader(unpacked);
            for (var count = 0; await tar.GetNextEntryAsync(copyData: false, ct) is { } entry; count++)
            {
                if (manifest is not null) throw new BackupException(BackupFault.NotABackup, "Something follows the manifest.");
                if (count > Limits.EntriesMax) throw new BackupException(BackupFault.LimitExceeded, "The backup has too many entries.");
                if (entry.Name == BackupManifest.Name) manifest = await ManifestAsync(entry, ct);
                else if (await WriteAsync(entry, folder, ct) is { } written && !found.TryAdd(written.Path, written))
                    throw new BackupException(BackupFault.NotABackup, $"{written.Path} is there twice.");
            }
        }
        catch (Exception e) when (e is ZstdException or InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new BackupException(BackupFault.Truncated, $"The backup is damaged or cut off: {e.Message}", e);
        }
        Verify(manifest ?? throw new BackupException(BackupFault.Truncated, "The backup has no manifest: it is cut off, or is none."), found);
        return manifest;
    }

    private static async Task<BackupManifest> ManifestAsync(TarEntry entry, CancellationToken ct)
    {
        if (entry.Length > Limits.ManifestBytesMax) throw new BackupException(BackupFault.LimitExceeded, "The manifest is too long.");
        try
        {
            var manifest = await JsonSerializer.DeserializeAsync(entry.DataStream ?? Stream.Null, BackupJson.Default.BackupManifest, ct)
                ?? throw new JsonException("The manifest is null.");
            return manifest.Format == BackupManifest.KnownFormat ? manifest
                : throw new BackupException(BackupFault.FormatTooNew, $"The backup's format {manifest.Format} is not known to this mithi.");
        }
        catch (JsonException e)
        {
            throw new BackupException(BackupFault.NotABackup, $"The manifest can't be read: {e.Message}", e);
        }
    }

    private static async Task<BackupEntry?> WriteAsync(TarEntry entry, string folder, CancellationToken ct)
    {
        var name = entry.Name.TrimEnd('/');
        if (!IsInside(name)) throw new BackupException(BackupFault.PathEscapes, $"'{entry.Name}' is no path of a backup.");
        var path = Path.Join(folder, name);
        if (entry.EntryType == TarEntryType.Directory)
        {
            Directory.CreateDirectory(path, entry.Mode & (UnixFileMode)0x1FF);
            return null;
        }
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
            throw new BackupException(BackupFault.PathEscapes, $"'{entry.Name}' is neither a file nor a folder.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);   // one that was made while the backup was
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, UnixCreateMode = entry.Mode & (UnixFileMode)0x1FF,
        });
        if (entry.DataStream is { } content) await content.CopyToAsync(file, ct);
        file.Flush(flushToDisk: true);
        file.Position = 0;
        return new(name, file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct)));
    }

    // Only below the parts that a backup has, so nothing in it can name a file elsewhere.
    private static bool IsInside(string name) => name is DatabaseDump.SqliteName or DatabaseDump.PostgresName
        || (Parts.Contains(name.Split('/')[0]) && name.Split('/').All(p => p is not ("" or "." or "..")) && !name.Contains('\0') && !name.Contains('\\'));

    private static void Verify(BackupManifest manifest, Dictionary<string, BackupEntry> found)
    {
        foreach (var entry in manifest.Entries)
            if (!found.Remove(entry.Path, out var there)) throw new BackupException(BackupFault.Truncated, $"{entry.Path} is missing.");
            else if (there != entry) throw new BackupException(BackupFault.DigestMismatch, $"{entry.Path} is not as it was written.");
        if (found.Count > 0) throw new BackupException(BackupFault.NotABackup, $"{found.Keys.First()} is not in the manifest.");
    }

    private static async Task FinishDatabaseAsync(BackupManifest manifest, string folder, DbOptions? postgres, CancellationToken ct)
    {
        if (manifest.Engine == nameof(DbEngine.Sqlite) != postgres is null) throw new BackupException(BackupFault.WrongEngine,
            manifest.Engine == nameof(DbEngine.Sqlite) ? "This is a backup of an embedded database: restore it without --postgres."
                : "This is a backup of a PostgreSQL database: name an empty one with --postgres.");
        if (postgres is null) return;
        var dump = Path.Join(folder, DatabaseDump.PostgresName);
        await DatabaseDump.ReadPostgresAsync(postgres, dump, ct);
        File.Delete(dump);
    }
}
