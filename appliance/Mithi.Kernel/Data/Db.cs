using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Mithi.Kernel.Data;

/// <summary>The node's database: one writer at a time, readers beside it, the same SQL on both engines.</summary>
/// <remarks>
/// A write closure may run twice, so it touches nothing but its <see cref="Tx"/>; what must happen outside goes through
/// the outbox. A reader sees one snapshot for the length of its closure and must not be held open over a download.
/// </remarks>
public sealed class Db : IAsyncDisposable
{
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly SemaphoreSlim reading = new(Limits.ReadersMax, Limits.ReadersMax);
    private readonly Channel<DbConnection> idleReaders = Channel.CreateBounded<DbConnection>(Limits.ReadersMax);
    private readonly NpgsqlDataSource? postgres;
    private readonly AsyncLocal<Func<Tx, Task>?> carried = new();
    private SqliteConnection? writer;
    private bool closed;

    static Db() => RowMapping.Install();

    public Db(DbOptions options)
    {
        Options = options;
        if (options.Engine == DbEngine.Postgres) postgres = NpgsqlDataSource.Create(options.Target);
    }

    public DbOptions Options { get; }

    public DbEngine Engine => Options.Engine;

    /// <summary>Runs <paramref name="question"/> on a snapshot that no writer changes.</summary>
    public async Task<T> ReadAsync<T>(Func<Tx, Task<T>> question, CancellationToken ct)
    {
        await reading.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (!idleReaders.Reader.TryRead(out var connection)) connection = await OpenReaderAsync(ct);
            try
            {
                await using var transaction = connection is SqliteConnection sqlite
                    ? sqlite.BeginTransaction(deferred: true)
                    : await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
                var answer = await question(new Tx(connection, transaction, Engine, ct));
                await transaction.CommitAsync(CancellationToken.None);
                return answer;
            }
            finally
            {
                if (postgres is not null || !idleReaders.Writer.TryWrite(connection)) await connection.DisposeAsync();
            }
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Runs <paramref name="change"/> in one transaction: all of it is durable when this returns, or none.</summary>
    public async Task<T> WriteAsync<T>(Func<Tx, Task<T>> change, CancellationToken ct)
    {
        await writing.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(closed, this);
            return postgres is null ? await WriteSqliteAsync(change, ct) : await WritePostgresAsync(change, ct);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<Tx, Task> change, CancellationToken ct)
        => WriteAsync(async tx => { await change(tx); return true; }, ct);

    /// <summary>Has <paramref name="more"/> done in each write transaction that <paramref name="work"/> makes, and in no other.</summary>
    /// <remarks>It is part of that transaction, so it may run twice like all that is.</remarks>
    public async Task CarryAsync(Func<Tx, Task> more, Func<Task> work)
    {
        carried.Value = more;   // what an async method sets here, its caller does not see
        await work();
    }

    /// <summary>Copies a consistent state of the SQLite file to <paramref name="file"/> while the node works on.</summary>
    public async Task CopyToAsync(string file, CancellationToken ct)
    {
        if (Engine != DbEngine.Sqlite) throw new InvalidOperationException("A PostgreSQL database is copied by pg_dump.");
        // Not one of the readers: they may write nothing, and the copy counts as writing.
        await using var source = await OpenSqliteAsync(SqliteOpenMode.ReadWrite, ct);
        await using var copy = source.CreateCommand();
        copy.CommandText = "vacuum into $file";
        copy.Parameters.AddWithValue("$file", file);
        await copy.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Closes when everybody who works in here has ended; who comes later is refused.</summary>
    public async ValueTask DisposeAsync()
    {
        // A connection that is closed under a statement fails in ways that hide why the program stops.
        await writing.WaitAsync();
        for (var i = 0; i < Limits.ReadersMax; i++) await reading.WaitAsync();
        if (!closed)
        {
            closed = true;
            while (idleReaders.Reader.TryRead(out var connection)) await connection.DisposeAsync();
            if (writer is not null) await writer.DisposeAsync();
            if (postgres is not null) await postgres.DisposeAsync();
        }
        // Not disposed: who waits at one would wait for ever.
        writing.Release();
        reading.Release(Limits.ReadersMax);
    }

    private async Task<T> WriteSqliteAsync<T>(Func<Tx, Task<T>> change, CancellationToken ct)
    {
        writer ??= await OpenWriterAsync(ct);
        await using var transaction = writer.BeginTransaction(deferred: false);
        var tx = new Tx(writer, transaction, Engine, ct);
        var answer = await change(tx);
        if (carried.Value is { } more) await more(tx);
        await transaction.CommitAsync(CancellationToken.None);
        tx.Committed();
        return answer;
    }

    private async Task<T> WritePostgresAsync<T>(Func<Tx, Task<T>> change, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var connection = await postgres!.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, ct);
            try
            {
                var tx = new Tx(connection, transaction, Engine, ct);
                var answer = await change(tx);
                if (carried.Value is { } more) await more(tx);
                await transaction.CommitAsync(CancellationToken.None);
                tx.Committed();
                return answer;
            }
            catch (PostgresException lost) when (lost.IsTransient && attempt < Limits.WriteAttemptsMax)
            {
                await transaction.RollbackAsync(CancellationToken.None);
            }
        }
    }

    private async Task<DbConnection> OpenReaderAsync(CancellationToken ct)
    {
        if (postgres is not null) return await postgres.OpenConnectionAsync(ct);
        var connection = await OpenSqliteAsync(SqliteOpenMode.ReadWrite, ct);
        await PragmaAsync(connection, "pragma query_only = on", ct);
        return connection;
    }

    private async Task<SqliteConnection> OpenWriterAsync(CancellationToken ct)
    {
        var connection = await OpenSqliteAsync(SqliteOpenMode.ReadWriteCreate, ct);
        // WAL lets readers work beside the writer; FULL makes a commit survive a power cut, not only a kill.
        await PragmaAsync(connection, "pragma journal_mode = wal", ct);
        await PragmaAsync(connection, "pragma synchronous = full", ct);
        return connection;
    }

    private async Task<SqliteConnection> OpenSqliteAsync(SqliteOpenMode mode, CancellationToken ct)
    {
        var connection = new KeepingConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Options.Target, Mode = mode, Pooling = false, DefaultTimeout = Limits.BusyMillisecondsMax / 1_000,
        }.ToString());
        try
        {
            await connection.OpenAsync(ct);
            await PragmaAsync(connection, $"pragma busy_timeout = {Limits.BusyMillisecondsMax}", ct);
            await PragmaAsync(connection, "pragma foreign_keys = on", ct);
            await PragmaAsync(connection, "pragma temp_store = memory", ct);
            await PragmaAsync(connection, "pragma trusted_schema = off", ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task PragmaAsync(SqliteConnection connection, string pragma, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = pragma;
        await command.ExecuteNonQueryAsync(ct);
    }
}
