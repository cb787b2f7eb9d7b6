using Mithi.Archive;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using Mithi.Site.Agent;
using Mithi.Site.Apply;
using Mithi.Site.Tests.Apply;
using Xunit;

namespace Mithi.Site.Tests.Agent;

/// <summary>Every order that was taken is answered, also when the agent that took it was killed in the middle.</summary>
public sealed class OrderBookTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly Server _server = new();

    public OrderBookTests()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Join(Folder, AgentState.CounterFile), "4");
    }

    private string Folder => _server["state"];

    public void Dispose() => _server.Dispose();

    [Fact]
    public void It_begins_with_the_installers_counter_and_goes_on_with_its_own()
    {
        var book = OrderBook.Open(Folder);
        Assert.Equal(4, book.Counter);
        book.Take(Order(5, new SendReport()));
        Assert.Equal(5, OrderBook.Open(Folder).Counter);
    }

    [Fact]
    public async Task A_rollback_that_was_killed_in_its_install_script_is_answered_with_what_the_next_start_made_of_it()
    {
        var build = _server.Pack("1.0.0", change: tree => Server.Write(tree, "mithi/install",
            $"#!/bin/sh\n[ ! -e {_server["hold"]} ] || {{ echo holding; sleep 600; }}\n", executable: true));
        await _server.ApplyAsync(build);
        await _server.ApplyAsync(_server.Pack("1.0.0-p1", build));
        File.WriteAllText(_server["hold"], "");
        var order = Order(5, new RollBack("sample"));
        var book = OrderBook.Open(Folder);
        book.Take(order);
        book.Begin(order, Now);
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var engine = new ApplyEngine(_server.Product, _server.Host with { Say = line => { if (line == "holding") kill.Cancel(); } });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RollbackAsync(null, kill.Token));

        File.Delete(_server["hold"]);
        await _server.Engine().ResumeAsync(Ct);
        var again = OrderBook.Open(Folder);
        again.Settle(_server.Product);
        Assert.Equal(
            [new ResultMessage("order-5", true, "done", "1.0.0 runs, before it 1.0.0-p1. The agent was restarted meanwhile.", null)], again.Answers);

        // A third start says the same, word for word: the node takes it once.
        var third = OrderBook.Open(Folder);
        third.Settle(_server.Product);
        Assert.Equal(again.Answers, third.Answers);
    }

    [Fact]
    public async Task What_was_not_begun_and_what_was_given_up_says_that_nothing_was_changed()
    {
        var build = _server.Pack("1.0.0");
        await _server.ApplyAsync(build);
        var (apply, waiting) = (Order(5, new ApplyRelease("sample", "1.0.0-p1")), Order(6, new ApplyRelease("sample", "1.0.0-p2")));
        var book = OrderBook.Open(Folder);
        book.Take(apply);
        book.Take(waiting);
        book.Begin(apply, Now);
        File.WriteAllText(Path.Join(_server.Product.Current, "share/common"), "edited");
        await Assert.ThrowsAsync<ArchiveException>(() => _server.ApplyAsync(_server.Pack("1.0.0-p1", build)));

        var again = OrderBook.Open(Folder);
        again.Settle(_server.Product);
        Assert.Equal([("order-5", false, "failed"), ("order-6", false, "failed")], again.Answers.Select(one => (one.CommandId, one.Ok, one.Outcome)));
        Assert.StartsWith("1.0.0-p1 was not applied: ", again.Answers[0].Detail, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", again.Answers[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_answer_stays_and_only_the_last_orders_are_kept()
    {
        var book = OrderBook.Open(Folder);
        for (var i = 5; i < 45; i++)
        {
            book.Take(Order(i, new SendReport()));
            book.Answer(new ResultMessage($"order-{i}", true, "done", "", null));
            book.Answer(new ResultMessage($"order-{i}", false, "failed", "", null));
        }
        var answers = OrderBook.Open(Folder).Answers;
        Assert.Equal(Limits.OrdersKept, answers.Count);
        Assert.Equal("order-44", answers[^1].CommandId);
        Assert.All(answers, one => Assert.True(one.Ok));
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static Command Order(long counter, CommandOrder order)
        => new($"order-{counter}", "site-1", "", "grant-1", counter, Now, Now.AddHours(1), order);
}
