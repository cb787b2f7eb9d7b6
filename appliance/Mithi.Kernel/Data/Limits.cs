namespace Mithi.Kernel.Data;

/// <summary>Every bound of the database layer in one place.</summary>
internal static class Limits
{
    // Readers share the page cache of the operating system; more than this only waits for the two cores.
    public const int ReadersMax = 8;

    // SQLite's own wait for another process's lock, such as a backup tool's; our writers queue before they get here.
    public const int BusyMillisecondsMax = 10_000;

    // A serialization failure on PostgreSQL is retried; a closure that loses this often has a bug, not bad luck.
    public const int WriteAttemptsMax = 8;

    // Statements that a connection of SQLite keeps parsed, the last used; a few kilobytes each, and nine connections.
    public const int KeptStatementsMax = 120;
    public const int KeptStatementCharsMax = 4_000;
}
