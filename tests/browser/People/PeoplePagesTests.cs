using Mithi.Customers.Customers;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Browser.Tests.People;

public sealed class PeoplePagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_of_sign_in_people_and_customers_are_fit_to_read()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var first = new Uri((await house.Get<FirstRun>().LinkAsync(Chromium.UrlOf(house), Ct))!).AbsolutePath;
        await chromium.LookAsync(house, null, first, "first-run");
        await chromium.LookAsync(house, null, "/sign-in", "sign-in");
        await chromium.LookAsync(house, null, "/forgotten", "forgotten");
        await chromium.LookAsync(house, null, "/invitation/gone", "link-gone");

        var vendor = await house.OrganisationAsync("Vendor", "Mithi Software");
        var partner = await house.OrganisationAsync("Partner", "Pune Systems");
        var acme = await house.OrganisationAsync("Customer", "Acme Textiles", partner);
        var people = house.Get<PersonStore>();
        var admin = ((PersonResult.Saved)await people.AddAsync(new(vendor, Role.Administrator, "Asha Rao", "asha@mithi.test"), house.Now, Ct)).Id;
        var user = ((PersonResult.Saved)await people.AddAsync(new(acme, Role.CustomerAdministrator, "Ravi Iyer", "ravi@acme.test"), house.Now, Ct)).Id;
        await house.Get<TokenStore>().AddAsync(admin, "Nightly release", [Permission.ReleasePublish, Permission.ReleaseRead], Duration.FromDays(90), house.Now, Ct);
        await FillAsync(house, acme);
        var session = (await house.Get<SessionStore>().StartAsync(admin, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "203.0.113.7", house.Now, Ct)).Secret;
        await house.Get<SessionStore>().StartAsync(admin, "Mozilla/5.0 (Android 16) Chrome/144.0", "203.0.113.9", house.Now, Ct);
        foreach (var (path, name) in new[]
        {
            ("/profile", "profile"), ("/people", "people"), ("/people?q=nobody", "people-empty"), ("/people/new", "person-new"),
            ($"/people/{user}", "person"), ("/organisations", "organisations"), ("/organisations/new", "organisation-new"),
            ($"/organisations/{acme}", "organisation"), ("/customers", "customers"), ($"/customers/{acme}", "customer"),
            ($"/customers/{partner}", "customer-empty"), ($"/customers/{acme}/setup", "customer-setup"),
            ($"/customers/{acme}/setup/history", "customer-history"), ($"/customers/{acme}/setup/1", "customer-revision"),
            ($"/customers/{acme}/subscriptions/new", "subscription"),
        })
            await chromium.LookAsync(house, session, path, name);
    }

    [Fact]
    public async Task The_whole_way_in_works_by_keyboard_and_without_scripts()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house, scripts: false);
        await page.GotoAsync(new Uri((await house.Get<FirstRun>().LinkAsync(Chromium.UrlOf(house), Ct))!).AbsolutePath);
        await page.Keyboard.TypeAsync("Mithi Software");        // the first field has the focus
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        foreach (var text in new[] { "Asha Rao", "asha@mithi.test", "correct horse battery", "correct horse battery" })
        {
            await page.Keyboard.TypeAsync(text);
            await page.Keyboard.PressAsync("Tab");
        }
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/");
        await page.ClickAsync("text=Sign out");
        await page.GotoAsync("/profile");
        await page.Keyboard.TypeAsync("asha@mithi.test");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("correct horse battery");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/profile");
    }

    private static async Task FillAsync(TestAppliance house, OrganisationId acme)
    {
        var me = new CurrentPerson { Role = Role.Administrator, Name = "Asha Rao", Zone = DateTimeZone.Utc };
        var customers = house.Get<CustomerStore>();
        await customers.WriteSetupAsync(acme, "# Server room, Pune\n\nOne server, two disks as RAID 1.\nMail comes in over 203.0.113.25.", "First visit", 0, me, house.Now, Ct);
        await customers.InstalledAsync(acme, 1, "connect-server", "1.0.0-sp1", house.Now, Ct);
        await customers.EntitleAsync(acme, new("connect-server", "1.0.0", "2.0.0", "stable", new(2099, 3, 31), "Asia/Kolkata"), me, house.Now, Ct);
        await customers.EntitleAsync(acme, new("connect-archive", "", "", "*", new(2020, 3, 31), "Asia/Kolkata"), me, house.Now, Ct);
        await house.Get<SubscriptionStore>().SaveAsync(acme, null, new("Gold", "12x6", true, new(2099, 3, 31), "Asia/Kolkata",
            [new(Priority.P1, 60, 480), new(Priority.P2, 240, 1440)]), 0, me, house.Now, Ct);
    }
}
