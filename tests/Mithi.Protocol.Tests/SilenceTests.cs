using Microsoft.Extensions.Time.Testing;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Tests;

public sealed class SilenceTests
{
    private static CancellationToken Ct => LoopbackNode.Ct;

    [Fact]
    public async Task An_end_that_says_nothing_for_a_minute_is_let_go()
    {
        var time = new FakeTimeProvider();
        await using var node = await LoopbackNode.StartAsync(time);
        using var device = SigningKey.Create();
        node.Sites["asha"] = new(device.Public.Hash, 0);
        // The site finishes the handshake and is never run: it answers no ping, as after a pulled cable.
        using var socket = await node.KnockAsync();
        await SiteHandshake.RunAsync(socket, node.Identity(device), node.Key.Public.Hash, time, Ct);
        var session = await node.SessionAsync();
        var end = node.EndAsync().AsTask();
        var handled = Task.Run(async () => { while (await session.Connection.ReadAsync(Ct) is not null) { } }, Ct);
        while (!end.IsCompleted)
        {
            time.Advance(Limits.PingEvery);
            await Task.Yield();
        }
        Assert.Equal((CloseReason.Silent, ProtocolFault.Silent), ((await end).Reason, (await end).Fault));
        await handled;
    }

    [Fact]
    public async Task Pings_keep_a_quiet_connection_and_measure_it()
    {
        var time = new FakeTimeProvider();
        await using var node = await LoopbackNode.StartAsync(time);
        using var device = SigningKey.Create();
        node.Sites["asha"] = new(device.Public.Hash, 0);
        await using var site = await node.ConnectAsync(device, time: time);
        var session = await node.SessionAsync();
        var run = site.Connection.RunAsync(Ct);
        for (var minutes = 0; minutes < 20; minutes++)
        {
            time.Advance(Limits.PingEvery);
            // Both ends have heard the other's ping when a message has gone there and back behind it.
            await site.Connection.SendAsync(new LogAckMessage(minutes), Ct);
            Assert.Equal(new LogAckMessage(minutes), await session.Connection.ReadAsync(Ct));
            await session.Connection.SendAsync(new LogAckMessage(minutes), Ct);
            Assert.Equal(new LogAckMessage(minutes), await site.Connection.ReadAsync(Ct));
        }
        Assert.False(run.IsCompleted);
        site.Connection.End(CloseReason.Done, "");
        Assert.Equal(CloseReason.Done, (await run).Reason);
    }
}
