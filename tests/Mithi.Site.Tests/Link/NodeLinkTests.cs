using Mithi.Protocol.Commands;
using Mithi.Protocol.Connection;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Stamp;
using Mithi.Protocol.Tests;
using Mithi.Site.Link;
using Xunit;

namespace Mithi.Site.Tests.Link;

/// <summary>The site's end of the line, against a real server's end.</summary>
public sealed class NodeLinkTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly SigningKey _device = SigningKey.Create();
    private LoopbackNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await LoopbackNode.StartAsync();
        _node.Sites["asha"] = new(_device.Public.Hash, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _device.Dispose();
    }

    [Fact]
    public async Task An_answer_whose_connection_broke_comes_again_on_the_next()
    {
        using var link = Link(0, null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var run = link.RunAsync(stop.Token);
        var answer = new ResultMessage("order-1", true, "done", "1.0.0 runs.", null);
        link.Tell(answer);
        for (var i = 0; i < 2; i++)
        {
            var session = await _node.SessionAsync();
            Assert.Equal(answer, await ReadAsync<ResultMessage>(session.Connection));
            session.Connection.End(CloseReason.GoingAway, "The node restarts.");
        }
        await stop.CancelAsync();
        await Record.ExceptionAsync(() => run);
    }

    [Fact]
    public async Task An_order_that_can_not_be_written_down_was_not_taken_and_comes_again()
    {
        var full = true;
        using var link = Link(0, _ =>
        {
            if (!full) return;
            full = false;
            throw new IOException("No space left on device");
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var run = link.RunAsync(stop.Token);
        for (var i = 0; i < 2; i++)
        {
            var session = await _node.SessionAsync();
            var order = new Command("order-1", "asha", _device.Public.Hash.Hex, "grant-1", 1, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, new SendReport());
            await session.Connection.SendAsync(new CommandMessage(SignedText.Of(order, _node.Key)), Ct);
        }
        Assert.Equal("order-1", (await link.Orders.ReadAsync(Ct)).Id);
        await stop.CancelAsync();
        await Record.ExceptionAsync(() => run);
    }

    private NodeLink Link(long counter, Action<Command>? taken)
    {
        var log = new SiteLog(TimeProvider.System);
        var stamp = new SiteStamp([_node.Address], [_node.Key.Public.Hash], [_node.Key.Public.Hash], "asha", "en", "", "Mithi Mail");
        return new NodeLink(stamp, _device, "agent", counter, taken, log, TimeProvider.System);
    }

    private static async Task<T> ReadAsync<T>(SiteConnection connection) where T : ControlMessage
    {
        while (true)
            if (await connection.ReadAsync(Ct) is T message) return message;
    }
}
