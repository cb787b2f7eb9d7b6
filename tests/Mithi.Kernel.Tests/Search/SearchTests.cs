using System.Collections.Frozen;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.Search;

public sealed class SearchTests
{
    private static readonly CurrentPerson Admin = Reader(Role.Administrator, 1, 1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task Words_are_found_in_title_and_body_titles_first(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await PutAsync(kernel, Document("1", "Backups", "How to restore a mailbox after a crash."));
        await PutAsync(kernel, Document("2", "Restore a mailbox", "Step by step."));
        await PutAsync(kernel, Document("3", "Disks", "Nothing of interest."));
        Assert.Equal(["2", "1"], await FindAsync(kernel, "restore mailbox"));
        Assert.Equal(["2", "1"], await FindAsync(kernel, "RESTORE"));
        Assert.Equal(["2"], await FindAsync(kernel, "\"restore a mailbox\" step"));
        Assert.Equal([], await FindAsync(kernel, "restore disks"));
    }

    [Theory, BothEngines]
    public async Task The_last_word_may_be_a_beginning_until_a_blank_ends_it(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await PutAsync(kernel, Document("1", "Certificates", "x"));
        Assert.Equal(["1"], await FindAsync(kernel, "certif"));
        Assert.Equal([], await FindAsync(kernel, "certif "));
    }

    [Theory, BothEngines]
    public async Task Hindi_words_are_found_whole_and_by_their_beginning(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await PutAsync(kernel, Document("1", "मेलबॉक्स की बहाली", "सर्वर बंद होने पर क्या करें"));
        await PutAsync(kernel, Document("2", "डिस्क", "और कुछ"));
        Assert.Equal(["1"], await FindAsync(kernel, "बहाली "));
        Assert.Equal(["1"], await FindAsync(kernel, "सर्वर बंद"));
        Assert.Equal(["1"], await FindAsync(kernel, "मेलबॉ"));
        Assert.Equal([], await FindAsync(kernel, "बहाल "));
    }

    [Theory, BothEngines]
    public async Task Error_codes_and_addresses_are_found(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await PutAsync(kernel, Document("1", "Bounce", "554 5.7.1 <asha@example.org>: Relay access denied; see /var/log/mail.log"));
        foreach (var typed in (string[])["5.7.1 ", "asha@example.org ", "<asha@example.org>: Relay", "/var/log/mail.log ", "\"relay access denied\""])
            Assert.True((await FindAsync(kernel, typed)) is ["1"], typed);
    }

    [Theory, BothEngines]
    public async Task A_snippet_marks_the_words_and_carries_no_markup(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await PutAsync(kernel, Document("1", "T",
            $"{string.Join(' ', Enumerable.Repeat("before", 200))} <script>alert</script> needle \u0002after\u0003"));
        var hit = Assert.Single((await ResultAsync(kernel, "needle ", Admin)).Hits);
        Assert.Equal(["needle"], hit.Snippet.Where(p => p.IsHit).Select(p => p.Text));
        Assert.Contains("alert", string.Concat(hit.Snippet.Select(p => p.Text)), StringComparison.Ordinal);
        Assert.True(hit.Snippet.Sum(p => p.Text.Length) < 400);
    }

    [Theory, BothEngines]
    public async Task What_changed_or_went_is_found_as_it_is_now(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await PutAsync(kernel, Document("1", "old", "x"));
        await PutAsync(kernel, Document("1", "new", "x"));
        Assert.Equal([], await FindAsync(kernel, "old"));
        Assert.Equal(["1"], await FindAsync(kernel, "new"));
        await kernel.WriteAsync(tx => kernel.Get<SearchIndex>().RemoveAsync(tx, "page", "1"));
        Assert.Equal([], await FindAsync(kernel, "new"));
        await PutAsync(kernel, Document("2", "new", "x"));
        await kernel.Get<SearchIndex>().ClearAsync("page", Ct);
        Assert.Equal(0, (await ResultAsync(kernel, "new", Admin)).Total);
    }

    [Theory, BothEngines]
    public async Task Nobody_finds_or_counts_what_the_permission_table_keeps_from_him(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var (vendor, partner, other) = (await OrganisationAsync(kernel, "Vendor", "V", null),
            await OrganisationAsync(kernel, "Partner", "P", null), await OrganisationAsync(kernel, "Partner", "Q", null));
        var (served, elsewhere) = (await OrganisationAsync(kernel, "Customer", "A", partner), await OrganisationAsync(kernel, "Customer", "B", other));
        var partners = new Dictionary<OrganisationId, OrganisationId?>
        {
            [vendor] = null, [partner] = null, [other] = null, [served] = partner, [elsewhere] = other,
        };

        var documents = new List<SearchDocument>();
        foreach (var permission in Enum.GetValues<Permission>())
            foreach (var organisation in partners.Keys.Select(o => (OrganisationId?)o).Append(null))
                foreach (var maker in (PersonId?[])[new(11), new(12), null])
                    documents.Add(new("page", $"{documents.Count}", "secret", "needle", "/", permission, organisation, maker, "en"));
        await kernel.WriteAsync(async tx => { foreach (var d in documents) await kernel.Get<SearchIndex>().PutAsync(tx, d); });

        foreach (var role in Enum.GetValues<Role>())
            foreach (var home in partners.Keys)
            {
                var me = role == Role.Public ? CurrentPerson.Nobody("en", DateTimeZone.Utc) : Reader(role, home.Value, 11);
                var may = documents.Where(d => Covers(me, d)).Select(d => d.Id).ToHashSet();
                var (ids, total) = await AllAsync(kernel, me);
                Assert.True(may.SetEquals(ids), $"{role} of {home}");
                Assert.Equal(may.Count, total);
            }

        bool Covers(CurrentPerson me, SearchDocument d)
        {
            var reach = me.Reach(d.Permission);
            return me.May(d.Permission) && (d.OrganisationId is { } organisation
                ? reach.Covers(organisation, partners[organisation], d.Maker) : reach.All == 1);
        }
    }

    [Theory, BothEngines]
    public async Task A_token_that_may_do_less_finds_less(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await PutAsync(kernel, Document("1", "needle", "x"));
        Assert.Equal(1, (await ResultAsync(kernel, "needle", Admin)).Total);
        var token = Admin with { Only = FrozenSet.Create(Permission.SearchUse) };
        Assert.Equal(0, (await ResultAsync(kernel, "needle", token)).Total);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Nothing_typed_is_syntax(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await PutAsync(kernel, Document("1", "needle", "and the haystack"));
        foreach (var typed in Typed) Assert.InRange((await ResultAsync(kernel, typed, Admin)).Total, 0, 1);
    }

    public static TheoryData<DbEngine> Hostile() => [DbEngine.Sqlite, DbEngine.Postgres];

    private static readonly string[] Typed =
    [
        "", " ", "\"", "\"\"", "\"\"\"", "'", "\\", "*", "needle*", "**", "(", ")", "(needle", "needle OR", "OR", "AND", "NOT needle",
        "NEAR(needle haystack)", "title:needle", "{title body}: needle", "-needle", "needle -", "^needle", "+", "needle + haystack",
        "' | !needle", "needle:*", "needle & | !", "<->", "needle <-> haystack", "'; drop table job; --", "\0", "\u0002", "😀", "\ud83d",
        "%", "_", "needle\n\"and the", ":A", "'':*", "a:b:c:d", new('"', 501), new('a', 501), new('(', 501), "़", "ि",
        string.Join(' ', Enumerable.Repeat("needle", 200)),
    ];

    [Theory, BothEngines]
    public async Task Pages_follow_one_another_without_gap_or_repeat(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await kernel.WriteAsync(async tx =>
        {
            for (var i = 0; i < 45; i++) await kernel.Get<SearchIndex>().PutAsync(tx, Document($"{i}", "needle", "x"));
        });
        var (ids, total) = await AllAsync(kernel, Admin);
        Assert.Equal((45, 45), (ids.Distinct().Count(), total));
        Assert.Equal(0, (await kernel.Get<SearchIndex>().FindAsync(SearchQuery.Parse("needle"), Admin, null, int.MaxValue, Ct)).Total);
    }

    [Theory, BothEngines]
    public async Task Broken_and_endless_text_can_be_put(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var words = string.Join(' ', Enumerable.Range(0, 60_000).Select(i => $"w{i}"));
        await PutAsync(kernel, Document("1", "half \ud83d nul \0", words + " needle"));
        Assert.Equal(["1"], await FindAsync(kernel, "w100 "));
    }

    private static SearchDocument Document(string id, string title, string body)
        => new("page", id, title, body, $"/pages/{id}", Permission.ManualRead, null, null, "en");

    private static CurrentPerson Reader(Role role, long organisation, long person)
        => new() { Id = new(person), Organisation = new(organisation), Role = role, Name = "R", Zone = DateTimeZone.Utc };

    private static Task PutAsync(TestKernel kernel, SearchDocument document)
        => kernel.WriteAsync(tx => kernel.Get<SearchIndex>().PutAsync(tx, document));

    private static Task<SearchResult> ResultAsync(TestKernel kernel, string typed, CurrentPerson me)
        => kernel.Get<SearchIndex>().FindAsync(SearchQuery.Parse(typed), me, null, 0, Ct);

    private static async Task<IReadOnlyList<string>> FindAsync(TestKernel kernel, string typed)
        => [.. (await ResultAsync(kernel, typed, Admin)).Hits.Select(h => h.Id)];

    private static async Task<(List<string> Ids, int Total)> AllAsync(TestKernel kernel, CurrentPerson me)
    {
        var ids = new List<string>();
        long total = 0;
        for (var page = 0; ; page++)
        {
            var result = await kernel.Get<SearchIndex>().FindAsync(SearchQuery.Parse("needle"), me, null, page, Ct);
            if (page == 0) total = result.Total;
            ids.AddRange(result.Hits.Select(h => h.Id));
            if (result.Hits.Count < Kernel.Search.Limits.PageRows) return (ids, (int)total);
        }
    }

    private static Task<OrganisationId> OrganisationAsync(TestKernel kernel, string kind, string name, OrganisationId? partner)
        => kernel.Db.WriteAsync(tx => tx.QuerySingleAsync<OrganisationId>("""
            insert into organisation (kind, name, partner_id, created_at) values (@kind, @name, @partner, 0) returning id
            """, new { kind, name, partner }), Ct);
}
