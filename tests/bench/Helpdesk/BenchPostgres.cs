using Mithi.Cli;
using Mithi.Testing;

namespace Mithi.Bench.Helpdesk;

/// <summary>A PostgreSQL server with its durability on, as Debian starts it but for a folder and a socket of its own.</summary>
internal sealed class BenchPostgres : IAsyncDisposable
{
    private const string Package = "postgresql-15";
    private const string Binaries = "/usr/lib/postgresql/15/bin";

    private readonly Proc server;

    private BenchPostgres(Proc server, string folder) => (this.server, Database) = (server, $"Host={folder};Username=mithi;Database=postgres");

    /// <summary>A connection string.</summary>
    public string Database { get; }

    public static async Task<BenchPostgres> StartAsync(string folder)
    {
        var options = new ProcOptions { WorkingDirectory = "/", DebianPackage = Package };
        var data = Path.Join(folder, "data");
        if (!Directory.Exists(data))
        {
            Directory.CreateDirectory(folder);
            if (Environment.IsPrivilegedProcess)
            {
                // PostgreSQL refuses to run as root; a container often is.
                for (var up = folder; up is not (null or "/" or "/tmp"); up = Path.GetDirectoryName(up))
                    File.SetUnixFileMode(up, File.GetUnixFileMode(up) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
                await Proc.OutputAsync("chown", ["nobody", folder]);
            }
            (await RunAsync(options, "initdb", "-D", data, "-U", "mithi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")).Require();
        }
        var ready = new TaskCompletionSource();
        var (program, arguments) = Command("postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "max_connections=100", "-c", "shared_buffers=512MB",
            "-c", "max_wal_size=4GB");
        var server = Proc.Start(program, arguments, options with
        {
            OnLine = line => { if (line.Contains("ready to accept connections", StringComparison.Ordinal)) ready.TrySetResult(); },
        });
        if (await Task.WhenAny(ready.Task, server.WaitAsync()) != ready.Task) throw new InvalidOperationException($"PostgreSQL ended: {server.Error}");
        return new(server, folder);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static Task<ProcResult> RunAsync(ProcOptions options, string program, params string[] arguments)
    {
        var (name, all) = Command(program, arguments);
        return Proc.RunAsync(name, all, options);
    }

    private static (string, string[]) Command(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", Path.Join(Binaries, program), .. arguments])
        : (Path.Join(Binaries, program), arguments);
}
