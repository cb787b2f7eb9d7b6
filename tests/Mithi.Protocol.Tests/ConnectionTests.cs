using Mithi.Protocol.Connection;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Keys;
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

    [Fact]
    public async Task A_full_queue_keeps_no_stream_half_open()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        node.Sites["asha"] = new(device.Public.Hash, 0);
        await using var session = await node.ConnectAsync(device);
        var site = session.Connection;
        var here = (await node.SessionAsync()).Connection;
        await FillQueueAsync(site);

        // Whatever was given up before it was sent takes nobody's place, and nothing of a stream comes before its beginning.
        for (var i = 0; i < Limits.StreamsMax; i++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var opening = site.OpenAsync(i % 2 == 0 ? Request : Request with { Priority = StreamPriority.Bulk }, stop.Token);
            await stop.CancelAsync();
            if (await Record.ExceptionAsync(() => opening) is null) await (await opening).DisposeAsync();
        }
        using var end = new CancellationTokenSource();
        var run = site.RunAsync(end.Token);
        var streams = new List<SiteStream>();
        for (var i = 0; i < Limits.StreamsMax; i++) streams.Add(await site.OpenAsync(Request, Ct));
        SiteStream accepted;
        do accepted = (await here.AcceptAsync(Ct))!;
        while (accepted.Id != streams[^1].Id);
        Assert.Null(accepted.Ended);
        await end.CancelAsync();
        await run;
    }

    [Fact]
    public async Task A_write_that_was_cancelled_in_the_middle_ends_its_stream_and_not_the_connection()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        node.Sites["asha"] = new(device.Public.Hash, 0);
        await using var session = await node.ConnectAsync(device);
        var site = session.Connection;
        var here = (await node.SessionAsync()).Connection;

        // A stream that has credit, on a connection that does not send yet.
        var there = new SiteStream(site, 1, Request, opener: true);
        there.ReceiveCredit(Limits.TerminalWindow);
        await FillQueueAsync(site);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var write = there.WriteAsync(new byte[10], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);

        Assert.Equal(CloseReason.GoingAway, there.Ended?.Reason);
        await Assert.ThrowsAsync<IOException>(() => there.WriteAsync(new byte[10], Ct).AsTask());
        Assert.Null(site.Queue.Goodbye);
    }

    [Fact]
    public async Task A_close_that_was_cancelled_ends_the_stream_all_the_same()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        node.Sites["asha"] = new(device.Public.Hash, 0);
        await using var session = await node.ConnectAsync(device);
        var site = session.Connection;
        var here = (await node.SessionAsync()).Connection;
        var there = await site.OpenAsync(Request, Ct);
        await FillQueueAsync(site);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var close = there.CloseAsync(CloseReason.Done, "all said", stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => close);
        Assert.Equal(CloseReason.GoingAway, there.Ended?.Reason);

        // The other end hears of it, and the place is free.
        using var end = new CancellationTokenSource();
        var run = site.RunAsync(end.Token);
        var accepted = (await here.AcceptAsync(Ct))!;
        await Assert.ThrowsAsync<IOException>(() => accepted.ReadAsync(new byte[1], Ct).AsTask());
        for (var i = 0; i < Limits.StreamsMax; i++) await site.OpenAsync(Request, Ct);
        await end.CancelAsync();
        await run;
    }

    private static OpenRequest Request => new("terminal", StreamPriority.Interactive, Limits.TerminalWindow, "");

    // Nobody sends before RunAsync, so what is queued stays.
    private static async Task FillQueueAsync(SiteConnection site)
    {
        for (var i = 0; i < Limits.QueuedFramesMax; i++)
            await site.Queue.AddAsync(new(FrameKind.Ping, 0, 0, Numbers.Bytes((ulong)i)), interactive: true, Ct);
    }
}
