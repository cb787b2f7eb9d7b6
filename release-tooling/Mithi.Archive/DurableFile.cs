namespace Mithi.Archive;

/// <summary>A file appears whole or not at all, and is on the disk when the call returns: temporary name, flush, rename, folder flushed.</summary>
public static class DurableFile
{
    /// <summary>Writes bytes that are there already.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using var whole = new MemoryStream(bytes.ToArray(), writable: false);
        Write(path, to => { whole.CopyTo(to); return 0; });
    }

    /// <summary>Writes what comes piece by piece; its folder is made when it is missing.</summary>
    /// <param name="path">What is there is replaced.</param>
    /// <param name="write">Writes all of it. When it fails, nothing is left behind.</param>
    /// <param name="mode">The file's mode; before it is complete nobody else may read it. Null: as the process's mask says.</param>
    public static T Write<T>(string path, Func<Stream, T> write, UnixFileMode? mode = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var part = path + ".part";
        File.Delete(part);   // What a power cut left.
        try
        {
            T written;
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (mode is not null && !OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(part, options))
            {
                written = write(file);
                if (mode is { } final && !OperatingSystem.IsWindows()) File.SetUnixFileMode(file.SafeFileHandle, final);
                file.Flush(flushToDisk: true);
            }
            Posix.Rename(part, path);
            Posix.SyncFolder(folder);
            return written;
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
