using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.Data;

public sealed class DbTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task What_is_written_is_read_as_it_was(DbEngine engine)
    {
        await using var test = await StartAsync(engine);
        var thing = new Thing(new(7), true, 42, Instant.FromUnixTimeMilliseconds(1_772_442_000_123), Duration.FromMinutes(90),
            new LocalDate(2026, 3, 2), Role.SupportL2, "हिन्दी ' \" ;");
        await test.Db.WriteAsync(tx => tx.ExecuteAsync("""
            insert into thing (id, flag, number, at, length, day, role, words)
            values (@Id, @Flag, @Number, @At, @Length, @Day, @role, @Words)
            """, new { thing.Id, thing.Flag, thing.Number, thing.At, thing.Length, thing.Day, role = thing.Role.ToString(), thing.Words }), Ct);

        Assert.Equal(thing, await test.Db.ReadAsync(tx => tx.QuerySingleAsync<Thing>("""
            select id, flag, number, at, length, day, role, words from thing
            """), Ct));
    }

    [Theory, BothEngines]
    public async Task A_change_that_throws_leaves_nothing(DbEngine engine)
    {
        await using var test = await StartAsync(engine);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Db.WriteAsync(async tx =>
        {
            await AddAsync(tx, 1);
            throw new InvalidOperationException();
        }, Ct));
        Assert.Equal(0, await CountAsync(test.Db));
    }

    [Theory, BothEngines]
    public async Task Many_writers_at_once_lose_nothing(DbEngine engine)
    {
        await using var test = await StartAsync(engine);
        await test.Db.WriteAsync(tx => AddAsync(tx, 0), Ct);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => test.Db.WriteAsync(async tx =>
        {
            var number = await tx.QuerySingleAsync<long>("select number from thing where id = 0");
            await tx.ExecuteAsync("update thing set number = @next where id = 0", new { next = number + 1 });
        }, Ct)));
        Assert.Equal(40, await test.Db.ReadAsync(tx => tx.QuerySingleAsync<long>("select number from thing where id = 0"), Ct));
    }

    [Theory, BothEngines]
    public async Task Closing_waits_for_who_works_inside_and_refuses_who_comes_later(DbEngine engine)
    {
        await using var test = await StartAsync(engine);
        var (inside, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var change = test.Db.WriteAsync(async tx =>
        {
            await AddAsync(tx, 1);
            inside.TrySetResult();
            await goOn.Task;
            await AddAsync(tx, 2);
        }, Ct);
        await inside.Task;
        var closing = test.Db.DisposeAsync().AsTask();
        var late = test.Db.WriteAsync(tx => AddAsync(tx, 3), Ct);
        Assert.False(closing.IsCompleted);
        goOn.SetResult();

        await change;
        await closing;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => late);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.Db.ReadAsync(tx => tx.QuerySingleAsync<long>("select 1"), Ct));
    }

    [Theory, BothEngines]
    public async Task A_reader_sees_one_state_however_long_it_looks(DbEngine engine)
    {
        await using var test = await StartAsync(engine);
        await test.Db.ReadAsync(async tx =>
        {
            var before = await tx.QuerySingleAsync<long>("select count(*) from thing");
            await test.Db.WriteAsync(other => AddAsync(other, 1), Ct);
            Assert.Equal(before, await tx.QuerySingleAsync<long>("select count(*) from thing"));
            return true;
        }, Ct);
        Assert.Equal(1, await CountAsync(test.Db));
    }

    [Theory, BothEngines]
    public async Task A_callback_after_the_commit_comes_with_it_and_never_without(DbEngine engine)
    {
        await using var test = await StartAsync(engine);
        var calls = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Db.WriteAsync(tx =>
        {
            tx.AfterCommit(() => calls++);
            throw new InvalidOperationException();
        }, Ct));
        Assert.Equal(0, calls);
        await test.Db.WriteAsync(tx =>
        {
            tx.AfterCommit(() => calls++);
            return Task.CompletedTask;
        }, Ct);
        Assert.Equal(1, calls);
    }

    private static async Task<TestDb> StartAsync(DbEngine engine)
    {
        RowMapping.AddId<PersonId>();
        var test = await TestDb.StartAsync(engine);
        await test.Db.WriteAsync(tx => tx.ExecuteAsync(SqlDialect.Fill("""
            create table thing (id {int} primary key, flag {int} not null, number {int} not null, at {int} not null,
                length {int} not null, day text not null, role text not null, words text not null) {strict}
            """, engine)), Ct);
        return test;
    }

    private static Task AddAsync(Tx tx, long id) => tx.ExecuteAsync("""
        insert into thing (id, flag, number, at, length, day, role, words) values (@id, 0, 0, 0, 0, '2026-03-02', 'Public', '')
        """, new { id });

    private static Task<long> CountAsync(Db db) => db.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from thing"), Ct);

    private sealed record Thing(PersonId Id, bool Flag, int Number, Instant At, Duration Length, LocalDate Day, Role Role, string Words);
}
