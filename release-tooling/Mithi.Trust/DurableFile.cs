using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mithi.Trust;

/// <summary>A file appears whole or not at all: write beside it, fsync, rename, fsync the folder. A power cut keeps the promise too.</summary>
internal static partial class DurableFile
{
    private const int OpenFolder = 0x10000;   // O_RDONLY | O_DIRECTORY on x86-64

    /// <summary>Writes, replacing what is there; of two that write the same file at once, the later one's is there and is whole.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
        => Write(path, bytes, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }, overwrite: true);

    /// <summary>Writes a secret, mode 0600; of two that write the same file at once, one fails and the other's is whole.</summary>
    /// <exception cref="IOException">The file is there already.</exception>
    public static void WriteSecret(string path, ReadOnlySpan<byte> bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Write(path, bytes, options, overwrite: false);
    }

    private static void Write(string path, ReadOnlySpan<byte> bytes, FileStreamOptions options, bool overwrite)
    {
        path = Path.GetFullPath(path);
        // A name of its own: a writer that was killed leaves one that no other writer meets.
        var beside = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (var file = new FileStream(beside, options))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite);
        }
        finally
        {
            File.Delete(beside);
        }
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    // Makes the new name survive a power cut. .NET opens no folders, so this asks the system itself; Windows keeps names by itself.
    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
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
