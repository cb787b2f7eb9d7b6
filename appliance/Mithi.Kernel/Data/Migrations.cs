using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using Mithi.Cli;

namespace Mithi.Kernel.Data;

/// <summary>Brings a database to this program's schema with numbered SQL files, each run once, in a transaction of its own.</summary>
/// <remarks>
/// A module's files are embedded as <c>Schema/0001_name.sql</c>, or <c>.sqlite.sql</c> and <c>.postgres.sql</c> where the
/// engines differ. The hash of each file is recorded: one that changed after it ran is refused, because two nodes would
/// then call different schemas by one number.
/// </remarks>
public sealed class Migrations(DbOptions options, IReadOnlyList<Assembly> modules)
{
    private const string HashTable = """
        create table if not exists schema_hash (name text primary key, sha256 text not null)
        """;

    /// <summary>Runs what has not run yet; answers the names of what ran, in order.</summary>
    /// <exception cref="UserException">A file that ran was changed, or the database is newer than this program.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(Db db, CancellationToken ct)
    {
        var scripts = modules.SelectMany(Scripts).ToArray();
        await db.WriteAsync(tx => tx.ExecuteAsync(HashTable), ct);
        var recorded = await RecordedAsync(db, ct);
        Verify(scripts, recorded);

        var pending = scripts.Where(s => !recorded.ContainsKey(s.Name)).ToArray();
        if (pending.Length == 0) return [];
        // By itself DbUp runs files by name, so a module before the Kernel in the alphabet would miss the Kernel's tables.
        var inOrder = pending.Select((s, place) => new SqlScript(s.Name, s.Sql, new SqlScriptOptions { RunGroupOrder = place }));
        var result = Engine().WithScripts(inOrder).WithTransactionPerScript()
            .WithVariablesDisabled().LogToNowhere().Build().PerformUpgrade();
        // DbUp journals a file in the transaction that ran it, and after a kill in between it skips what it journaled,
        // so the hashes can always be added behind it.
        foreach (var script in pending.Where(s => result.Successful || result.Scripts.Any(done => done.Name == s.Name)))
            await RecordAsync(db, script, ct);
        return result.Successful ? [.. pending.Select(s => s.Name)] : throw Failed(result);
    }

    /// <summary>Changes nothing; for a command that works beside a node.</summary>
    /// <exception cref="UserException">The database is older or newer than this program.</exception>
    public async Task EnsureCurrentAsync(Db db, CancellationToken ct)
    {
        var scripts = modules.SelectMany(Scripts).ToArray();
        var recorded = await RecordedAsync(db, ct);
        Verify(scripts, recorded);
        if (scripts.FirstOrDefault(s => !recorded.ContainsKey(s.Name)) is { } missing) throw new UserException(
            $"The database is older than this program: {missing.Name} has not been run on it.", "Stop the node and run: mithi migrate");
    }

    private static UserException Failed(DatabaseUpgradeResult result) => new(
        $"The database could not be brought to this version: {result.ErrorScript?.Name}: {result.Error.Message}",
        "Nothing of that step was kept. Restore the last backup or report this with the message above.");

    private static void Verify(IReadOnlyList<Script> scripts, IReadOnlyDictionary<string, string> recorded)
    {
        var known = scripts.ToDictionary(s => s.Name);
        foreach (var (name, sha256) in recorded)
        {
            if (!known.TryGetValue(name, out var script)) throw new UserException(
                $"The database is newer than this program: it has {name}, which this program does not know.",
                "Start the newer mithi, or restore a backup that this version made.");
            if (script.Sha256 != sha256) throw new UserException(
                $"{name} has changed since it was run on this database.",
                "Start the mithi that made this database, or restore a backup. A file that ran must never change: add a new one.");
        }
    }

    private static async Task<IReadOnlyDictionary<string, string>> RecordedAsync(Db db, CancellationToken ct)
        => (await db.ReadAsync(tx => tx.QueryAsync<(string Name, string Sha256)>("select name, sha256 from schema_hash"), ct))
            .ToDictionary(r => r.Name, r => r.Sha256);

    private static Task RecordAsync(Db db, Script script, CancellationToken ct) => db.WriteAsync(tx => tx.ExecuteAsync(
        "insert into schema_hash (name, sha256) values (@Name, @Sha256) on conflict (name) do nothing",
        new { script.Name, script.Sha256 }), ct);

    private UpgradeEngineBuilder Engine() => options.Engine == DbEngine.Sqlite
        ? DeployChanges.To.SqliteDatabase($"Data Source={options.Target};Pooling=False")
        : DeployChanges.To.PostgresqlDatabase(options.Target);

    private IEnumerable<Script> Scripts(Assembly module)
    {
        var other = options.Engine == DbEngine.Sqlite ? ".postgres.sql" : ".sqlite.sql";
        var prefix = module.GetName().Name + ".Schema.";
        return module.GetManifestResourceNames()
            .Where(n => n.StartsWith(prefix, StringComparison.Ordinal) && !n.EndsWith(other, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(n => Read(module, n, $"{module.GetName().Name}/{n[prefix.Length..]}"));
    }

    private Script Read(Assembly module, string resource, string name)
    {
        using var reader = new StreamReader(module.GetManifestResourceStream(resource)!, Encoding.UTF8);
        var text = reader.ReadToEnd();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new(name, SqlDialect.Fill(text, options.Engine), hash);
    }

    private sealed record Script(string Name, string Sql, string Sha256);
}
