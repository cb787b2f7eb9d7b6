using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mithi.Kernel.Data;

/// <summary>Files that are there whole or not at all: written beside, flushed, renamed, and the folder flushed.</summary>
public static partial class DurableFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static void Write(string path, string text, UnixFileMode mode = Readable) => Write(path, Encoding.UTF8.GetBytes(text), mode);

    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = Readable)
    {
        var beside = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (var file = new FileStream(beside, new FileStreamOptions
                { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            Move(beside, path);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Renames a flushed file into place and makes the new name durable.</summary>
    public static void Move(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        FlushFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>Makes the names in a folder durable; a rename is lost in a power cut before this.</summary>
    public static void FlushFolder(string folder)
    {
        using var handle = Open(folder, ReadOnlyDirectory);
        if (handle.IsInvalid) throw new IOException($"{folder} cannot be opened to flush it.", Marshal.GetLastPInvokeError());
        if (Flush(handle) != 0) throw new IOException($"{folder} cannot be flushed.", Marshal.GetLastPInvokeError());
    }

    // O_RDONLY | O_DIRECTORY | O_CLOEXEC on Linux; .NET itself opens no folders.
    private const int ReadOnlyDirectory = 0x10000 | 0x80000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(SafeFileHandle handle);
}
