using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Mithi.Appliance.Sample;
using Mithi.Cli;
using Mithi.Kernel;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Appliance.Commands;

/// <summary>mithi serve: the node. Needs no configuration; an empty data folder becomes a new node.</summary>
internal static partial class ServeCommand
{
    private static readonly Option<string[]> Listen = new("--listen")
    {
        Description = "Where to listen; repeat it for several. Also from MITHI_LISTEN, separated by blanks.",
        DefaultValueFactory = _ => (Environment.GetEnvironmentVariable("MITHI_LISTEN") ?? "http://127.0.0.1:8480").Split(' '),
    };

    private static readonly Option<bool> BehindProxy = new("--behind-proxy")
    {
        Description = "A proxy on this machine ends TLS and sends X-Forwarded-For and X-Forwarded-Proto.",
    };

    private static readonly Option<bool> JsonLog = new("--json-log") 
    {
        Description = "Structured logs: each line of stdout is a JSON object. What only the console may see, such as the first link, goes to stderr.",
    };

    private static readonly Option<bool> WithSample = new("--sample")
    {
        Description = "Fills a new node with sample data: people, customers, tickets, a product.",
    };

    public static Command Build()
    {
        var command = new Command("serve", "Runs the node.") { WithSample, Listen, NodeArguments.PublicUrl, BehindProxy, JsonLog };
        NodeArguments.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        await Task.Yield();   // Signals are listened to from when a command first lets go of its thread.
        var opened = NodeArguments.Open(args, [.. args.GetRequiredValue(Listen).Select(NodeArguments.ListenAddress)]);
        using var folder = opened.Folder;
        var options = opened with
        {
            PublicUrl = args.GetValue(NodeArguments.PublicUrl) is { Length: > 0 } url ? NodeArguments.Address(url) : null,
            BehindProxy = args.GetValue(BehindProxy),
            JsonLog = args.GetValue(JsonLog),
        };
        await using var app = Appliance.Build(options);
        try
        {
            await StartAsync(app, ct);
            await Faults.ExplainAsync(() => GreetAsync(app, options, args.GetValue(WithSample), ct));
            SystemdNotice.Send(SystemdNotice.Ready);
            app.Lifetime.ApplicationStopping.Register(() => SystemdNotice.Send(SystemdNotice.Stopping));
            await app.WaitForShutdownAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to stop while it started: that is a stop like any other.
            await app.StopAsync(CancellationToken.None);
        }
        return ExitCode.Done;
    }

    /// <summary>Migrates, then listens; afterwards <see cref="NodeAddress"/> knows the real ports.</summary>
    /// <exception cref="UserException">A port is taken, or may not be used.</exception>
    public static async Task StartAsync(WebApplication app, CancellationToken ct)
    {
        // Here the folder is ours alone, so what is still arriving was a killed process's.
        app.Services.GetRequiredService<BlobStore>().Sweep();
        await Faults.ExplainAsync(() => app.Services.GetRequiredService<Migrations>().RunAsync(app.Services.GetRequiredService<Db>(), ct));
        try
        {
            await Faults.ExplainAsync(() => ListenAsync(app, ct));
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new UserException(e.Message, "Stop what listens there (ss -ltnp shows it), or choose another address with --listen.", e);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AccessDenied or SocketError.AddressNotAvailable)
        {
            throw new UserException($"The address cannot be listened on: {e.Message}",
                "Ports below 1024 need CAP_NET_BIND_SERVICE (the systemd unit gives it); or choose another address with --listen.", e);
        }
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        app.Services.GetRequiredService<NodeAddress>().Listening = [.. addresses.Select(a => new Uri(a))];
    }

    private static async Task ListenAsync(WebApplication app, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch
        {
            // What was started before the door did not open, such as the job loop, ends before its database is closed.
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    // For whoever sits at the console, and for scripts: one fact a line, the address last known is the first to open.
    private static async Task GreetAsync(WebApplication app, NodeOptions options, bool withSample, CancellationToken ct)
    {
        if (withSample && await SampleData.AddAsync(app.Services, ct) is { } password)
            Confide(options, $"Sample people such as asha@mithi.example and meera@sahyadri.example sign in with {password}");
        var address = app.Services.GetRequiredService<NodeAddress>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Mithi.Appliance");
        Tell($"mithi {NodeOptions.Version}, data in {options.Folder.Root}");
        foreach (var listening in address.Listening) Tell($"Listening on {listening.GetLeftPart(UriPartial.Authority)}");
        if (options.PublicUrl is not null) Tell($"Reached as {address.Public}");
        if (address.Listening.Any(a => a.Scheme == Uri.UriSchemeHttps)) Tell($"TLS pin {app.Services.GetRequiredService<NodeIdentity>().Pin}");
        if (await app.Services.GetRequiredService<FirstRun>().LinkAsync(address.Public, ct) is { } link)
            Confide(options, $"No administrator yet. Open this once to become the first: {link}");

        void Tell(string line)
        {
            if (options.JsonLog) Told(log, line);
            else Console.WriteLine(line);
        }
    }

    // Structured logs are collected and read by many; a secret goes to the console beside them.
    private static void Confide(NodeOptions options, string line) => (options.JsonLog ? Console.Error : Console.Out).WriteLine(line);

    [LoggerMessage(LogLevel.Information, "{Line}")]
    private static partial void Told(ILogger log, string line);
}
