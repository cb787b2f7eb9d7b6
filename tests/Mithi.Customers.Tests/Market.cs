using Mithi.Customers.Customers;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;

namespace Mithi.Customers.Tests;

/// <summary>A vendor, two partners with a customer each; Acme has a setup document and a subscription.</summary>
internal sealed class Market : IAsyncDisposable
{
    private Market(TestAppliance house) => House = house;

    public TestAppliance House { get; }

    public OrganisationId Vendor { get; private set; }

    public OrganisationId Pune { get; private set; }

    public OrganisationId Acme { get; private set; }

    public OrganisationId Chennai { get; private set; }

    public static async Task<Market> StartAsync()
    {
        var market = new Market(await TestAppliance.StartAsync());
        var house = market.House;
        market.Vendor = await house.OrganisationAsync("Vendor", "Mithi Software");
        market.Pune = await house.OrganisationAsync("Partner", "Pune Systems");
        var madras = await house.OrganisationAsync("Partner", "Madras Systems");
        market.Acme = await house.OrganisationAsync("Customer", "Acme", market.Pune);
        market.Chennai = await house.OrganisationAsync("Customer", "Chennai Mills", madras);
        var admin = new CurrentPerson { Role = Role.Administrator, Name = "Setup", Zone = DateTimeZone.Utc };
        await house.Get<CustomerStore>().WriteSetupAsync(market.Acme, "SECRET-OF-ACME", "", 0, admin, house.Now, default);
        await house.Get<SubscriptionStore>().SaveAsync(market.Acme, null,
            new("Gold", "12x6", true, new(2099, 12, 31), "Asia/Kolkata", [new(Priority.P1, 60, 480)]), 0, admin, house.Now, default);
        return market;
    }

    public ValueTask DisposeAsync() => House.DisposeAsync();
}
