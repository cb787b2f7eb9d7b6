using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.Jobs;

/// <summary>Runs what is due. The only loop of the house: whoever has something to do regularly is an <see cref="IRecurringJob"/>.</summary>
/// <remarks>Woken by a commit that added a job and by the clock; at most <see cref="Limits.AtOnceMax"/> jobs at once.</remarks>
public sealed class JobLoop(JobStore store, JobCatalog catalog, JobSignal signal, TimeProvider time, ILogger<JobLoop> log)
    : BackgroundService
{
    private readonly ConcurrentDictionary<JobId, Task> running = new();
    private readonly SemaphoreSlim claiming = new(1, 1);
    private bool prepared;

    private Instant Now => time.GetCurrentInstant();

    /// <summary>Runs all that is due now, and what that adds, until nothing due is left and nothing runs.</summary>
    public async Task DrainAsync(CancellationToken ct)
    {
        for (;;)
        {
            // Looked at before: what ends while we look for due jobs may have added one behind our back.
            var ran = !running.IsEmpty;
            var started = await StartDueAsync(ct);
            if (running.Values.ToArray() is { Length: > 0 } now) await Task.WhenAny(now).WaitAsync(ct);
            else if (!started && !ran) return;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        claiming.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();   // The host must not wait for us to start.
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StartDueAsync(stoppingToken);
                await SleepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // A full disk or a database server that restarts: the loop must outlive it.
                log.LogError(e, "The job loop failed and goes on in {Pause}", Limits.BackoffMin);
                await Task.Delay(Limits.BackoffMin.ToTimeSpan(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await Task.WhenAll(running.Values);
    }

    private async Task SleepAsync(CancellationToken ct)
    {
        Duration? sleep = null;
        if (running.Count < Limits.AtOnceMax)
        {
            sleep = await store.NextDueAsync(ct) is { } next ? Duration.Min(next - Now, Limits.SleepMax) : Limits.SleepMax;
            if (sleep <= Duration.Zero) return;
        }
        // No wait may be left behind: it would take the next signal, and nobody would wake.
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var waits = new List<Task> { signal.WaitAsync(awake.Token) };
        waits.AddRange(running.Values);
        if (sleep is { } pause) waits.Add(Task.Delay(pause.ToTimeSpan(), time, awake.Token));
        await Task.WhenAny(waits);
        await awake.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    private async Task<bool> StartDueAsync(CancellationToken ct)
    {
        await claiming.WaitAsync(ct);
        try
        {
            if (!prepared) await store.PrepareAsync(catalog.Recurring, ct);
            prepared = true;
            var free = Limits.AtOnceMax - running.Count;
            if (free <= 0) return false;
            var claimed = await store.ClaimAsync(free, ct);
            foreach (var job in claimed) Start(job, ct);
            return claimed.Count > 0;
        }
        finally
        {
            claiming.Release();
        }
    }

    private void Start(ClaimedJob job, CancellationToken ct)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        running[job.Id] = done.Task;
        // Not awaited here, but owned: the dictionary holds it, and stopping waits for it.
        _ = Task.Run(async () =>
        {
            try
            {
                await RunAsync(job, ct);
            }
            finally
            {
                running.TryRemove(job.Id, out _);
                done.SetResult();
            }
        }, CancellationToken.None);
    }

    private async Task RunAsync(ClaimedJob job, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(Limits.RunMax.ToTimeSpan(), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        Func<Task> outcome;
        try
        {
            await DoAsync(job, either.Token);
            var interval = job.Kind == JobKind.Recurring ? catalog.RecurringJob(job.Name)!.Interval : (Duration?)null;
            outcome = () => store.DoneAsync(job, interval);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            outcome = () => store.PutBackAsync(job, JobState.Queued, Now, counted: false, "The program stopped while this ran.");
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested)
        {
            outcome = () => FailedAsync(job, new TimeoutException($"It took longer than {Limits.RunMax.TotalHours} hours and was stopped.", e));
        }
        catch (JobException e) when (e.Fault == JobFault.Waits)
        {
            outcome = () => store.PutBackAsync(job, JobState.Waiting, Now + e.Wait, counted: false, e.Message);
        }
        catch (Exception e)
        {
            outcome = () => FailedAsync(job, e);
        }
        await WriteAsync(job, outcome, stopping);
    }

    /// <summary>Writes what became of a job, again and again while the disk is full: a row left at "Running" would never run again.</summary>
    private async Task WriteAsync(ClaimedJob job, Func<Task> outcome, CancellationToken stopping)
    {
        for (;;)
        {
            try
            {
                await outcome();
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "The outcome of job {Id} ({Name}) could not be written", job.Id, job.Name);
            }
            await Task.Delay(Limits.BackoffMin.ToTimeSpan(), time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested) return;   // The next start finds the row running and queues it.
        }
    }

    private Task DoAsync(ClaimedJob job, CancellationToken ct)
    {
        using var payload = JsonDocument.Parse(job.Payload);
        var json = payload.RootElement.Clone();
        return job.Kind switch
        {
            JobKind.Outbox => (catalog.Handler(job.Topic, job.Name) ?? throw Unknown(job))
                .HandleAsync(new(job.Topic, json, $"job-{job.Id}", job.Attempts), ct),
            JobKind.Job => (catalog.Job(job.Name) ?? throw Unknown(job)).RunAsync(new(job.Id, json, job.Attempts), ct),
            _ => (catalog.RecurringJob(job.Name) ?? throw Unknown(job)).RunAsync(ct),
        };
    }

    private Task FailedAsync(ClaimedJob job, Exception e)
    {
        var error = e is JobException or Cli.UserException ? e.Message : $"{e.GetType().Name}: {e.Message}";
        log.LogWarning(e, "Attempt {Attempt} at job {Id} ({Name}) failed", job.Attempts, job.Id, job.Name);
        if (job.Kind == JobKind.Recurring && catalog.RecurringJob(job.Name) is { } recurring)
        {
            // It never ends up failed: a mail server that was away for a week is asked again all that time.
            var most = Duration.Max(recurring.Interval, Limits.RecurringBackoffMax);
            return store.PutBackAsync(job, JobState.Queued, Now + Duration.Min(Backoff(job.Attempts), most), counted: true, error);
        }
        var over = job.Attempts >= Limits.AttemptsMax || e is JobException { Fault: JobFault.GivesUp };
        return over
            ? store.PutBackAsync(job, JobState.Failed, Now, counted: true, error)
            : store.PutBackAsync(job, JobState.Queued, Now + Backoff(job.Attempts), counted: true, error);
    }

    /// <summary>10 s, 30 s, 90 s, 4.5 min, 13.5 min, 40 min, 2 h, 6 h, 6 h: about fifteen hours in all.</summary>
    internal static Duration Backoff(int attempts)
    {
        var pause = Limits.BackoffMin;
        for (var i = 1; i < attempts && pause < Limits.BackoffMax; i++) pause *= 3;
        return Duration.Min(pause, Limits.BackoffMax);
    }

    private static JobException Unknown(ClaimedJob job)
        => JobException.GiveUp($"This program has nobody for '{job.Name}'{(job.Topic.Length > 0 ? $" on '{job.Topic}'" : "")}.");
}
