using Microsoft.Data.Sqlite;
using Npgsql;

namespace Mithi.Kernel.Data;

/// <summary>Tells a full disk from other faults, so that the reader hears what to do.</summary>
public static class DiskFull
{
    /// <summary>Linux's ENOSPC, as an <see cref="IOException"/> carries it.</summary>
    public const int NoSpace = 28;

    // Less than a page of the database and a small file need.
    private const long BytesMin = 64 << 10;

    /// <summary>Whether the disk of a folder has no room now.</summary>
    public static bool At(string folder) => new DriveInfo(folder).AvailableFreeSpace < BytesMin;

    public static bool Caused(Exception fault)
    {
        for (Exception? e = fault; e is not null; e = e.InnerException)
        {
            if (e is SqliteException { SqliteErrorCode: 13 }) return true;              // SQLITE_FULL
            if (e is PostgresException { SqlState: PostgresErrorCodes.DiskFull }) return true;
            if (e is IOException { HResult: NoSpace or 122 }) return true;                   // ENOSPC, EDQUOT
            // Libraries that are not .NET's, such as git's, have only the system's words for it.
            if (e.Message.Contains("No space left on device", StringComparison.Ordinal)) return true;
        }
        return false;
    }
}
