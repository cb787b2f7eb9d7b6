using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.Jobs;

public sealed class JobLoopTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task The_loop_wakes_by_a_commit_and_by_the_clock(DbEngine engine)
    {
        var runs = Channel.CreateUnbounded<JobRun>();
        var work = new JobTests.Work(run => runs.Writer.WriteAsync(run).AsTask());
        await using var kernel = await TestKernel.StartAsync(engine, s => s.AddSingleton<IJob>(work));
        var loop = kernel.Get<JobLoop>();
        await loop.StartAsync(Ct);

        await AddAsync(kernel, null);
        await runs.Reader.ReadAsync(Ct);

        await AddAsync(kernel, kernel.Now + Duration.FromHours(1));
        var second = runs.Reader.ReadAsync(Ct).AsTask();
        // The loop may be between reading the clock and asking it to wake it, so time goes on until it has.
        while (!second.IsCompleted)
        {
            kernel.Clock.Advance(TimeSpan.FromMinutes(10));
            await Task.Yield();
        }
        await loop.StopAsync(Ct);
    }

    [Theory, BothEngines]
    public async Task A_job_that_a_stop_interrupts_is_queued_and_its_attempt_does_not_count(DbEngine engine)
    {
        var started = new TaskCompletionSource();
        await using var kernel = await TestKernel.StartAsync(engine, s => s.AddSingleton<IJob>(new Endless(started)));
        var loop = kernel.Get<JobLoop>();
        await loop.StartAsync(Ct);
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "endless", new { }));
        await started.Task.WaitAsync(Ct);
        await loop.StopAsync(Ct);
        var line = Assert.Single(await kernel.JobsAsync());
        Assert.Equal((JobState.Queued, 0), (line.State, line.Attempts));
    }

    [Theory, BothEngines]
    public async Task A_job_that_hangs_is_cut_off_and_tried_again(DbEngine engine)
    {
        var started = new TaskCompletionSource();
        await using var kernel = await TestKernel.StartAsync(engine, s => s.AddSingleton<IJob>(new Endless(started)));
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "endless", new { }));
        var drained = kernel.DrainAsync();
        await started.Task.WaitAsync(Ct);
        kernel.Clock.Advance(Kernel.Jobs.Limits.RunMax.ToTimeSpan());
        await drained.WaitAsync(Ct);
        var line = Assert.Single(await kernel.JobsAsync());
        Assert.Equal((JobState.Queued, 1), (line.State, line.Attempts));
    }

    [Theory, BothEngines]
    public async Task A_recurring_job_runs_at_once_and_then_at_its_interval(DbEngine engine)
    {
        var clockwork = new Clockwork();
        await using var kernel = await TestKernel.StartAsync(engine, s => s.AddSingleton<IRecurringJob>(clockwork));
        await kernel.DrainAsync();
        await kernel.DrainAsync();
        Assert.Equal(1, clockwork.Runs);
        kernel.Clock.Advance(clockwork.Interval.ToTimeSpan());
        await kernel.DrainAsync();
        Assert.Equal(2, clockwork.Runs);
    }

    [Theory, BothEngines]
    public async Task A_recurring_job_never_ends_up_failed_and_says_what_was_wrong(DbEngine engine)
    {
        var clockwork = new Clockwork { Broken = true };
        await using var kernel = await TestKernel.StartAsync(engine, s => s.AddSingleton<IRecurringJob>(clockwork));
        for (var i = 1; i <= 30; i++)
        {
            await kernel.DrainAsync();
            Assert.Equal(i, clockwork.Runs);
            kernel.Clock.Advance(TimeSpan.FromMinutes(5));
        }
        var line = Assert.Single(await kernel.Get<JobStore>().ListAsync(Ct), l => l.Name == clockwork.Name);
        Assert.Equal((JobState.Queued, "IOException: no network"), (line.State, line.Error));

        clockwork.Broken = false;
        await kernel.DrainAsync();
        Assert.Equal("", Assert.Single(await kernel.Get<JobStore>().ListAsync(Ct), l => l.Name == clockwork.Name).Error);
    }

    [Theory, BothEngines]
    public async Task A_recurring_job_that_is_no_longer_there_is_forgotten_at_the_next_start(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, s => s.AddSingleton<IRecurringJob>(new Clockwork()));
        await kernel.DrainAsync();
        await kernel.RestartAsync();
        await kernel.DrainAsync();
        Assert.DoesNotContain(await kernel.Get<JobStore>().ListAsync(Ct), l => l.Name == "clockwork");
    }

    private static Task AddAsync(TestKernel kernel, Instant? at)
        => kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, "work", new { }, at));

    private sealed class Endless(TaskCompletionSource started) : IJob
    {
        public string Kind => "endless";

        public async Task RunAsync(JobRun run, CancellationToken ct)
        {
            started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        }
    }

    private sealed class Clockwork : IRecurringJob
    {
        public int Runs { get; private set; }

        public bool Broken { get; set; }

        public string Name => "clockwork";

        public Duration Interval => Duration.FromMinutes(1);

        public Task RunAsync(CancellationToken ct)
        {
            Runs++;
            return Broken ? throw new IOException("no network") : Task.CompletedTask;
        }
    }
}
