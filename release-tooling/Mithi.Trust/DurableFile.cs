namespace Mithi.Trust;

/// <summary>A file appears whole or not at all: temporary name, fsync, rename.</summary>
internal static class DurableFile
{
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        WriteNew(temporary, bytes, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Writes a secret, mode 0600; of two that write the same file at once, one fails and the other's is whole.</summary>
    /// <exception cref="IOException">The file is there already.</exception>
    public static void WriteSecret(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            WriteNew(temporary, bytes, options);
            File.Move(temporary, path, overwrite: false);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void WriteNew(string path, ReadOnlySpan<byte> bytes, FileStreamOptions options)
    {
        using var file = new FileStream(path, options);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
