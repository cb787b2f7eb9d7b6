using Mithi.Browser.Tests.Looks;
using Mithi.Customers.Customers;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;

namespace Mithi.Browser.Tests;

/// <summary>What nobody types on purpose: names without a blank, long lists, words of two hundred letters. No page may break of them.</summary>
public sealed class LongContentTests
{
    private const int Rows = 60;

    private static readonly string Word = string.Concat(Enumerable.Repeat("Donaudampfschifffahrt", 10))[..200];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Long_names_words_and_lists_stay_inside_their_pages()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var vendor = await house.OrganisationAsync("Vendor", "Mithi");
        var customer = await house.OrganisationAsync("Customer", Word);
        for (var i = 2; i <= Rows; i++) await house.OrganisationAsync("Customer", $"Customer {i} of a long list of customers");
        var administrator = await PersonAsync(house, vendor, Role.Administrator, "asha@mithi.example", Word);
        for (var i = 1; i <= Rows; i++) await PersonAsync(house, customer, Role.CustomerUser, $"{Word[..50]}{i}@{Word[..60]}.example", $"Person {i}");
        using var hand = house.Browser();
        var session = (await house.Get<SessionStore>().StartAsync(administrator, Word, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", house.Now, Ct)).Secret;
        hand.SetCookie("mithi", session);
        await WriteAsync(house, hand, customer);

        var eye = new Eye(chromium, house);
        var faults = new List<string>();
        foreach (var (name, path) in new[]
        {
            ("tickets", "/tickets"), ("ticket", "/tickets/1"), ("customers", "/customers"), ("customer", $"/customers/{customer}"), ("setup", $"/customers/{customer}/setup/1"),
            ("people", "/people"), ("people-2", "/people?page=2"), ("organisations", "/organisations"), ("audit", "/audit"), ("jobs", "/node/jobs"), ("node", "/node"),
            ("sites", "/sites"), ("site", "/sites/1"), ("manual", "/wiki/reference/long"), ("manual-history", "/wiki/history/reference/long"), ("search", $"/search?q={Word[..30]}"),
            ("profile", "/profile"), ("start", "/"),
        })
            faults.AddRange(await eye.LookAsync(new($"long-{name}", Reader.Administrator, path), session));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task<PersonId> PersonAsync(TestAppliance house, OrganisationId home, Role role, string email, string name)
        => ((PersonResult.Saved)await house.Get<PersonStore>().AddAsync(new(home, role, name, email), house.Now, Ct)).Id;

    private static async Task WriteAsync(TestAppliance house, TestBrowser hand, OrganisationId customer)
    {
        var me = new CurrentPerson { Role = Role.Administrator, Name = Word, Zone = DateTimeZone.Utc };
        var customers = house.Get<CustomerStore>();
        await customers.WriteSetupAsync(customer, $"# {Word}\n\n{Word} {Word}\n", Word, 0, me, house.Now, Ct);
        await customers.InstalledAsync(customer, 1, Word[..60], Word[..60], house.Now, Ct);
        for (var i = 1; i <= Rows; i++)
            using (await hand.PostAsync("/tickets/new", new Dictionary<string, string>
            {
                ["requester"] = $"{Word[..50]}1@{Word[..60]}.example", ["subject"] = i % 2 == 0 ? Word : $"Ticket {i}", ["kind"] = "Incident", ["priority"] = "P2", ["product"] = Word[..60],
                ["body"] = $"{Word}\n\nhttps://example.org/{Word}\n{new string('-', 200)}",
            }, "/tickets/new")) { }
        using (await hand.PostAsync("/sites", new Dictionary<string, string>
        {
            ["organisation"] = customer.ToString(), ["name"] = Word[..100], ["host"] = Word[..60].ToLowerInvariant(), ["domain"] = $"{Word[..60].ToLowerInvariant()}.example",
            ["product"] = "connect-server", ["version"] = "1.0.0", ["os-image"] = "mithi-os", ["os-version"] = "1.0.0", ["zone"] = "Asia/Kolkata", ["language"] = "en",
            ["mailboxes"] = "", ["phone"] = "", ["revision"] = "0", ["disk"] = Word[..60], ["destroy"] = "",
        }, "/sites/new")) { }
        using (await hand.PostAsync("/wiki/new/reference", new Dictionary<string, string>
        {
            ["path"] = "long", ["summary"] = Word[..100],
            ["body"] = $"---\nid: long\ntitle: {Word[..100]}\n---\n\n{Word}\n\n## {Word}\n\n| {Word[..60]} | b | c |\n|---|---|---|\n| {Word} | {Word} | {Word} |\n\n    {Word}{Word}\n\n- {Word}\n",
        }, "/wiki/new/reference")) { }
        await house.Db.WriteAsync(tx => tx.ExecuteAsync("""
            insert into job (kind, name, payload, state, attempts, run_at, created_at, error) values ('Job', 'mail.send', '{}', 'Failed', 12, @now, @now, @word)
            """, new { now = house.Now, word = $"{Word} {Word}" }), Ct);
    }
}
