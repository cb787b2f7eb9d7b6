using System.Collections.Concurrent;
using System.Reflection;
using Mithi.Kernel;
using Mithi.Kernel.Data;

namespace Mithi.Testing;

/// <summary>A database of a test's own, with all tables: an SQLite file, or a database on this run's one PostgreSQL server.</summary>
/// <remarks>Made by copying a template that was migrated once a run, so a test pays a file copy and no migrations.</remarks>
public sealed class TestDb : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<(DbEngine, string), Lazy<Task<DbOptions>>> Templates = new();
    private static int count;

    private readonly TempFolder temp;

    private TestDb(TempFolder temp, DbOptions options)
    {
        (this.temp, Options) = (temp, options);
        Db = new Db(options);
    }

    public Db Db { get; }

    public DbOptions Options { get; }

    /// <param name="engine">Which engine.</param>
    /// <param name="modules">Whose tables there are besides the Kernel's.</param>
    public static async Task<TestDb> StartAsync(DbEngine engine, params Assembly[] modules)
    {
        Assembly[] all = [typeof(KernelModule).Assembly, .. modules];
        var key = string.Join(',', all.Select(a => a.GetName().Name));
        var template = await Templates.GetOrAdd((engine, key), _ => new(() => MigrateAsync(engine, all))).Value;
        var temp = new TempFolder();
        return new(temp, engine == DbEngine.Sqlite ? CopyFile(template, temp) : await CopyDatabaseAsync(template));
    }

    /// <summary>A database without any table, for tests of the migrations themselves.</summary>
    public static async Task<TestDb> StartEmptyAsync(DbEngine engine)
    {
        var temp = new TempFolder();
        return new(temp, engine == DbEngine.Sqlite ? DbOptions.Sqlite(temp.File("test.db")) : await NewDatabaseAsync("template0"));
    }

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        temp.Dispose();
    }

    private static async Task<DbOptions> MigrateAsync(DbEngine engine, IReadOnlyList<Assembly> modules)
    {
        // Templates live as long as the run: the file with the process's temporary folder, the database with its server.
        var options = engine == DbEngine.Sqlite
            ? DbOptions.Sqlite(Path.Join(RunFolder.Path, $"template-{Interlocked.Increment(ref count)}.db"))
            : Unpooled(await NewDatabaseAsync("template0"));
        await using var db = new Db(options);
        await new Migrations(options, modules).RunAsync(db, CancellationToken.None);
        return options;
    }

    // A database that anybody is connected to can't be copied, and pools keep connections.
    private static DbOptions Unpooled(DbOptions options)
        => DbOptions.Postgres(new Npgsql.NpgsqlConnectionStringBuilder(options.Target) { Pooling = false }.ToString());

    private static DbOptions CopyFile(DbOptions template, TempFolder temp)
    {
        var file = temp.File("test.db");
        File.Copy(template.Target, file);
        return DbOptions.Sqlite(file);
    }

    private static Task<DbOptions> CopyDatabaseAsync(DbOptions template)
        => NewDatabaseAsync(new Npgsql.NpgsqlConnectionStringBuilder(template.Target).Database!);

    private static async Task<DbOptions> NewDatabaseAsync(string template)
        => DbOptions.Postgres(await (await PostgresServer.OfThisRunAsync()).NewDatabaseAsync($"t{Interlocked.Increment(ref count)}", template));
}
