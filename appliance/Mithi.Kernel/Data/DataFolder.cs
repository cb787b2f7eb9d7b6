using Mithi.Cli;

namespace Mithi.Kernel.Data;

/// <summary>The one folder that holds all that a node owns. While it is open no other process can use it.</summary>
public sealed class DataFolder : IDisposable
{
    private const string LockName = "mithi.lock";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream? claim;

    private DataFolder(string root, FileStream? claim) => (Root, this.claim) = (root, claim);

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    public string Database => Path.Join(Root, "mithi.db");
    public string Wiki => Path.Join(Root, "wiki");
    public string Blobs => Path.Join(Root, "blobs");
    public string Releases => Path.Join(Root, "releases");
    public string Spool => Path.Join(Root, "spool");
    public string Keys => Path.Join(Root, "keys");
    public string Media => Path.Join(Root, "media");
    public string Backup => Path.Join(Root, "backup");
    public string Native => Path.Join(Root, "native");

    /// <summary>Makes what is missing and claims the folder.</summary>
    /// <exception cref="UserException">It cannot be written, or another node works in it.</exception>
    public static DataFolder Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(root, OwnerOnly);
            Close(root);
            var claim = new FileStream(Path.Join(root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var folder = new DataFolder(root, claim);
            foreach (var sub in new[] { folder.Wiki, folder.Blobs, folder.Releases, folder.Spool, folder.Backup })
                Directory.CreateDirectory(sub);
            // Keys are nobody else's business on a machine with other users.
            Directory.CreateDirectory(folder.Keys, OwnerOnly);
            return folder;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UserException($"The data folder {root} cannot be written: {e.Message}",
                "Give the user that runs mithi the right to write there, or name another folder with --data.", e);
        }
        catch (IOException e) when (IsClaimed(e))
        {
            throw new UserException($"Another mithi works in the data folder {root}.",
                "Stop it first, or name another folder with --data.", e);
        }
        catch (IOException e)
        {
            throw new UserException($"The data folder {root} cannot be used: {e.Message}",
                "Look for a full or read-only disk, or name another folder with --data.", e);
        }
    }

    /// <summary>Works beside a node that may be running, in the database alone; claims and makes nothing.</summary>
    /// <exception cref="UserException">No node has ever worked there.</exception>
    public static DataFolder Join(string path)
    {
        var root = Path.GetFullPath(path);
        return Directory.Exists(Path.Join(root, "keys")) ? new(root, null) : throw new UserException(
            $"There is no node in {root}.", "Name its data folder with --data or MITHI_DATA; mithi serve or mithi migrate makes a new one.");
    }

    public void Dispose() => claim?.Dispose();

    // A folder that was made before, by hand or by an older version, is often open to everybody.
    private static void Close(string root)
    {
        if ((File.GetUnixFileMode(root) & ~OwnerOnly) == 0) return;
        try
        {
            File.SetUnixFileMode(root, OwnerOnly);
        }
        catch (UnauthorizedAccessException)
        {
            // Somebody else owns the folder and lets us write in it: then our files alone are ours to close, by FileMask.
        }
    }

    // FileShare.None is an advisory lock on Unix; a second opener gets EWOULDBLOCK (11).
    private static bool IsClaimed(IOException e) => e.HResult == 11;
}
