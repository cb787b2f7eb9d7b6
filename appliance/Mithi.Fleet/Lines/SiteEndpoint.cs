using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mithi.Fleet.Orders;
using Mithi.Fleet.Sites;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using Mithi.Protocol;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Pairing;

namespace Mithi.Fleet.Lines;

/// <summary>The door for machines: <c>wss://node/site</c>. A machine proves itself inside, by its key.</summary>
internal sealed partial class SiteEndpoint(
    SiteKeys keys, PairingDesk desk, SiteStore sites, OrderStore orders, SiteInbox inbox, SiteLines lines, SiteSignals signals,
    SettingStore settings, NodeAddress address, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<SiteEndpoint> log)
{
    public async Task ServeAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            http.Response.Headers.Upgrade = "websocket";
            return;
        }
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = TimeSpan.Zero });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, http.RequestAborted);
        var from = http.Connection.RemoteIpAddress?.ToString() ?? "";
        try
        {
            var handshake = new NodeHandshake(keys.Signing, await keys.ServerAsync(stop.Token), desk, time);
            await using var session = await handshake.RunAsync(socket, FindAsync, stop.Token);
            await ServeAsync(session, from, stop.Token);
        }
        catch (ProtocolException refused)
        {
            Refused(log, from, refused.Fault, refused.Message);
        }
        catch (Exception lost) when (lost is WebSocketException or IOException or OperationCanceledException)
        {
            // It left before it had said who it is.
        }
    }

    private async Task<KnownSite?> FindAsync(string code, CancellationToken ct)
        => await sites.ByCodeAsync(code, ct) is { } site
            ? new(site.IsPaired ? KeyHash.Parse(site.Device) : null, site.LogThrough) : null;

    private async Task ServeAsync(NodeSession session, string from, CancellationToken ct)
    {
        if (await sites.ByCodeAsync(session.Hello.Site, ct) is not { } site) return;
        var line = new SiteLine(site.Id, session, from);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        lines.Add(line);
        try
        {
            var run = session.Connection.RunAsync(ct);
            Task[] work =
            [
                GuardAsync(line, ReadAsync, ended.Token), GuardAsync(line, SendAsync, ended.Token),
                GuardAsync(line, WatchCodeAsync, ended.Token), GuardAsync(line, RefuseStreamsAsync, ended.Token),
            ];
            var end = await run;
            await ended.CancelAsync();
            await Task.WhenAll(work);
            if (line.IsPaired) await inbox.SeenAsync(site.Id, CancellationToken.None);
            Ended(log, site.Id.Value, from, end.Reason, end.Text);
        }
        finally
        {
            lines.Remove(line);
        }
    }

    // A fault of ours, such as a full disk, ends the connection; the site comes again and nothing it said is lost.
    private async Task GuardAsync(SiteLine line, Func<SiteLine, CancellationToken, Task> work, CancellationToken ct)
    {
        try
        {
            await work(line, ct);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException && ct.IsCancellationRequested)
        {
            // The connection has ended.
        }
        catch (Exception fault)
        {
            Failed(log, fault, line.Site.Value);
            line.Connection.End(CloseReason.GoingAway, "The node has a fault; come again.");
        }
    }

    private async Task ReadAsync(SiteLine line, CancellationToken ct)
    {
        while (await line.Connection.ReadAsync(ct) is { } message)
        {
            switch (message)
            {
                case ScreenMessage screen:
                    line.Screen = screen;
                    break;
                case ProgressMessage progress:
                    line.Progress = progress;
                    break;
                case var _ when !line.IsPaired:
                    line.Hold(message);
                    break;
                case DownloadsRequestMessage:
                    await SendTokenAsync(line, ct);
                    break;
                default:
                    await KeepAsync(line, message, ct);
                    break;
            }
            signals.Changed(line.Site);
        }
    }

    private async Task KeepAsync(SiteLine line, ControlMessage message, CancellationToken ct)
    {
        if (await MachineAsync(line, ct) is not { } machine) return;
        await inbox.TakeAsync(line.Site, machine, message, ct);
        // Only what is on the disk is acknowledged; the site keeps the rest.
        if (message is LogMessage { Entries: [_, ..] } kept)
            await line.Connection.SendAsync(new LogAckMessage(kept.Entries.Max(e => e.Number)), ct);
    }

    private async Task SendAsync(SiteLine line, CancellationToken ct)
    {
        while (!line.IsPaired) await line.WaitAsync(ct);
        if (line.Pending is not null)
        {
            var now = time.GetUtcNow();
            var enrolment = new Enrolment(line.Session.Hello.Site, line.Device, now, now + Limits.EnrolmentLife);
            await line.Connection.SendAsync(new EnrolmentMessage(SignedText.Of(enrolment, keys.Signing)), ct);
            foreach (var held in line.TakeHeld()) await KeepAsync(line, held, ct);
        }
        await inbox.ConnectedAsync(line.Site, line.Session.Intercepted, ct);
        long through = 0;
        while (true)
        {
            if (await sites.GetAsync(line.Site, ct) is not { } site || site.Device != line.Device)
            {
                line.Connection.End(CloseReason.Refused, "This machine is no longer the site's.");
                return;
            }
            // Each order once per connection, by its counter, also those that an earlier connection sent without an answer.
            foreach (var order in await orders.OpenAsync(site, time.GetCurrentInstant(), ct))
            {
                if (order.Counter <= through) continue;
                await line.Connection.SendAsync(new CommandMessage(SignedText.Of(order.ToCommand(site), keys.Signing)), ct);
                await orders.SentAsync(order.Id, ct);
                through = order.Counter;
                signals.Changed(line.Site);
            }
            await line.WaitAsync(ct);
        }
    }

    private async Task WatchCodeAsync(SiteLine line, CancellationToken ct)
    {
        if (line.Pending is not { } pending) return;
        switch (await pending.Decision.WaitAsync(ct))
        {
            case PairingDecision.Expired:
                line.Connection.End(CloseReason.PairingExpired, "The code was not entered in time.");
                break;
            case PairingDecision.TriesUsedUp:
                line.Connection.End(CloseReason.PairingMismatch, "Wrong codes used up the tries.");
                break;
            case PairingDecision.OtherMachine:
                line.Connection.End(CloseReason.PairingMismatch, "Another machine was accepted.");
                break;
        }
        signals.Changed(line.Site);
    }

    // This node opens and takes no streams yet; a site that opens one learns so at once.
    private static async Task RefuseStreamsAsync(SiteLine line, CancellationToken ct)
    {
        while (await line.Connection.AcceptAsync(ct) is { } stream)
            await stream.CloseAsync(CloseReason.Refused, "This node takes no such stream.", ct);
    }

    private async Task SendTokenAsync(SiteLine line, CancellationToken ct)
    {
        if (await MachineAsync(line, ct) is null) return;
        var token = await inbox.TokenAsync(line.Site, ct);
        await line.Connection.SendAsync(new DownloadsMessage(await AddressesAsync(ct), token.Text, token.ExpiresAt.ToDateTimeOffset()), ct);
    }

    private async ValueTask<IReadOnlyList<string>> AddressesAsync(CancellationToken ct)
        => FleetSettings.Split(await settings.TextAsync(FleetSettings.Addresses, ct)) is { Length: > 0 } given ? given : [address.Public];

    private async Task<int?> MachineAsync(SiteLine line, CancellationToken ct)
        => await sites.GetAsync(line.Site, ct) is { } site && site.Device == line.Device ? site.Machine : null;

    [LoggerMessage(LogLevel.Warning, "A machine at {From} was refused: {Fault}: {Text}")]
    private static partial void Refused(ILogger log, string from, ProtocolFault fault, string text);

    [LoggerMessage(LogLevel.Information, "Site {Site} at {From} left: {Reason} {Text}")]
    private static partial void Ended(ILogger log, long site, string from, CloseReason reason, string text);

    [LoggerMessage(LogLevel.Error, "Serving site {Site} failed")]
    private static partial void Failed(ILogger log, Exception fault, long site);
}
