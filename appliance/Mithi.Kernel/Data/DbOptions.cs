namespace Mithi.Kernel.Data;

/// <summary>Which engine holds the node's rows.</summary>
public enum DbEngine
{
    /// <summary>Embedded; one file in the data folder. The default.</summary>
    Sqlite,

    /// <summary>A PostgreSQL 15 or newer server, for a node that outgrows one machine.</summary>
    Postgres,
}

/// <summary>Where the rows are.</summary>
/// <param name="Engine">SQLite or PostgreSQL.</param>
/// <param name="Target">SQLite: path of the database file. PostgreSQL: an Npgsql connection string.</param>
public sealed record DbOptions(DbEngine Engine, string Target)
{
    public static DbOptions Sqlite(string file) => new(DbEngine.Sqlite, file);

    public static DbOptions Postgres(string connectionString) => new(DbEngine.Postgres, connectionString);
}
