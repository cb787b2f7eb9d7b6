using Mithi.Protocol.Frames;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Tests;

public sealed class FloodTests
{
    private static CancellationToken Ct => LoopbackNode.Ct;

    [Fact]
    public async Task A_flood_whose_viewer_does_not_read_stalls_no_other_stream()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var pair = await node.PairAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        var flood = await pair.Site.OpenAsync(new("terminal", StreamPriority.Interactive, Limits.TerminalWindow, ""), Ct);
        (await pair.Node.AcceptAsync(Ct))!.Accept(Limits.TerminalWindow);
        var written = 0L;
        var flooding = Task.Run(async () =>
        {
            var block = new byte[4_000];
            while (true)
            {
                await flood.WriteAsync(block, stop.Token);
                Interlocked.Add(ref written, block.Length);
            }
        }, Ct);

        var keys = await pair.Node.OpenAsync(new("terminal", StreamPriority.Interactive, Limits.TerminalWindow, ""), Ct);
        var shell = (await pair.Site.AcceptAsync(Ct))!;
        shell.Accept(Limits.TerminalWindow);
        var echo = Task.Run(async () =>
        {
            var one = new byte[1];
            while (await shell.ReadAsync(one, Ct) == 1)
                await shell.WriteAsync(one, Ct);
        }, Ct);

        // 200 keystrokes come back although nobody ever reads the flood; and control messages pass too.
        var key = new byte[1];
        for (var i = 0; i < 200; i++)
        {
            await keys.WriteAsync(new byte[] { (byte)i }, Ct);
            Assert.Equal(1, await keys.ReadAsync(key, Ct));
            Assert.Equal((byte)i, key[0]);
        }
        await pair.Site.SendAsync(new LogAckMessage(1), Ct);
        Assert.Equal(new LogAckMessage(1), await pair.Node.ReadAsync(Ct));
        Assert.InRange(Interlocked.Read(ref written), 0, Limits.TerminalWindow);

        await keys.CloseAsync(CloseReason.Done, "", Ct);
        await echo;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flooding);
    }

    [Fact]
    public async Task Control_messages_that_nobody_handles_stop_their_sender_and_nothing_else()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var pair = await node.PairAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var screen = new ScreenMessage(new string('x', 60_000), DateTimeOffset.UnixEpoch);
        var sent = 0;
        var blocked = Task.Run(async () =>
        {
            while (true)
            {
                await pair.Site.SendAsync(screen, stop.Token);
                Interlocked.Increment(ref sent);
            }
        }, Ct);
        var stream = await pair.Site.OpenAsync(new("file", StreamPriority.Bulk, Limits.FileWindow, ""), Ct);
        var other = (await pair.Node.AcceptAsync(Ct))!;
        other.Accept(Limits.FileWindow);
        await stream.WriteAsync(new byte[100_000], Ct);
        var got = 0;
        while (got < 100_000)
            got += await other.ReadAsync(new byte[65_536], Ct);
        Assert.InRange(Volatile.Read(ref sent), 0, Limits.ControlWindow / 60_000);

        for (var i = 0; i < 40; i++)
            Assert.IsType<ScreenMessage>(await pair.Node.ReadAsync(Ct));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocked);
    }

    [Fact]
    public async Task A_message_of_many_frames_arrives_whole_between_others()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var pair = await node.PairAsync();
        var entries = Enumerable.Range(1, Limits.LogEntriesMax)
            .Select(i => new LogEntry(i, DateTimeOffset.UnixEpoch, "info", "WRITE_OS", $"line {i} {new string('w', 250)}")).ToList();
        var sending = Task.WhenAll(Enumerable.Range(0, 8).Select(i => i % 2 == 0
            ? pair.Site.SendAsync(new LogMessage(entries), Ct)
            : pair.Site.SendAsync(new LogAckMessage(i), Ct)));
        var (logs, acks) = (0, 0);
        for (var i = 0; i < 8; i++)
        {
            switch (await pair.Node.ReadAsync(Ct))
            {
                case LogMessage log:
                    Assert.Equal(entries, log.Entries);
                    logs++;
                    break;
                case LogAckMessage:
                    acks++;
                    break;
            }
        }
        await sending;
        Assert.Equal((4, 4), (logs, acks));
    }

    [Fact]
    public async Task A_bulk_stream_goes_on_beside_an_interactive_flood_that_is_read()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var pair = await node.PairAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var flood = await pair.Site.OpenAsync(new("terminal", StreamPriority.Interactive, Limits.TerminalWindow, ""), Ct);
        var seen = (await pair.Node.AcceptAsync(Ct))!;
        seen.Accept(Limits.TerminalWindow);
        var writing = Task.Run(async () => { while (true) await flood.WriteAsync(new byte[16_000], stop.Token); }, Ct);
        var reading = Task.Run(async () => { while (true) await seen.ReadAsync(new byte[16_000], stop.Token); }, Ct);

        var file = await pair.Site.OpenAsync(new("file", StreamPriority.Bulk, Limits.FileWindow, ""), Ct);
        var target = (await pair.Node.AcceptAsync(Ct))!;
        target.Accept(Limits.FileWindow);
        var sending = file.WriteAsync(new byte[2_000_000], Ct).AsTask();
        for (var got = 0; got < 2_000_000;)
            got += await target.ReadAsync(new byte[65_536], Ct);
        await sending;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        // The writer that stops ends its stream; whichever of the two the reader meets first.
        Assert.True(await Record.ExceptionAsync(() => reading) is OperationCanceledException or IOException);
    }
}
