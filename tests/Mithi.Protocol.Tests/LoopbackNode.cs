using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mithi.Protocol.Connection;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Pairing;
using Xunit;

namespace Mithi.Protocol.Tests;

/// <summary>A node's end on a real Kestrel, HTTPS on loopback, with a certificate of its own key.</summary>
internal sealed class LoopbackNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ECDsa _tls = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<NodeSession> _sessions = Channel.CreateUnbounded<NodeSession>();
    private readonly Channel<ProtocolException> _refused = Channel.CreateUnbounded<ProtocolException>();
    private readonly Channel<ConnectionEnd> _ends = Channel.CreateUnbounded<ConnectionEnd>();

    private LoopbackNode(TimeProvider time)
    {
        Time = time;
        Key = SigningKey.FromPkcs8(_tls.ExportPkcs8PrivateKey());
        Desk = new(time);
        var request = new CertificateRequest("CN=node", _tls, HashAlgorithmName.SHA256);
        // Long over: a machine whose clock shows 2037 or 2001 must get in all the same.
        var certificate = request.CreateSelfSigned(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        _app = builder.Build();
        _app.UseWebSockets(new() { KeepAliveInterval = TimeSpan.Zero });
        _app.Map("/site", ServeAsync);
    }

    public SigningKey Key { get; }
    public PairingDesk Desk { get; }
    public TimeProvider Time { get; }
    public ConcurrentDictionary<string, KnownSite> Sites { get; } = new() { ["asha"] = new(null, 0) };

    /// <summary>What the node takes for the key of its server certificate, if not its own.</summary>
    public KeyHash? ServerKey { get; set; }

    public Uri Address { get; private set; } = new("https://localhost");

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<LoopbackNode> StartAsync(TimeProvider? time = null)
    {
        var node = new LoopbackNode(time ?? TimeProvider.System);
        await node._app.StartAsync(Ct);
        var addresses = node._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        node.Address = new(addresses!.Addresses.Single());
        return node;
    }

    public SiteIdentity Identity(SigningKey device, string site = "asha") => new(site, device, [Key.Public.Hash], [Key.Public.Hash], "1.0.0", "installer");

    public Task<SiteSession> ConnectAsync(SigningKey device, string site = "asha", TimeProvider? time = null)
        => SiteClient.ConnectAsync(Address, null, Identity(device, site), time ?? TimeProvider.System, Ct);

    public ValueTask<NodeSession> SessionAsync() => _sessions.Reader.ReadAsync(Ct);

    public ValueTask<ProtocolException> RefusedAsync() => _refused.Reader.ReadAsync(Ct);

    public ValueTask<ConnectionEnd> EndAsync() => _ends.Reader.ReadAsync(Ct);

    /// <summary>A socket that is connected and has said nothing.</summary>
    public async Task<ClientWebSocket> KnockAsync()
    {
        var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        await socket.ConnectAsync(new UriBuilder(Address) { Scheme = "wss", Path = "/site" }.Uri, Ct);
        return socket;
    }

    /// <summary>Both ends of a paired connection, running.</summary>
    public async Task<LoopbackPair> PairAsync()
    {
        var device = SigningKey.Create();
        Sites["asha"] = new(device.Public.Hash, 0);
        var site = await ConnectAsync(device);
        return new(site, await SessionAsync());
    }

    private async Task ServeAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var handshake = new NodeHandshake(Key, ServerKey ?? Key.Public.Hash, Desk, Time);
        try
        {
            await using var session = await handshake.RunAsync(
                socket, (site, _) => Task.FromResult(Sites.GetValueOrDefault(site)), _stop.Token);
            var run = session.Connection.RunAsync(_stop.Token);
            await _sessions.Writer.WriteAsync(session);
            await _ends.Writer.WriteAsync(await run);
        }
        catch (ProtocolException refused)
        {
            await _refused.Writer.WriteAsync(refused);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
        Key.Dispose();
        _tls.Dispose();
    }
}

/// <summary>Both ends of a paired connection.</summary>
internal sealed class LoopbackPair : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public LoopbackPair(SiteSession site, NodeSession node)
    {
        (Site, Node, SiteSession) = (site.Connection, node.Connection, site);
        SiteRun = Site.RunAsync(_stop.Token);
    }

    public SiteSession SiteSession { get; }
    public SiteConnection Site { get; }
    public SiteConnection Node { get; }
    public Task<ConnectionEnd> SiteRun { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await SiteRun;
        await Site.DisposeAsync();
        _stop.Dispose();
    }
}
