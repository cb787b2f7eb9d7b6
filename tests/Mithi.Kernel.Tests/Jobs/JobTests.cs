using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.Jobs;

public sealed class JobTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task A_job_runs_after_its_transaction_with_what_it_was_given(DbEngine engine)
    {
        var work = new Work();
        await using var kernel = await StartAsync(engine, work);
        await AddAsync(kernel, new Payload(new(7), "नमस्ते"));
        Assert.Empty(work.Runs);
        await kernel.DrainAsync();
        Assert.Equal(new Payload(new(7), "नमस्ते"), Assert.Single(work.Runs).Read<Payload>());
        Assert.Equal(new JobCounts(0, 0, 0, 0), await kernel.Get<JobStore>().CountsAsync(Ct));
    }

    [Theory, BothEngines]
    public async Task A_job_of_a_change_that_was_rolled_back_never_runs(DbEngine engine)
    {
        var work = new Work();
        await using var kernel = await StartAsync(engine, work);
        await Assert.ThrowsAsync<InvalidOperationException>(() => kernel.WriteAsync(async tx =>
        {
            await kernel.Get<JobQueue>().AddAsync(tx, "work", new { });
            throw new InvalidOperationException();
        }));
        await kernel.DrainAsync();
        Assert.Empty(work.Runs);
    }

    [Theory, BothEngines]
    public async Task A_job_for_later_waits_for_its_time(DbEngine engine)
    {
        var work = new Work();
        await using var kernel = await StartAsync(engine, work);
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new { }, kernel.Now + Duration.FromHours(1)));
        await kernel.DrainAsync();
        Assert.Empty(work.Runs);
        kernel.Clock.Advance(TimeSpan.FromHours(1));
        await kernel.DrainAsync();
        Assert.Single(work.Runs);
    }

    [Theory, BothEngines]
    public async Task A_job_that_fails_is_tried_again_with_growing_pauses_and_then_kept_as_failed(DbEngine engine)
    {
        var work = new Work(_ => throw new IOException("the disk is full"));
        await using var kernel = await StartAsync(engine, work);
        await AddAsync(kernel, new { });
        for (var attempt = 1; attempt <= Kernel.Jobs.Limits.AttemptsMax; attempt++)
        {
            await kernel.DrainAsync();
            Assert.Equal(Enumerable.Range(1, attempt), work.Runs.Select(r => r.Attempt));
            kernel.Clock.Advance(JobLoop.Backoff(attempt).ToTimeSpan());
        }
        await kernel.DrainAsync();
        Assert.Equal(Kernel.Jobs.Limits.AttemptsMax, work.Runs.Count);
        var line = Assert.Single(await kernel.JobsAsync());
        Assert.Equal((JobState.Failed, "IOException: the disk is full"), (line.State, line.Error));
    }

    [Fact]
    public void Pauses_grow_from_ten_seconds_to_six_hours()
        => Assert.Equal([10, 30, 90, 270, 810, 2_430, 7_290, 21_600, 21_600],
            Enumerable.Range(1, 9).Select(a => (int)JobLoop.Backoff(a).TotalSeconds));

    [Theory, BothEngines]
    public async Task A_failed_job_runs_again_when_a_person_says_so(DbEngine engine)
    {
        var broken = true;
        var work = new Work(_ => { if (broken) throw JobException.GiveUp("no such product"); });
        await using var kernel = await StartAsync(engine, work);
        await AddAsync(kernel, new { });
        await kernel.DrainAsync();
        var failed = Assert.Single(await kernel.JobsAsync());
        Assert.Equal((JobState.Failed, 1, "no such product"), (failed.State, failed.Attempts, failed.Error));

        broken = false;
        Assert.True(await kernel.Db.WriteAsync(tx => kernel.Get<JobStore>().RetryAsync(tx, failed.Id), Ct));
        await kernel.DrainAsync();
        Assert.Empty(await kernel.JobsAsync());
        Assert.False(await kernel.Db.WriteAsync(tx => kernel.Get<JobStore>().RetryAsync(tx, failed.Id), Ct));
    }

    [Theory, BothEngines]
    public async Task A_job_that_waits_for_a_person_counts_no_attempt_and_is_woken(DbEngine engine)
    {
        var missing = true;
        var work = new Work(_ => { if (missing) throw JobException.WaitFor("no mail server", Duration.FromHours(1)); });
        await using var kernel = await StartAsync(engine, work);
        await AddAsync(kernel, new { });
        await kernel.DrainAsync();
        var waiting = Assert.Single(await kernel.JobsAsync());
        Assert.Equal((JobState.Waiting, 0, "no mail server"), (waiting.State, waiting.Attempts, waiting.Error));

        missing = false;
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().WakeAsync(tx, "work"));
        await kernel.DrainAsync();
        Assert.Equal([1, 1], work.Runs.Select(r => r.Attempt));
    }

    [Theory, BothEngines]
    public async Task A_request_brings_forward_the_same_job_that_waits_for_its_next_try(DbEngine engine)
    {
        var full = true;
        var work = new Work(_ => { if (full) throw new IOException("the disk is full"); });
        await using var kernel = await StartAsync(engine, work);
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new { }, key: "key"));
        await kernel.DrainAsync();
        full = false;
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new { }, key: "key"));
        await kernel.DrainAsync();
        Assert.Equal(2, work.Runs.Count);
        Assert.Empty(await kernel.JobsAsync());
    }

    [Theory, BothEngines]
    public async Task A_request_for_later_that_comes_while_it_runs_waits_for_its_time(DbEngine engine)
    {
        TestKernel kernel = null!;
        var asked = false;
        var work = new Work(async _ =>
        {
            if (asked) return;
            asked = true;
            await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new { }, kernel.Now + Duration.FromMinutes(5), "key"));
        });
        kernel = await StartAsync(engine, work);
        await using var owned = kernel;
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new { }, key: "key"));
        await kernel.DrainAsync();
        Assert.Single(work.Runs);
        kernel.Clock.Advance(TimeSpan.FromMinutes(5));
        await kernel.DrainAsync();
        Assert.Equal(2, work.Runs.Count);
        Assert.Empty(await kernel.JobsAsync());
    }

    [Theory, BothEngines]
    public async Task A_request_that_comes_while_the_last_attempt_fails_is_not_lost(DbEngine engine)
    {
        TestKernel kernel = null!;
        var asked = false;
        var work = new Work(async _ =>
        {
            if (asked) return;
            asked = true;
            await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new { again = true }, key: "key"));
            throw JobException.GiveUp("no such product");
        });
        await using (kernel = await StartAsync(engine, work))
        {
            await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new { }, key: "key"));
            await kernel.DrainAsync();
            Assert.Equal(2, work.Runs.Count);
            Assert.Empty(await kernel.JobsAsync());
        }
    }

    [Theory, BothEngines]
    public async Task What_a_killed_process_was_at_is_done_after_the_next_start(DbEngine engine)
    {
        var work = new Work();
        await using var kernel = await StartAsync(engine, work);
        await AddAsync(kernel, new { });
        Assert.Single(await kernel.Get<JobStore>().ClaimAsync(4, Ct));
        await kernel.RestartAsync(s => s.AddSingleton<IJob>(work));
        await kernel.DrainAsync();
        Assert.Equal(2, Assert.Single(work.Runs).Attempt);
    }

    [Theory, BothEngines]
    public async Task A_job_that_takes_the_process_down_each_time_comes_to_an_end(DbEngine engine)
    {
        var work = new Work();
        await using var kernel = await StartAsync(engine, work);
        await AddAsync(kernel, new { });
        for (var start = 0; start < Kernel.Jobs.Limits.AttemptsMax; start++)
        {
            await kernel.Get<JobStore>().PrepareAsync([], Ct);
            Assert.Single(await kernel.Get<JobStore>().ClaimAsync(4, Ct));
        }
        await kernel.RestartAsync(s => s.AddSingleton<IJob>(work));
        await kernel.DrainAsync();
        Assert.Empty(work.Runs);
        Assert.Equal(JobState.Failed, Assert.Single(await kernel.JobsAsync()).State);
    }

    [Theory, BothEngines]
    public async Task Two_with_one_key_are_one_with_the_later_payload(DbEngine engine)
    {
        var work = new Work();
        await using var kernel = await StartAsync(engine, work);
        foreach (var word in (string[])["first", "second"])
            await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new Payload(new(1), word), key: "one"));
        await kernel.DrainAsync();
        Assert.Equal("second", Assert.Single(work.Runs).Read<Payload>().Words);
    }

    [Theory, BothEngines]
    public async Task One_that_is_added_while_it_runs_is_run_once_more(DbEngine engine)
    {
        TestKernel? kernel = null;
        var first = true;
        var work = new Work(async _ =>
        {
            if (!first) return;
            first = false;
            await kernel!.WriteAsync(tx => kernel!.Get<JobQueue>().AddAsync(tx, "work", new Payload(new(1), "again"), key: "one"));
        });
        await using (kernel = await StartAsync(engine, work))
        {
            await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new Payload(new(1), "first"), key: "one"));
            await kernel.DrainAsync();
            Assert.Equal(["first", "again"], work.Runs.Select(r => r.Read<Payload>().Words));
        }
    }

    [Theory, BothEngines]
    public async Task No_more_than_a_few_run_at_once(DbEngine engine)
    {
        var (now, most) = (0, 0);
        var all = new TaskCompletionSource();
        var work = new Work(async _ =>
        {
            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            // Each waits until as many as may are there at the same time.
            if (running == Kernel.Jobs.Limits.AtOnceMax) all.TrySetResult();
            await all.Task;
            Interlocked.Decrement(ref now);
        });
        await using var kernel = await StartAsync(engine, work);
        for (var i = 0; i < 12; i++) await AddAsync(kernel, new { });
        await kernel.DrainAsync();
        Assert.Equal((12, Kernel.Jobs.Limits.AtOnceMax), (work.Runs.Count, most));
    }

    [Theory, BothEngines]
    public async Task A_kind_that_nobody_does_is_kept_as_failed(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine, new Work());
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "unknown", new { }));
        await kernel.DrainAsync();
        Assert.Equal("This program has nobody for 'unknown'.", Assert.Single(await kernel.JobsAsync()).Error);
    }

    private static Task<TestKernel> StartAsync(DbEngine engine, Work work) => TestKernel.StartAsync(engine, s => s.AddSingleton<IJob>(work));

    private static Task AddAsync(TestKernel kernel, object payload)
        => kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", payload));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            if (Interlocked.CompareExchange(ref most, value, seen) == seen) return;
    }

    private sealed record Payload(JobId Id, string Words);

    internal sealed class Work(Func<JobRun, Task> act) : IJob
    {
        public Work() : this(_ => Task.CompletedTask)
        {
        }

        public Work(Action<JobRun> act) : this(run => { act(run); return Task.CompletedTask; })
        {
        }

        public ConcurrentQueue<JobRun> Runs { get; } = new();

        public string Kind => "work";

        public Task RunAsync(JobRun run, CancellationToken ct)
        {
            Runs.Enqueue(run);
            return act(run);
        }
    }
}
