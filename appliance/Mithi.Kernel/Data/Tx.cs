using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Mithi.Cli;

namespace Mithi.Kernel.Data;

/// <summary>One transaction, lent to a closure by <see cref="Db"/>. All SQL of the house passes through here.</summary>
/// <remarks>SQL is written once for both engines: wiki-content/internals/sql-for-two-engines.md has the rules.</remarks>
public sealed class Tx
{
    private static readonly ConcurrentDictionary<Type, bool> HasDistinctNames = new();

    private readonly DbConnection connection;
    private readonly DbTransaction transaction;
    private readonly List<Action> afterCommit = [];

    internal Tx(DbConnection connection, DbTransaction transaction, DbEngine engine, CancellationToken ct)
        => (this.connection, this.transaction, Engine, Ct) = (connection, transaction, engine, ct);

    /// <summary>For the few places, such as full-text search, where the engines have no common words.</summary>
    public DbEngine Engine { get; }

    /// <summary>Cancels with the request or job that opened the transaction.</summary>
    public CancellationToken Ct { get; }

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? values = null)
    {
        // Disposed, not disposed asynchronously: the mapper's reader lets go of its command only so, and a command that is
        // not let go of stays in its connection's list, which every later command walks through.
        using var reader = await connection.ExecuteReaderAsync(Command(sql, values));
        // Read before mapping: while SQLite has no row, a computed column has no type, and no record would fit it.
        return reader.Parse<T>().AsList();
    }

    public Task<T> QuerySingleAsync<T>(string sql, object? values = null)
        => connection.QuerySingleAsync<T>(Command(sql, values));

    /// <summary>The one row, or the default of <typeparamref name="T"/> when there is none.</summary>
    public Task<T?> QuerySingleOrDefaultAsync<T>(string sql, object? values = null)
        => connection.QuerySingleOrDefaultAsync<T>(Command(sql, values));

    /// <summary>Runs a statement; answers how many rows it touched.</summary>
    public Task<int> ExecuteAsync(string sql, object? values = null)
        => connection.ExecuteAsync(Command(sql, values));

    /// <summary>Runs once the transaction is durable, and never when it is not. For wake-ups only: what must happen goes through the outbox.</summary>
    public void AfterCommit(Action action) => afterCommit.Add(action);

    internal void Committed() => afterCommit.ForEach(a => a());

    private CommandDefinition Command(string sql, object? values)
    {
        if (values is not null) Check.That(HasDistinctNames.GetOrAdd(values.GetType(), AreDistinct));
        if (connection is KeepingConnection keeper) keeper.Expect(sql);
        return new(sql, values, transaction, cancellationToken: Ct);
    }

    // PostgreSQL's driver takes @id and @Id for one value, SQLite for two: the wrong rows would be met on one engine only.
    private static bool AreDistinct(Type values)
        => values.GetProperties().Select(p => p.Name.ToUpperInvariant()) is var names && names.Distinct().Count() == names.Count();
}
