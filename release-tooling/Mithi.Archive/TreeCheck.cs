namespace Mithi.Archive;

/// <summary>How a tree on the disk differs from its manifest.</summary>
public enum TreeFault { Missing, WrongType, WrongMode, WrongSize, WrongContent, WrongTarget, NotListed }

/// <summary>One difference.</summary>
/// <param name="Path">Where.</param>
/// <param name="Fault">What.</param>
public sealed record TreeDifference(string Path, TreeFault Fault);

/// <summary>Compares a whole tree with its manifest.</summary>
public static class TreeCheck
{
    /// <summary>All differences, in order; none for a clean tree.</summary>
    /// <param name="folder">The tree's root.</param>
    /// <param name="manifest">What it shall be.</param>
    /// <param name="contents">Read every byte; otherwise only names, types, modes and sizes.</param>
    /// <param name="progress">Told of bytes read and all bytes to read.</param>
    /// <param name="ct">Cancels.</param>
    public static IReadOnlyList<TreeDifference> Compare(
        string folder, Manifest manifest, bool contents = true, Action<long, long>? progress = null, CancellationToken ct = default)
    {
        var differences = new List<TreeDifference>();
        var (done, total) = (0L, manifest.TreeBytes);
        foreach (var entry in manifest.Entries)
        {
            ct.ThrowIfCancellationRequested();
            var path = Path.Join(folder, entry.Path);
            if (FaultOf(entry, path, contents, ct) is { } fault) differences.Add(new(entry.Path, fault));
            if (entry is FileEntry file) progress?.Invoke(done += file.Size, total);
        }
        AddUnlisted(folder, manifest, differences, ct);
        differences.Sort((left, right) => TreePath.Order.Compare(left.Path, right.Path));
        return differences;
    }

    private static TreeFault? FaultOf(ManifestEntry entry, string path, bool contents, CancellationToken ct)
    {
        if (Posix.LookAt(path) is not { } facts) return TreeFault.Missing;
        switch (entry)
        {
            case FolderEntry folder:
                if (facts.Type != PathType.Folder) return TreeFault.WrongType;
                return (facts.Mode & 0x1ff) == folder.Mode ? null : TreeFault.WrongMode;
            case LinkEntry link:
                if (facts.Type != PathType.Link) return TreeFault.WrongType;
                return new FileInfo(path).LinkTarget == link.Target ? null : TreeFault.WrongTarget;
            case FileEntry file:
                if (facts.Type != PathType.File) return TreeFault.WrongType;
                if (facts.Size != file.Size) return TreeFault.WrongSize;
                // An install script may add set-group-id, which no archive carries; the bits that we gave must stand.
                if ((facts.Mode & 0x1ff) != file.Mode) return TreeFault.WrongMode;
                return !contents || TreeScan.Sha256(path, ct) == file.Sha256 ? null : TreeFault.WrongContent;
            default:
                throw new InvalidOperationException(entry.GetType().Name);
        }
    }

    private static void AddUnlisted(string folder, Manifest manifest, List<TreeDifference> differences, CancellationToken ct)
    {
        var listed = manifest.Entries.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 };
        if (!Directory.Exists(folder)) return;
        foreach (var found in Directory.EnumerateFileSystemEntries(folder, "*", options))
        {
            ct.ThrowIfCancellationRequested();
            var path = Path.GetRelativePath(folder, found);
            if (!listed.Contains(path)) differences.Add(new(path, TreeFault.NotListed));
        }
    }
}
