using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.Audit;

public sealed class AuditTests
{
    private static readonly CurrentPerson Asha = new()
    {
        Id = new(7), Organisation = new(1), Name = "Asha", Role = Role.Administrator, Zone = DateTimeZone.Utc,
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task What_was_done_is_read_as_it_was_written_newest_first(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine, 3);
        var log = kernel.Get<AuditLog>();
        var rows = await log.PageAsync(new(), null, 2, Ct);
        Assert.Equal([3, 2], rows.Select(r => r.Id));
        Assert.Equal(("Asha", "person.change", "person:3", "name: 3 -> तीन"), (rows[0].Label, rows[0].Action, rows[0].Subject, rows[0].Detail));
        Assert.Equal([1], (await log.PageAsync(new(), 2, 2, Ct)).Select(r => r.Id));
        Assert.Equal([2], (await log.PageAsync(new(Subject: "person:2"), null, 9, Ct)).Select(r => r.Id));
        Assert.Equal(3, (await log.PageAsync(new(Person: new(7)), null, 9, Ct)).Count);
        Assert.Empty(await log.PageAsync(new(Person: new(8)), null, 9, Ct));
    }

    [Theory, BothEngines]
    public async Task An_untouched_log_verifies_also_when_it_is_empty_or_long(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine, 0);
        Assert.Equal(new(true, 0, ""), await kernel.Get<AuditLog>().VerifyAsync(Ct));
        await AddAsync(kernel, Kernel.Audit.Limits.VerifyRows + 5);
        Assert.Equal(new(true, Kernel.Audit.Limits.VerifyRows + 5, ""), await kernel.Get<AuditLog>().VerifyAsync(Ct));
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_changed_or_removed_row_is_found(DbEngine engine, string forgery, long at)
    {
        await using var kernel = await StartAsync(engine, 5);
        await kernel.WriteAsync(tx => tx.ExecuteAsync(forgery));
        var verdict = await kernel.Get<AuditLog>().VerifyAsync(Ct);
        Assert.Equal((false, at), (verdict.Intact, verdict.At));
        Assert.NotEmpty(verdict.Message);
    }

    public static IEnumerable<TheoryDataRow<DbEngine, string, long>> Forgeries()
    {
        (string Sql, long At)[] all =
        [
            ("update audit set at = at + 1 where id = 3", 3),
            ("update audit set person_id = 8 where id = 3", 3),
            ("update audit set person_id = null where id = 3", 3),
            ("update audit set label = 'Ashb' where id = 3", 3),
            ("update audit set action = 'person.changf' where id = 3", 3),
            ("update audit set subject = 'person:4' where id = 3", 3),
            ("update audit set detail = detail || ' ' where id = 3", 3),
            // Text moved from one column to the next reads the same only without lengths.
            ("update audit set subject = subject || 'n', detail = 'ame: 3 -> तीन' where id = 3", 3),
            ("update audit set hash = '00' where id = 3", 3),
            ("delete from audit where id = 1", 1),
            ("delete from audit where id = 3", 3),
            ("delete from audit where id = 5", 5),
            ("delete from audit", 1),
            ("delete from audit where id = 3; update audit set id = 3 where id = 4; update audit set id = 4 where id = 5", 3),
            ("delete from audit_head", 6),
            ("insert into audit select 6, at, person_id, label, action, subject, detail, hash from audit where id = 5", 6),
        ];
        foreach (var engine in Enum.GetValues<DbEngine>())
            foreach (var (sql, at) in all)
                yield return new(engine, sql, at);
    }

    [Theory, BothEngines]
    public async Task A_chain_made_without_the_key_does_not_verify(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine, 2);
        File.WriteAllBytes(Path.Join(kernel.Folder.Keys, "audit.key"), new byte[32]);
        await kernel.RestartAsync();
        Assert.False((await kernel.Get<AuditLog>().VerifyAsync(Ct)).Intact);
    }

    [Theory, BothEngines]
    public async Task Many_writers_at_once_make_one_chain(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine, 0);
        await Task.WhenAll(Enumerable.Range(1, 30).Select(i => kernel.WriteAsync(
            tx => kernel.Get<AuditLog>().AddAsync(tx, Asha, "person.change", $"person:{i}"))));
        Assert.Equal(new(true, 30, ""), await kernel.Get<AuditLog>().VerifyAsync(Ct));
    }

    [Theory, BothEngines]
    public async Task What_comes_from_outside_is_cut_and_cleaned_and_still_verifies(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine, 0);
        foreach (var text in (string[])["nul\0 here", "half \ud83d", new('x', 9_000), new string('x', 299) + "😀"])
            await kernel.WriteAsync(tx => kernel.Get<AuditLog>().AddAsync(tx, text, "sign-in.fail", text, text));
        Assert.Equal(new(true, 4, ""), await kernel.Get<AuditLog>().VerifyAsync(Ct));
    }

    private static async Task<TestKernel> StartAsync(DbEngine engine, int rows)
    {
        var kernel = await TestKernel.StartAsync(engine);
        await AddAsync(kernel, rows);
        return kernel;
    }

    private static Task AddAsync(TestKernel kernel, int rows) => kernel.WriteAsync(async tx =>
    {
        for (var i = 1; i <= rows; i++) await kernel.Get<AuditLog>().AddAsync(tx, Asha, "person.change", $"person:{i}", $"name: {i} -> तीन");
    });
}
