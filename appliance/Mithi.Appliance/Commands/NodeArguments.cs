using System.CommandLine;
using Mithi.Cli;
using Mithi.Kernel;
using Mithi.Kernel.Data;

namespace Mithi.Appliance.Commands;

/// <summary>The arguments that all verbs share: where the data folder and the database are.</summary>
internal static class NodeArguments
{
    public static readonly Option<string> Data = new("--data")
    {
        Description = "The data folder. Also from MITHI_DATA.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MITHI_DATA") ?? "mithi-data",
    };

    public static readonly Option<string?> Postgres = new("--postgres")
    {
        Description = "A PostgreSQL connection string, in place of the embedded database. Also from MITHI_POSTGRES.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MITHI_POSTGRES"),
    };

    public static readonly Option<string?> PublicUrl = new("--public-url")
    {
        Description = "How people reach the node, like https://support.example.com. Also from MITHI_PUBLIC_URL.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MITHI_PUBLIC_URL"),
    };

    public static void AddTo(Command command)
    {
        command.Options.Add(Data);
        command.Options.Add(Postgres);
    }

    /// <summary>Opens the data folder for one process; the caller disposes of it.</summary>
    public static NodeOptions Open(ParseResult args, IReadOnlyList<Uri>? listen = null)
    {
        var folder = DataFolder.Open(args.GetRequiredValue(Data));
        NativeLibraries.Open(folder, others: true);
        return Options(args, folder, listen);
    }

    /// <summary>Works in the database beside a node that may be running.</summary>
    /// <exception cref="UserException">There is no node, or its database is of another version.</exception>
    public static async Task<JoinedNode> JoinAsync(ParseResult args, CancellationToken ct)
    {
        var folder = DataFolder.Join(args.GetRequiredValue(Data));
        NativeLibraries.Open(folder, others: false);
        var node = new JoinedNode(Options(args, folder, null));
        try
        {
            await Faults.ExplainAsync(() => new Migrations(node.Options.Db, Appliance.Assemblies).EnsureCurrentAsync(node.Db, ct));
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public static Uri Address(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new UserException($"'{text}' is not an address.", "Write it like http://127.0.0.1:8480 or https://support.example.org");

    /// <summary>An address of this machine. A name may mean several, or none of them, so it is not guessed at.</summary>
    public static Uri ListenAddress(string text)
        => Address(text) is var uri && (uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || uri.Host == "localhost")
            ? uri
            : throw new UserException($"'{text}' is not an address to listen on.",
                "Write it like http://127.0.0.1:8480 or https://0.0.0.0:443; the name that people use is said with --public-url.");

    private static NodeOptions Options(ParseResult args, DataFolder folder, IReadOnlyList<Uri>? listen) => new()
    {
        Folder = folder,
        Db = args.GetValue(Postgres) is { Length: > 0 } postgres ? DbOptions.Postgres(postgres) : DbOptions.Sqlite(folder.Database),
        Listen = listen ?? [new Uri("http://127.0.0.1:8480")],
    };
}
