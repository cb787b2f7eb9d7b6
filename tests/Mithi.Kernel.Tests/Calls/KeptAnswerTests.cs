using Microsoft.Extensions.Time.Testing;
using Mithi.Kernel.Calls;
using Mithi.Kernel.Data;
using Mithi.Testing;
using Xunit;

namespace Mithi.Kernel.Tests.Calls;

public sealed class KeptAnswerTests
{
    private static readonly KeyedCall Call = new("token:1", "key-1", [1, 2, 3]);

    private static readonly KeptAnswer.Given Created = new(201, "application/json", [7, 8]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task An_answer_is_found_by_its_own_caller_key_and_content_for_a_day(DbEngine engine)
    {
        await using var db = await TestDb.StartAsync(engine);
        var clock = new FakeTimeProvider();
        var store = new KeptAnswerStore(db.Db, clock);
        Assert.IsType<KeptAnswer.Unknown>(await store.FindAsync(Call, Ct));
        await store.EndAsync(Call, Created, Ct);
        var given = Assert.IsType<KeptAnswer.Given>(await store.FindAsync(Call, Ct));
        Assert.Equal((201, "application/json"), (given.Status, given.ContentType));
        Assert.Equal([7, 8], given.Body);
        Assert.IsType<KeptAnswer.OtherContent>(await store.FindAsync(Call with { Hash = [1, 2, 4] }, Ct));
        Assert.IsType<KeptAnswer.Unknown>(await store.FindAsync(Call with { Caller = "token:2" }, Ct));
        Assert.IsType<KeptAnswer.Unknown>(await store.FindAsync(Call with { Key = "KEY-1" }, Ct));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.IsType<KeptAnswer.Unknown>(await store.FindAsync(Call, Ct));
        await store.SweepAsync(Ct);
        Assert.Equal(0, await CountAsync(db.Db));
    }

    [Theory, BothEngines]
    public async Task That_a_call_was_made_is_written_with_its_first_change_or_not_at_all(DbEngine engine)
    {
        await using var db = await TestDb.StartAsync(engine);
        var store = new KeptAnswerStore(db.Db, new FakeTimeProvider());
        var note = new CallNote(store, Call);
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.Db.CarryAsync(note.AddAsync, () => db.Db.WriteAsync(_ => throw new InvalidOperationException(), Ct)));
        Assert.IsType<KeptAnswer.Unknown>(await store.FindAsync(Call, Ct));
        await db.Db.CarryAsync(note.AddAsync, async () =>
        {
            await SetAsync(db.Db, "first");
            await SetAsync(db.Db, "second");
        });
        Assert.IsType<KeptAnswer.Lost>(await store.FindAsync(Call, Ct));
        Assert.Equal(1, await CountAsync(db.Db));
        await store.EndAsync(Call, Created, Ct);
        Assert.IsType<KeptAnswer.Given>(await store.FindAsync(Call, Ct));
    }

    [Theory, BothEngines]
    public async Task A_second_process_with_the_same_key_can_not_write(DbEngine engine)
    {
        await using var db = await TestDb.StartAsync(engine);
        var store = new KeptAnswerStore(db.Db, new FakeTimeProvider());
        await db.Db.CarryAsync(new CallNote(store, Call).AddAsync, () => SetAsync(db.Db, "first"));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => db.Db.CarryAsync(new CallNote(store, Call).AddAsync, () => SetAsync(db.Db, "second")));
        Assert.Equal(["first"], await NamesAsync(db.Db));
    }

    [Theory, BothEngines]
    public async Task What_others_write_meanwhile_carries_nothing(DbEngine engine)
    {
        await using var db = await TestDb.StartAsync(engine);
        var store = new KeptAnswerStore(db.Db, new FakeTimeProvider());
        var note = new CallNote(store, Call);
        await db.Db.CarryAsync(note.AddAsync, () => Task.CompletedTask);
        await SetAsync(db.Db, "after");
        await db.Db.CarryAsync(note.AddAsync, () =>
        {
            note.End();
            return SetAsync(db.Db, "late");
        });
        Assert.Equal(0, await CountAsync(db.Db));
    }

    private static Task SetAsync(Db db, string name) => db.WriteAsync(tx => tx.ExecuteAsync(
        "insert into organisation (kind, name, created_at) values ('Customer', @name, 0)", new { name }), Ct);

    private static Task<IReadOnlyList<string>> NamesAsync(Db db) => db.ReadAsync(tx => tx.QueryAsync<string>("select name from organisation order by id"), Ct);

    private static Task<long> CountAsync(Db db) => db.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from kept_answer"), Ct);
}
