using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mithi.Kernel.Data;

/// <summary>A file appears whole or not at all: write beside it, fsync, rename, fsync the folder. A power cut keeps the promise too.</summary>
public static partial class DurableFile
{
    private const int OpenFolder = 0x10000;   // O_RDONLY | O_DIRECTORY on x86-64

    /// <summary>Writes <paramref name="content"/> to <paramref name="path"/>, replacing what is there.</summary>
    /// <param name="secret">Readable by the node's user alone, from its first byte on.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, bool secret = false)
    {
        var beside = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (secret) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(beside, options))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            Publish(beside, path);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Gives a file that is already on the disk its name.</summary>
    public static void Publish(string beside, string path)
    {
        File.Move(beside, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes new names in a folder survive a power cut.</summary>
    public static void SyncFolder(string folder)
    {
        // .NET opens no folders, so this asks the system itself.
        using var handle = Open(folder, OpenFolder);
        if (handle.IsInvalid || Sync(handle) != 0)
            throw new IOException($"The folder {folder} could not be written to the disk: error {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(SafeFileHandle handle);
}
