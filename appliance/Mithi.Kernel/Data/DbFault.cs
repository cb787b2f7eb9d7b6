using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Mithi.Kernel.Data;

/// <summary>Tells a database that is away, busy or full from a statement that is wrong.</summary>
public static class DbFault
{
    // SQLITE_BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR; FULL and CANTOPEN.
    private const int Busy = 5, IoError = 10, Full = 13, CannotOpen = 14;

    /// <summary>Whether the same statement may go well later, without anybody mending the program.</summary>
    public static bool MayPass(DbException fault) => fault switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is >= Busy and <= IoError or Full or CannotOpen,
        // Class 53: no room, no memory; class 57: it is being shut down.
        PostgresException server => server.IsTransient || server.SqlState is ['5', '3' or '7', ..],
        // It never came as far as the server.
        _ => true,
    };
}
