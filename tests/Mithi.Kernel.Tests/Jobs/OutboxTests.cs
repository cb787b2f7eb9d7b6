using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Testing;
using Xunit;

namespace Mithi.Kernel.Tests.Jobs;

public sealed class OutboxTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task A_message_reaches_every_handler_of_its_topic_once(DbEngine engine)
    {
        Ear[] ears = [new("one", "news"), new("two", "news"), new("three", "other")];
        await using var kernel = await StartAsync(engine, ears);
        await kernel.WriteAsync(tx => kernel.Get<Outbox>().AddAsync(tx, "news", new { Product = "connect-server" }));
        await kernel.DrainAsync();
        await kernel.DrainAsync();
        Assert.Equal([1, 1, 0], ears.Select(e => e.Heard.Count));
        Assert.Equal("connect-server", ears[0].Heard.Single().Payload.GetProperty("product").GetString());
        Assert.NotEqual(ears[0].Heard.Single().Key, ears[1].Heard.Single().Key);
    }

    [Theory, BothEngines]
    public async Task A_handler_that_fails_hears_it_again_under_the_same_key_and_the_others_do_not(DbEngine engine)
    {
        Ear[] ears = [new("deaf", "news") { Failures = 1 }, new("good", "news")];
        await using var kernel = await StartAsync(engine, ears);
        await kernel.WriteAsync(tx => kernel.Get<Outbox>().AddAsync(tx, "news", new { }));
        await kernel.DrainAsync();
        kernel.Clock.Advance(JobLoop.Backoff(1).ToTimeSpan());
        await kernel.DrainAsync();
        Assert.Equal([2, 1], ears.Select(e => e.Heard.Count));
        Assert.Single(ears[0].Heard.Select(m => m.Key).Distinct());
    }

    [Theory, BothEngines]
    public async Task A_message_that_nobody_listens_to_leaves_no_row(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine, []);
        await kernel.WriteAsync(tx => kernel.Get<Outbox>().AddAsync(tx, "silence", new { }));
        Assert.Empty(await kernel.JobsAsync());
    }

    [Theory, BothEngines]
    public async Task A_handler_may_itself_tell_the_outbox(DbEngine engine)
    {
        var last = new Ear("last", "second");
        await using var kernel = await TestKernel.StartAsync(engine, s => s
            .AddSingleton<IOutboxHandler, Relay>().AddSingleton<IOutboxHandler>(last));
        await kernel.WriteAsync(tx => kernel.Get<Outbox>().AddAsync(tx, "first", new { }));
        await kernel.DrainAsync();
        Assert.Single(last.Heard);
    }

    private static Task<TestKernel> StartAsync(DbEngine engine, Ear[] ears) => TestKernel.StartAsync(engine, s =>
    {
        foreach (var ear in ears) s.AddSingleton<IOutboxHandler>(ear);
    });

    private sealed class Ear(string name, string topic) : IOutboxHandler
    {
        public ConcurrentQueue<OutboxMessage> Heard { get; } = new();

        public int Failures { get; set; }

        public string Topic => topic;

        public string Name => name;

        public Task HandleAsync(OutboxMessage message, CancellationToken ct)
        {
            Heard.Enqueue(message);
            return Failures-- > 0 ? throw new IOException("not now") : Task.CompletedTask;
        }
    }

    private sealed class Relay(Db db, Outbox outbox) : IOutboxHandler
    {
        public string Topic => "first";

        public Task HandleAsync(OutboxMessage message, CancellationToken ct)
            => db.WriteAsync(tx => outbox.AddAsync(tx, "second", new { }), ct);
    }
}
