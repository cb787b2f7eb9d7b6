using Mithi.Downloads.Sample;
using Mithi.Helpdesk.Sample;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Appliance.Sample;

/// <summary>A small world to look around in: a vendor, a partner, three customers, their people, tickets and a product.</summary>
internal static class SampleData
{
    private static readonly (string Organisation, Role Role, string Name, string Email)[] People =
    [
        ("Mithi", Role.SupportL1, "Asha Kulkarni", "asha@mithi.example"),
        ("Mithi", Role.SupportL2, "Vikram Rao", "vikram@mithi.example"),
        ("Mithi", Role.SupportL3, "Leela Menon", "leela@mithi.example"),
        ("Mithi", Role.Development, "Dev Sharma", "dev@mithi.example"),
        ("Mithi", Role.ReleaseEngineer, "Farida Khan", "farida@mithi.example"),
        ("Himalaya Systems", Role.Partner, "Tenzin Dorje", "tenzin@himalaya.example"),
        ("Sahyadri Cooperative Bank", Role.CustomerAdministrator, "Meera Joshi", "meera@sahyadri.example"),
        ("Sahyadri Cooperative Bank", Role.CustomerUser, "Rohan Patil", "rohan@sahyadri.example"),
        ("Konark Textiles", Role.CustomerAdministrator, "Sanjay Das", "sanjay@konark.example"),
        ("Nilgiri Tea Estates", Role.CustomerAdministrator, "Kavitha Nair", "kavitha@nilgiri.example"),
    ];

    /// <summary>Adds everything to a node without people; answers the password of the sample's people, or null when there are some already.</summary>
    public static async Task<string?> AddAsync(IServiceProvider services, CancellationToken ct)
    {
        if ((await services.GetRequiredService<OrganisationStore>().VendorAsync(ct)) is not null) return null;
        var now = services.GetRequiredService<TimeProvider>().GetCurrentInstant();
        var password = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        var hash = await services.GetRequiredService<Passwords>().HashAsync(password, ct);
        var ids = await services.GetRequiredService<Db>().WriteAsync(tx => PeopleAsync(tx, hash, now), ct);

        PersonId[] Of(Func<(string Organisation, Role Role, string Name, string Email), bool> wanted)
            => [.. People.Where(wanted).Select(p => ids[p.Email])];
        var tickets = await HelpdeskSample.AddAsync(services,
            Of(p => p.Role is Role.CustomerAdministrator or Role.CustomerUser), Of(p => p.Role is Role.SupportL1 or Role.SupportL2 or Role.SupportL3), ct);
        var engineer = new CurrentPerson { Id = ids["farida@mithi.example"], Role = Role.ReleaseEngineer, Zone = DateTimeZone.Utc };
        await DownloadsSample.AddAsync(services, engineer, tickets[0].ToString(), ct);
        return password;
    }

    private static async Task<Dictionary<string, PersonId>> PeopleAsync(Tx tx, string hash, Instant now)
    {
        var vendor = await OrganisationAsync(tx, OrganisationKind.Vendor, "Mithi", null, now);
        var partner = await OrganisationAsync(tx, OrganisationKind.Partner, "Himalaya Systems", null, now);
        var organisations = new Dictionary<string, OrganisationId> { ["Mithi"] = vendor, ["Himalaya Systems"] = partner };
        foreach (var (name, by) in new[] { ("Sahyadri Cooperative Bank", partner), ("Konark Textiles", partner), ("Nilgiri Tea Estates", vendor) })
        {
            var customer = await OrganisationAsync(tx, OrganisationKind.Customer, name, by == vendor ? null : by, now);
            organisations[name] = customer;
            // Two customers have a contract; the third one's ended, so that both sides of the rule can be seen.
            var until = name.StartsWith("Nilgiri", StringComparison.Ordinal) ? new LocalDate(2025, 3, 31) : now.InUtc().Date.PlusYears(1);
            foreach (var product in new[] { DownloadsSample.Product, "mithi-mail-server" })
                await EntitlementStore.AddAsync(tx, customer, new(product, "", "", "stable", until, "Asia/Kolkata"), now);
        }
        var ids = new Dictionary<string, PersonId>();
        foreach (var person in People)
        {
            var added = (PersonResult.Saved)await PersonStore.AddAsync(tx, new(organisations[person.Organisation], person.Role, person.Name, person.Email), now);
            await CredentialStore.SetPasswordAsync(tx, added.Id, hash, now);
            ids[person.Email] = added.Id;
        }
        return ids;
    }

    private static async Task<OrganisationId> OrganisationAsync(Tx tx, OrganisationKind kind, string name, OrganisationId? partner, Instant now)
        => ((OrganisationResult.Saved)await OrganisationStore.AddAsync(tx, new(kind, name, partner, "Asia/Kolkata"), now)).Id;
}
