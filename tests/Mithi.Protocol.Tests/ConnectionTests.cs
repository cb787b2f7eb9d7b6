using Mithi.Protocol.Connection;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Tests;

public sealed class ConnectionTests
{
    private static CancellationToken Ct => LoopbackNode.Ct;

    [Fact]
    public async Task A_paired_site_is_welcomed_and_both_ends_talk()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var pair = await node.PairAsync();
        Assert.True(pair.SiteSession.Welcome.Paired);
        Assert.Null(pair.SiteSession.Code);
        Assert.Equal(node.Key.Public.Hash, pair.SiteSession.Node.Hash);

        await pair.Site.SendAsync(new ScreenMessage("Step 1 of 8", DateTimeOffset.UnixEpoch), Ct);
        Assert.Equal(new ScreenMessage("Step 1 of 8", DateTimeOffset.UnixEpoch), await pair.Node.ReadAsync(Ct));
        await pair.Node.SendAsync(new LogAckMessage(7), Ct);
        Assert.Equal(new LogAckMessage(7), await pair.Site.ReadAsync(Ct));
    }

    [Fact]
    public async Task A_goodbye_comes_after_all_that_was_sent()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var pair = await node.PairAsync();
        for (var i = 0; i < 100; i++)
            await pair.Site.SendAsync(new LogAckMessage(i), Ct);
        pair.Site.End(CloseReason.Done, "all said");
        for (var i = 0; i < 100; i++)
            Assert.Equal(new LogAckMessage(i), await pair.Node.ReadAsync(Ct));
        Assert.Null(await pair.Node.ReadAsync(Ct));
        Assert.Equal(new ConnectionEnd(CloseReason.Done, "all said", null, false), await node.EndAsync());
        Assert.True((await pair.SiteRun).ByUs);
    }

    [Fact]
    public async Task A_stream_carries_a_megabyte_both_ways_and_ends()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var pair = await node.PairAsync();
        var sent = new byte[3_000_001];
        new Random(1).NextBytes(sent);
        var there = await pair.Site.OpenAsync(new("file", StreamPriority.Bulk, Limits.FileWindow, "x"), Ct);
        var here = (await pair.Node.AcceptAsync(Ct))!;
        Assert.Equal("x", here.Request.Details);
        here.Accept(Limits.TerminalWindow);
        var echo = Task.Run(async () =>
        {
            var buffer = new byte[10_000];
            while (await here.ReadAsync(buffer, Ct) is > 0 and var n)
                await here.WriteAsync(buffer.AsMemory(0, n), Ct);
        }, Ct);
        var write = there.WriteAsync(sent, Ct).AsTask();
        var got = new byte[sent.Length];
        for (var filled = 0; filled < got.Length;)
            filled += await there.ReadAsync(got.AsMemory(filled), Ct);
        await write;
        Assert.Equal(sent, got);
        await there.CloseAsync(CloseReason.Done, "", Ct);
        await echo;
        Assert.Equal(CloseReason.Done, here.Ended?.Reason);
    }
}
