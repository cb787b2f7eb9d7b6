using Mithi.Kernel.Data;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Kernel.Jobs;

/// <summary>The table of jobs. All SQL of the feature is here.</summary>
public sealed class JobStore(Db db, JobSignal signal, TimeProvider time)
{
    static JobStore() => RowMapping.AddId<JobId>();

    private const string Columns = "id, kind, name, topic, state, attempts, run_at, created_at, ended_at, error";

    private Instant Now => time.GetCurrentInstant();

    /// <summary>A job of the same name and key that waits is the new one, at the earlier of both times; one that runs is run once more, at its time.</summary>
    internal async Task AddAsync(Tx tx, NewJob job, Instant? runAt)
    {
        await tx.ExecuteAsync("""
            insert into job (kind, name, topic, payload, once_key, state, run_at, created_at)
            values (@kind, @Name, @Topic, @Payload, @OnceKey, 'Queued', @runAt, @now)
            on conflict (kind, name, once_key) where once_key is not null do update set
                again = case when job.state = 'Running' then 1 else 0 end,
                state = case when job.state = 'Failed' then 'Queued' else job.state end,
                attempts = case when job.state = 'Failed' then 0 else job.attempts end,
                run_at = case when job.state = 'Failed' or (job.state = 'Running' and job.again = 0) or excluded.run_at < job.run_at then excluded.run_at else job.run_at end,
                payload = excluded.payload
            """, new { kind = job.Kind.ToString(), job.Name, job.Topic, job.Payload, job.OnceKey, runAt = runAt ?? Now, now = Now });
        tx.AfterCommit(signal.Set);
    }

    internal async Task WakeAsync(Tx tx, JobKind kind, string name)
    {
        await tx.ExecuteAsync("update job set run_at = @now where kind = @kind and name = @name and state = 'Waiting'",
            new { kind = kind.ToString(), name, now = Now });
        tx.AfterCommit(signal.Set);
    }

    /// <summary>After a start: what a killed process was at is queued again, and each recurring job has its row.</summary>
    internal Task PrepareAsync(IReadOnlyCollection<IRecurringJob> recurring, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        // The attempt that a kill cut short stays counted: a job that takes the process down with it comes to an end.
        await tx.ExecuteAsync("""
            update job set state = case when attempts >= @max and kind <> 'Recurring' then 'Failed' else 'Queued' end,
                run_at = @now, error = 'The program ended while this ran.'
            where state = 'Running'
            """, new { max = Limits.AttemptsMax, now = Now });
        foreach (var known in await tx.QueryAsync<string>("select name from job where kind = 'Recurring'"))
            if (recurring.All(r => r.Name != known))
                await tx.ExecuteAsync("delete from job where kind = 'Recurring' and name = @known", new { known });
        foreach (var job in recurring)
            await tx.ExecuteAsync("""
                insert into job (kind, name, payload, once_key, state, run_at, created_at)
                values ('Recurring', @Name, '{}', '', 'Queued', @now, @now)
                on conflict (kind, name, once_key) where once_key is not null do nothing
                """, new { job.Name, now = Now });
    }, ct);

    internal async Task<IReadOnlyList<ClaimedJob>> ClaimAsync(int most, CancellationToken ct)
    {
        // Looking costs no commit; most wake-ups of an idle house end here.
        if (await NextDueAsync(ct) is not { } next || next > Now) return [];
        return await db.WriteAsync(tx => tx.QueryAsync<ClaimedJob>("""
            update job set state = 'Running', attempts = attempts + 1, started_at = @now
            where id in (select id from job where state in ('Queued', 'Waiting') and run_at <= @now order by run_at, id limit @most)
            returning id, kind, name, topic, payload, attempts
            """, new { now = Now, most }), ct);
    }

    /// <summary>When the next job is due, in the past when one is late; null when there is none.</summary>
    internal Task<Instant?> NextDueAsync(CancellationToken ct) => db.ReadAsync(async tx =>
        await tx.QuerySingleOrDefaultAsync<long?>("select min(run_at) from job where state in ('Queued', 'Waiting')") is { } due
            ? Instant.FromUnixTimeMilliseconds(due) : (Instant?)null, ct);

    internal Task DoneAsync(ClaimedJob job, Duration? interval) => db.WriteAsync(async tx =>
    {
        if (interval is { } pause)
        {
            await tx.ExecuteAsync("""
                update job set state = 'Queued', attempts = 0, again = 0, run_at = @next, ended_at = @now, error = '' where id = @Id
                """, new { next = Now + pause, now = Now, job.Id });
            return;
        }
        await tx.ExecuteAsync("delete from job where id = @Id and again = 0", new { job.Id });
        await tx.ExecuteAsync("""
            update job set state = 'Queued', attempts = 0, again = 0, ended_at = @now, error = '' where id = @Id
            """, new { now = Now, job.Id });
    }, CancellationToken.None);

    /// <summary>Puts it back. <paramref name="counted"/> says whether the attempt counts.</summary>
    internal Task PutBackAsync(ClaimedJob job, JobState state, Instant runAt, bool counted, string error) => db.WriteAsync(async tx =>
    {
        // Asked for once more while its last attempt ran: that request has all its attempts before it.
        if (state == JobState.Failed && await tx.ExecuteAsync("""
            update job set state = 'Queued', again = 0, attempts = 0, run_at = @now, ended_at = @now, error = @error where id = @Id and again = 1
            """, new { now = Now, error = Shorten(error), job.Id }) == 1)
            return;
        await tx.ExecuteAsync("""
            update job set state = @state, again = 0, run_at = @runAt, ended_at = @now, error = @error, attempts = attempts - @uncounted
            where id = @Id
            """, new { state = state.ToString(), runAt, now = Now, error = Shorten(error), uncounted = counted ? 0 : 1, job.Id });
    }, CancellationToken.None);

    /// <summary>A person says: once more. Answers whether the job was there and failed or waiting.</summary>
    public async Task<bool> RetryAsync(Tx tx, JobId id)
    {
        tx.AfterCommit(signal.Set);
        return await tx.ExecuteAsync("""
            update job set state = 'Queued', attempts = 0, run_at = @now where id = @id and state in ('Failed', 'Waiting')
            """, new { id, now = Now }) == 1;
    }

    /// <summary>A person says: never mind. Answers whether the job was there and failed.</summary>
    public async Task<bool> DropAsync(Tx tx, JobId id)
        => await tx.ExecuteAsync("delete from job where id = @id and state = 'Failed'", new { id }) == 1;

    /// <summary>The failed and waiting ones, then what is due next.</summary>
    public Task<IReadOnlyList<JobLine>> ListAsync(CancellationToken ct) => db.ReadAsync(tx => tx.QueryAsync<JobLine>($"""
        select {Columns} from job
        order by case state when 'Failed' then 0 when 'Waiting' then 1 when 'Running' then 2 else 3 end, run_at, id
        limit @most
        """, new { most = Limits.PageRowsMax }), ct);

    public Task<JobCounts> CountsAsync(CancellationToken ct) => db.ReadAsync(tx => tx.QuerySingleAsync<JobCounts>("""
        select count(*) filter (where state = 'Queued' and kind <> 'Recurring') as queued,
            count(*) filter (where state = 'Running') as running, count(*) filter (where state = 'Waiting') as waiting,
            count(*) filter (where state = 'Failed') as failed
        from job
        """), ct);

    private static string Shorten(string error) => error.Length <= Limits.ErrorCharsMax ? error : error[..Limits.ErrorCharsMax];
}
