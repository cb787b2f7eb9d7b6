using System.Reflection;
using Mithi.Cli;
using Mithi.Kernel.Data;
using Mithi.Testing;
using Xunit;

namespace Mithi.Kernel.Tests.Data;

/// <summary>On this assembly's own two files, Schema/0001_first.sql and 0002_second.sql.</summary>
public sealed class MigrationTests
{
    private const string First = "Mithi.Kernel.Tests/0001_first.sql", Second = "Mithi.Kernel.Tests/0002_second.sql";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task Each_file_runs_once_in_order(DbEngine engine)
    {
        await using var test = await TestDb.StartEmptyAsync(engine);
        Assert.Equal([First, Second], await RunAsync(test));
        Assert.Equal([], await RunAsync(test));
    }

    [Theory, BothEngines]
    public async Task The_house_s_own_schema_is_made_from_nothing(DbEngine engine)
    {
        await using var test = await TestDb.StartEmptyAsync(engine);
        var ran = await new Migrations(test.Options, [typeof(KernelModule).Assembly]).RunAsync(test.Db, Ct);
        Assert.Contains("Mithi.Kernel/0001_people.sql", ran);
    }

    [Theory, BothEngines]
    public async Task A_file_that_changed_after_it_ran_is_refused(DbEngine engine)
    {
        await using var test = await TestDb.StartEmptyAsync(engine);
        await RunAsync(test);
        await test.Db.WriteAsync(tx => tx.ExecuteAsync("update schema_hash set sha256 = 'other' where name = @First", new { First }), Ct);
        var refused = await Assert.ThrowsAsync<UserException>(() => RunAsync(test));
        Assert.Contains(First, refused.Message, StringComparison.Ordinal);
    }

    [Theory, BothEngines]
    public async Task A_database_that_is_newer_than_the_program_is_refused(DbEngine engine)
    {
        await using var test = await TestDb.StartEmptyAsync(engine);
        await RunAsync(test);
        await test.Db.WriteAsync(tx => tx.ExecuteAsync("insert into schema_hash (name, sha256) values ('Mithi.Kernel.Tests/0003_future.sql', 'x')"), Ct);
        var refused = await Assert.ThrowsAsync<UserException>(() => RunAsync(test));
        Assert.Contains("newer than this program", refused.Message, StringComparison.Ordinal);
    }

    [Theory, BothEngines]
    public async Task A_kill_between_a_file_and_its_hash_is_made_good(DbEngine engine)
    {
        await using var test = await TestDb.StartEmptyAsync(engine);
        await RunAsync(test);
        await test.Db.WriteAsync(tx => tx.ExecuteAsync("delete from schema_hash where name = @Second", new { Second }), Ct);
        await RunAsync(test);
        Assert.Equal([First, Second], await NamesAsync(test));
    }

    [Theory, BothEngines]
    public async Task A_file_that_fails_keeps_those_before_it_and_can_be_run_again(DbEngine engine)
    {
        await using var test = await TestDb.StartEmptyAsync(engine);
        await test.Db.WriteAsync(tx => tx.ExecuteAsync("create table second (in_the_way text)"), Ct);
        var refused = await Assert.ThrowsAsync<UserException>(() => RunAsync(test));
        Assert.Contains(Second, refused.Message, StringComparison.Ordinal);
        Assert.Equal([First], await NamesAsync(test));

        await test.Db.WriteAsync(tx => tx.ExecuteAsync("drop table second"), Ct);
        Assert.Equal([Second], await RunAsync(test));
        // The whole file was one transaction: what it did before it failed was taken back, so this is not the second time.
        Assert.Equal(1, await test.Db.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from first"), Ct));
    }

    private static Task<IReadOnlyList<string>> RunAsync(TestDb test)
        => new Migrations(test.Options, [Assembly.GetExecutingAssembly()]).RunAsync(test.Db, Ct);

    private static Task<IReadOnlyList<string>> NamesAsync(TestDb test)
        => test.Db.ReadAsync(tx => tx.QueryAsync<string>("select name from schema_hash order by name"), Ct);
}
