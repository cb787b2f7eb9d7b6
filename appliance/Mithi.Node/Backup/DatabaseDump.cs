using Mithi.Cli;
using Mithi.Kernel.Data;
using Npgsql;

namespace Mithi.Node.Backup;

/// <summary>A consistent copy of the rows while the node works, and its way back.</summary>
internal static class DatabaseDump
{
    public const string SqliteName = "mithi.db", PostgresName = "mithi.sql";

    private const string Package = "postgresql-client-15";

    public static string NameFor(DbEngine engine) => engine == DbEngine.Sqlite ? SqliteName : PostgresName;

    public static async Task WriteAsync(Db db, string file, CancellationToken ct)
    {
        File.Delete(file);   // of a backup that was killed
        // Both write into an empty file that is there, and leave its rights: nobody else may read the rows.
        await using (new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
        }
        if (db.Engine == DbEngine.Sqlite) await db.CopyToAsync(file, ct);
        else await Proc.OutputAsync("pg_dump", ["--format=plain", "--no-owner", "--no-privileges", "--file", file], Options(db.Options), ct);
    }

    /// <summary>Reads a PostgreSQL dump into an empty database.</summary>
    /// <exception cref="UserException">The database is not empty.</exception>
    public static async Task ReadPostgresAsync(DbOptions options, string file, CancellationToken ct)
    {
        await using (var db = new Db(options))
        {
            var tables = await db.ReadAsync(tx => tx.QuerySingleAsync<long>(
                "select count(*) from information_schema.tables where table_schema = 'public'"), ct);
            if (tables > 0) throw new UserException("The PostgreSQL database is not empty.", "Make a new one with createdb and name it with --postgres.");
        }
        await Proc.OutputAsync("psql",
            ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file", file], Options(options), ct);
    }

    // The password goes through the environment: an argument is visible to every user of the machine.
    private static ProcOptions Options(DbOptions options)
    {
        var target = new NpgsqlConnectionStringBuilder(options.Target);
        return new()
        {
            DebianPackage = Package, Timeout = Limits.DumpMax,
            Environment = new Dictionary<string, string?>
            {
                ["PGHOST"] = target.Host, ["PGPORT"] = $"{target.Port}", ["PGUSER"] = target.Username, ["PGPASSWORD"] = target.Password,
                ["PGDATABASE"] = target.Database,
                ["PGSSLMODE"] = target.SslMode switch
                {
                    SslMode.VerifyFull => "verify-full", SslMode.VerifyCA => "verify-ca", SslMode.Require => "require", SslMode.Disable => "disable",
                    _ => "prefer",
                },
            },
        };
    }
}
