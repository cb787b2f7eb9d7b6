using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

/// <summary>Who is calling: numbers however they are written, names, addresses, and nobody else's customers.</summary>
public sealed class ContactTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("+91 98450 12345", "919845012345")]
    [InlineData("098450 12345", "919845012345")]
    [InlineData("0091-98450-12345", "919845012345")]
    [InlineData("98450 12345", "919845012345")]
    [InlineData("919845012345", "919845012345")]
    [InlineData("(020) 2605 1234", "912026051234")]
    [InlineData("+49 (0)30 123456", "4930123456")]
    [InlineData("tel:+1-415-555-2671", "14155552671")]
    [InlineData("91234 56789", "919123456789")]
    [InlineData("12", null)]
    [InlineData("", null)]
    [InlineData("98450 12345 ask for Ravi", null)]
    [InlineData("+91+98450", null)]
    [InlineData("1234567890123456789", null)]
    public void A_number_is_one_number_however_it_is_written(string written, string? key) => Assert.Equal(key, PhoneNumber.Key(written, "91"));

    [Theory]
    [InlineData("9845", "9846")]
    [InlineData("9199", "92")]
    [InlineData("999", null)]
    public void Behind_a_beginning_is_the_first_that_begins_otherwise(string beginning, string? behind) => Assert.Equal(behind, PhoneNumber.Behind(beginning));

    [Theory, BothEngines]
    public async Task A_caller_is_found_by_number_name_and_address_within_reach(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var (contacts, people, organisations) = (kernel.Get<ContactStore>(), kernel.Get<PersonStore>(), kernel.Get<OrganisationStore>());
        var acme = await OrganisationAsync("Acme Mills", "Customer");
        await OrganisationAsync("Beta", "Customer");
        var vendor = await OrganisationAsync("Mithi", "Vendor");
        var staff = new CurrentPerson { Role = Role.SupportL1, Organisation = vendor, Name = "Asha", Zone = DateTimeZone.Utc };
        await people.AddAsync(new(acme, Role.CustomerUser, "Ravi Kumar", "ravi@acme.test"), kernel.Now, Ct);
        await people.AddAsync(new(vendor, Role.SupportL1, "Ravi of the house", "ravi@vendor.test"), kernel.Now, Ct);
        var saved = await contacts.SaveAsync(acme, null, new("Latha Rao", "Accounts", ["098450 12345", "+91 98450-12345", "020 2605 1234"], ["latha@acme.test"]), 0, staff, kernel.Now, Ct);
        var latha = Assert.IsType<ContactResult.Saved>(saved).Id;

        foreach (var typed in (string[])["+91 98450 12345", "9845012345", "98450", "+9198450", "0 98450", "9198450", "latha", "RAO", "latha@acme", "02026051234"])
            Assert.Equal(latha, Assert.Single(await FindAsync(typed)).ContactId);
        Assert.Equal("098450 12345", Assert.Single(await FindAsync("98450")).Phone);
        Assert.Equal("Ravi Kumar", Assert.Single(await FindAsync("ravi")).Name);
        Assert.Equal(("", "Acme Mills"), (await FindAsync("mill")).Select(c => (c.Name, c.OrganisationName)).Single());
        foreach (var nobody in (string[])["98451", "9845", "", "zzz", "98450 12345 x", "Asha", "Mithi", "%", "'"]) Assert.Empty(await FindAsync(nobody));
        var other = new CurrentPerson { Role = Role.Partner, Organisation = vendor, Zone = DateTimeZone.Utc };
        Assert.Empty(await contacts.FindAsync("98450", other, Permission.CustomerRead, Ct));
        Assert.Empty(await contacts.FindAsync("latha", other, Permission.TicketWork, Ct));

        async Task<OrganisationId> OrganisationAsync(string name, string kind) => Assert.IsType<OrganisationResult.Saved>(
            await organisations.AddAsync(new OrganisationDraft(Enum.Parse<OrganisationKind>(kind), name, null, "UTC"), kernel.Now, Ct)).Id;

        Task<IReadOnlyList<PossibleCaller>> FindAsync(string words) => contacts.FindAsync(words, staff, Permission.TicketWork, Ct);
    }

    [Theory, BothEngines]
    public async Task A_remembered_number_belongs_to_whoever_called(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var (contacts, people) = (kernel.Get<ContactStore>(), kernel.Get<PersonStore>());
        var acme = Assert.IsType<OrganisationResult.Saved>(await kernel.Get<OrganisationStore>().AddAsync(new OrganisationDraft(OrganisationKind.Customer, "Acme", null, "UTC"), kernel.Now, Ct)).Id;
        var ravi = Assert.IsType<PersonResult.Saved>(await people.AddAsync(new(acme, Role.CustomerUser, "Ravi", "ravi@acme.test"), kernel.Now, Ct)).Id;

        for (var twice = 0; twice < 2; twice++)
        {
            await kernel.WriteAsync(tx => contacts.RememberAsync(tx, acme, null, ravi, "Ravi", "98450 11111", kernel.Now));
            await kernel.WriteAsync(tx => contacts.RememberAsync(tx, acme, null, null, "Guard", "098450 22222", kernel.Now));
            await kernel.WriteAsync(tx => contacts.RememberAsync(tx, acme, null, null, "Guard", "no number", kernel.Now));
        }
        await kernel.WriteAsync(tx => contacts.RememberAsync(tx, acme, null, ravi, "Ravi", "98450 33333", kernel.Now));

        var all = await contacts.OfAsync(acme, Ct);
        Assert.Equal(["Guard", "Ravi"], all.Select(c => c.Name));
        Assert.Equal(["098450 22222"], all[0].Phones);
        Assert.Equal((PersonId?)ravi, all[1].PersonId);
        Assert.Equal(["98450 11111", "98450 33333"], all[1].Phones);
    }

    [Theory, BothEngines]
    public async Task Two_who_change_a_contact_do_not_lose_each_others_words(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var contacts = kernel.Get<ContactStore>();
        var acme = Assert.IsType<OrganisationResult.Saved>(await kernel.Get<OrganisationStore>().AddAsync(new OrganisationDraft(OrganisationKind.Customer, "Acme", null, "UTC"), kernel.Now, Ct)).Id;
        var beta = Assert.IsType<OrganisationResult.Saved>(await kernel.Get<OrganisationStore>().AddAsync(new OrganisationDraft(OrganisationKind.Customer, "Beta", null, "UTC"), kernel.Now, Ct)).Id;
        var me = new CurrentPerson { Role = Role.Administrator, Name = "Nandini", Zone = DateTimeZone.Utc };
        var id = Assert.IsType<ContactResult.Saved>(await contacts.SaveAsync(acme, null, new("Latha", "", ["98450 12345"], []), 0, me, kernel.Now, Ct)).Id;

        Assert.IsType<ContactResult.Saved>(await contacts.SaveAsync(acme, id, new("Latha Rao", "Accounts", [], ["latha@acme.test"]), 1, me, kernel.Now, Ct));
        Assert.Equal("Latha Rao", Assert.IsType<ContactResult.Stale>(await contacts.SaveAsync(acme, id, new("Lata", "", [], []), 1, me, kernel.Now, Ct)).Current.Name);
        Assert.IsType<ContactResult.Missing>(await contacts.SaveAsync(beta, id, new("Lata", "", [], []), 2, me, kernel.Now, Ct));
        Assert.False(await contacts.RemoveAsync(beta, id, me, Ct));
        var there = Assert.Single(await contacts.OfAsync(acme, Ct));
        Assert.Equal(("Latha Rao", "Accounts", 0, "latha@acme.test"), (there.Name, there.Title, there.Phones.Count, Assert.Single(there.Emails)));
        Assert.True(await contacts.RemoveAsync(acme, id, me, Ct));
        Assert.Empty(await contacts.OfAsync(acme, Ct));
    }
}
