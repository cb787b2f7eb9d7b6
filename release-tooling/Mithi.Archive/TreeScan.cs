using System.Security.Cryptography;

namespace Mithi.Archive;

/// <summary>A folder on the disk as the entries of a manifest.</summary>
public static class TreeScan
{
    /// <summary>Reads a tree with all its contents.</summary>
    /// <param name="folder">The tree's root.</param>
    /// <param name="isConfig">Whether the file at a path may be edited by an administrator.</param>
    /// <param name="modeOf">The mode of an entry that needs another than the usual; null for the usual.</param>
    /// <param name="ct">Cancels.</param>
    /// <remarks>Modes are 0755 for folders and for what its owner may execute, else 0644: whoever built the tree had some umask.</remarks>
    /// <exception cref="ArchiveException">The tree has something that no archive may have.</exception>
    public static IReadOnlyList<ManifestEntry> Read(
        string folder, Func<string, bool>? isConfig = null, Func<string, int?>? modeOf = null, CancellationToken ct = default)
    {
        var entries = new List<ManifestEntry>();
        Add(new DirectoryInfo(folder), "", entries, isConfig ?? (_ => false), modeOf ?? (_ => null), ct);
        entries.Sort((left, right) => TreePath.Order.Compare(left.Path, right.Path));
        return entries;
    }

    /// <summary>SHA-256 of a file, small hex.</summary>
    public static string Sha256(string path, CancellationToken ct = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var buffer = new byte[Limits.PieceBytes];
        while (file.Read(buffer) is var count and > 0)
        {
            ct.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(
        DirectoryInfo folder, string prefix, List<ManifestEntry> entries, Func<string, bool> isConfig, Func<string, int?> modeOf, CancellationToken ct)
    {
        foreach (var item in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            ct.ThrowIfCancellationRequested();
            var path = prefix + item.Name;
            if (entries.Count >= Limits.EntriesMax)
                throw new ArchiveException(ArchiveFault.LimitExceeded, $"The tree has more than {Limits.EntriesMax} entries.", path);
            if (item.LinkTarget is { } target)
            {
                entries.Add(new LinkEntry { Path = path, Target = target });
            }
            else if (item is DirectoryInfo inner)
            {
                entries.Add(new FolderEntry { Path = path, Mode = modeOf(path) ?? 0x1ed });
                Add(inner, path + "/", entries, isConfig, modeOf, ct);
            }
            else
            {
                entries.Add(ReadFile((FileInfo)item, path, isConfig, modeOf, ct));
            }
        }
    }

    private static FileEntry ReadFile(
        FileInfo file, string path, Func<string, bool> isConfig, Func<string, int?> modeOf, CancellationToken ct)
    {
        if (Posix.LookAt(file.FullName)?.Type != PathType.File)
            throw new ArchiveException(ArchiveFault.ForbiddenEntry, "It is a device, a pipe or a socket.", path);
        return new FileEntry
        {
            Path = path,
            Mode = modeOf(path) ?? (file.UnixFileMode.HasFlag(UnixFileMode.UserExecute) ? 0x1ed : 0x1a4),
            Size = file.Length,
            Sha256 = Sha256(file.FullName, ct),
            Source = new FileSource.Full(),
            Config = isConfig(path),
        };
    }
}
