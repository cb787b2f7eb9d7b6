using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Mithi.Archive;

/// <summary>What the base library does not offer: hard links, renaming over a link, and flushing folders.</summary>
public static partial class Posix
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;
    private const int Directory = 0x10000;
    private const int NotPermitted = 1;
    private const int NoSuchEntry = 2;
    private const int NotAFolder = 20;
    private const int CrossDevice = 18;
    private const int TooManyLinks = 31;
    private const int NotSupported = 95;

    /// <summary>Makes a second name for a file. False if it can't be: another device, too many names, a file system without.</summary>
    public static bool TryHardLink(string existing, string path)
    {
        if (Link(existing, path) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error is NotPermitted or CrossDevice or TooManyLinks or NotSupported ? false : throw Failed("linked", path, error);
    }

    /// <summary>Renames; what was at <paramref name="to"/> is replaced in one step. Does not follow links.</summary>
    public static void Rename(string from, string to)
    {
        if (RenameOver(from, to) != 0) throw Failed("renamed", to, Marshal.GetLastPInvokeError());
    }

    /// <summary>Flushes a folder's list of names to the disk.</summary>
    public static void SyncFolder(string folder) => WithFolder(folder, Fsync);

    /// <summary>Flushes the file system that holds <paramref name="folder"/>: one call instead of one for each of many files.</summary>
    public static void SyncFileSystem(string folder) => WithFolder(folder, Syncfs);

    /// <summary>What stands at a path, not following a link; null if nothing does.</summary>
    public static unsafe PathFacts? LookAt(string path)
    {
        // struct statx is the same on every architecture: nlink at 16, mode at 28, inode at 32, size at 40.
        const int CurrentFolder = -100;
        const int DoNotFollow = 0x100;
        const uint TypeModeLinksInodeSize = 0x1 | 0x2 | 0x4 | 0x100 | 0x200;
        var facts = stackalloc byte[256];
        if (Statx(CurrentFolder, path, DoNotFollow, TypeModeLinksInodeSize, facts) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is NoSuchEntry or NotAFolder ? null : throw Failed("looked at", path, error);
        }
        int mode = *(ushort*)(facts + 28);
        var type = (mode & 0xf000) switch { 0x8000 => PathType.File, 0x4000 => PathType.Folder, 0xa000 => PathType.Link, _ => PathType.Other };
        return new PathFacts(type, mode & 0xfff, *(long*)(facts + 40), *(ulong*)(facts + 32), *(uint*)(facts + 16));
    }

    private static void WithFolder(string folder, Func<int, int> flush)
    {
        var handle = Open(folder.Length == 0 ? "." : folder, ReadOnly | CloseOnExec | Directory);
        if (handle < 0) throw Failed("opened", folder, Marshal.GetLastPInvokeError());
        try
        {
            if (flush(handle) != 0) throw Failed("flushed", folder, Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static IOException Failed(string done, string path, int error)
        => new($"{path} can't be {done}: {new Win32Exception(error).Message}", error);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameOver(string from, string to);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* facts);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int Syncfs(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}

/// <summary>What kind of thing a path names.</summary>
public enum PathType { File, Folder, Link, Other }

/// <summary>What the file system says of a path, not following a link.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Mode">Permission bits with set-user-id and its kin.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Inode">Equal for two names of one file.</param>
/// <param name="Links">How many names the file has.</param>
public sealed record PathFacts(PathType Type, int Mode, long Size, ulong Inode, uint Links);
