using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Mithi.Cli;
using Mithi.Kernel.Data;
using Npgsql;

namespace Mithi.Appliance.Commands;

/// <summary>What can be wrong with a database from outside, in words for whoever started the command.</summary>
internal static class Faults
{
    public static async Task ExplainAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (DiskFull.Caused(e))
        {
            throw new UserException("The disk of the data folder is full.", "Make room there; nothing was lost, and the node can be started again.", e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 8 or 14)   // SQLITE_READONLY, SQLITE_CANTOPEN
        {
            throw new UserException($"The database cannot be written: {e.Message}",
                "Its files must belong to the user that runs mithi, on a disk that is not read-only.", e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 11 or 26)   // SQLITE_CORRUPT, SQLITE_NOTADB
        {
            throw new UserException($"The database is damaged: {e.Message}", "Restore the last backup: mithi restore", e);
        }
        catch (PostgresException e)
        {
            throw new UserException($"PostgreSQL refused: {e.MessageText}", "Check the user, the password and the database in --postgres.", e);
        }
        catch (NpgsqlException e)
        {
            var why = e.InnerException is SocketException or TimeoutException ? e.InnerException.Message : e.Message;
            throw new UserException($"PostgreSQL cannot be reached: {why}", "Is it running, and are host and port in --postgres right?", e);
        }
    }
}
