namespace Mithi.Archive;

/// <summary>Makes the tree that an archive describes, beside the one it leans on. The old tree is only read.</summary>
public static class TreeBuilder
{
    /// <summary>Makes the tree, flushed to the disk. On any fault what was made stays for the caller to remove; nothing else was touched.</summary>
    /// <param name="archive">A reader at its beginning.</param>
    /// <param name="folder">Where the tree shall stand; must not be there yet.</param>
    /// <param name="oldTree">The base's tree, for an archive that has one. On the same file system, files are shared by hard links.</param>
    /// <param name="progress">Told of bytes made and all bytes to make.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ArchiveException">The archive or the base is refused.</exception>
    /// <remarks>What came from the base is checked by <see cref="TreeCheck"/> with all the rest: call it before the tree is used.</remarks>
    public static void Build(
        ArchiveReader archive, string folder, string? oldTree, Action<long, long>? progress = null, CancellationToken ct = default)
    {
        var manifest = archive.Manifest;
        if (!manifest.Kind.IsWhole() && oldTree is null)
            throw new ArchiveException(ArchiveFault.BaseMismatch, $"It needs {manifest.Base!.Version}, and nothing is there.");
        if (Posix.LookAt(folder) is not null) throw new IOException($"{folder} is there already.");
        Directory.CreateDirectory(folder, (UnixFileMode)0x1ed);
        var (done, total) = (0L, manifest.TreeBytes);

        foreach (var entry in manifest.Entries)
        {
            ct.ThrowIfCancellationRequested();
            if (Make(entry, folder, oldTree, ct) && entry is FileEntry made) progress?.Invoke(done += made.Size, total);
        }
        archive.ReadFiles((file, content) =>
        {
            WriteFile(Path.Join(folder, file.Path), file.Mode, content);
            progress?.Invoke(done += file.Size, total);
        }, ct);

        // Last and from the inside out: a folder may forbid writing into it.
        foreach (var entry in manifest.Entries.OfType<FolderEntry>().Reverse())
            File.SetUnixFileMode(Path.Join(folder, entry.Path), (UnixFileMode)entry.Mode);
        Posix.SyncFileSystem(folder);
    }

    /// <summary>Makes all but what the archive brings. False for a file that is still to come.</summary>
    private static bool Make(ManifestEntry entry, string folder, string? oldTree, CancellationToken ct)
    {
        var path = Path.Join(folder, entry.Path);
        switch (entry)
        {
            case FolderEntry:
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                return true;
            case LinkEntry link:
                File.CreateSymbolicLink(path, link.Target);
                return true;
            case FileEntry { Source: FileSource.Keep } file:
                Take(file, entry.Path, path, oldTree!, ct);
                return true;
            case FileEntry { Source: FileSource.Move move } file:
                Take(file, move.From, path, oldTree!, ct);
                return true;
            default:
                return false;
        }
    }

    private static void Take(FileEntry file, string from, string path, string oldTree, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var old = Path.Join(oldTree, from);
        if (Posix.LookAt(old) is not { Type: PathType.File } facts || facts.Size != file.Size)
            throw new ArchiveException(ArchiveFault.BaseMismatch, "The installed file that this leans on is missing or was changed.", from);
        // One file has one mode under all its names, and an edit of a config file must not reach into the other version.
        if (!file.Config && (facts.Mode & 0x1ff) == file.Mode && Posix.TryHardLink(old, path)) return;
        using var content = File.OpenRead(old);
        WriteFile(path, file.Mode, content);
    }

    private static void WriteFile(string path, int mode, Stream content)
    {
        using (var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            BufferSize = 0,
        }))
        {
            content.CopyTo(file, Limits.PieceBytes);
        }
        File.SetUnixFileMode(path, (UnixFileMode)mode);
    }
}
