using Mithi.Cli;
using Npgsql;

namespace Mithi.Testing;

/// <summary>A real PostgreSQL server for this run of a test program: its own folder, a socket instead of a port, gone with the program.</summary>
/// <remarks>Durability is off: tests of what survives a power cut run on SQLite, whose files are ours.</remarks>
internal sealed class PostgresServer
{
    private const string Package = "postgresql-15";
    private const string Binaries = "/usr/lib/postgresql/15/bin";

    private static readonly Lazy<Task<PostgresServer>> OfThisRun = new(StartAsync);

    private readonly string folder;
    private readonly Proc server;

    private PostgresServer(string folder, Proc server) => (this.folder, this.server) = (folder, server);

    public static Task<PostgresServer> OfThisRunAsync() => OfThisRun.Value;

    /// <summary>Ends it, if this run has one.</summary>
    public static async Task StopAsync()
    {
        if (OfThisRun.IsValueCreated && await OfThisRun.Value is { } started) await started.server.KillAsync();
    }

    public async Task<string> NewDatabaseAsync(string name, string template)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var command = source.CreateCommand($"create database {name} template {template}");
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    private static async Task<PostgresServer> StartAsync()
    {
        if (!File.Exists(Path.Join(Binaries, "postgres")))
            throw new UserException("PostgreSQL is not installed.", $"Install it: apt-get install {Package}");
        var folder = Path.Join(RunFolder.Path, "pg");
        Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess)
        {
            // PostgreSQL refuses to run as root; a container often is.
            File.SetUnixFileMode(RunFolder.Path, File.GetUnixFileMode(RunFolder.Path) | UnixFileMode.OtherExecute);
            await Proc.OutputAsync("chown", ["nobody", folder]);
        }
        var data = Path.Join(folder, "data");
        var options = new ProcOptions { WorkingDirectory = folder, DebianPackage = Package };
        (await RunAsync(options, "initdb", "-D", data, "-U", "mithi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"))
            .Require();

        var ready = new TaskCompletionSource();
        var (program, arguments) = Command("postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off",
            "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB");
        var server = Proc.Start(program, arguments, options with
        {
            OnLine = line => { if (line.Contains("ready to accept connections", StringComparison.Ordinal)) ready.TrySetResult(); },
        });
        if (await Task.WhenAny(ready.Task, server.WaitAsync()) != ready.Task)
            throw new InvalidOperationException($"PostgreSQL did not start: {server.Error}");
        return new(folder, server);
    }

    private static Task<ProcResult> RunAsync(ProcOptions options, string program, params string[] arguments)
    {
        var (name, all) = Command(program, arguments);
        return Proc.RunAsync(name, all, options);
    }

    private static (string Program, IReadOnlyList<string> Arguments) Command(string program, params string[] arguments)
    {
        var path = Path.Join(Binaries, program);
        return Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all", path, .. arguments])
            : (path, arguments);
    }

    // A pool keeps connections open for minutes; tests make and leave many databases, and the server has few places.
    private string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = folder, Username = "mithi", Database = database, MaxPoolSize = 20, ConnectionIdleLifetime = 5,
        ConnectionPruningInterval = 2, IncludeErrorDetail = true,
    }.ToString();
}
