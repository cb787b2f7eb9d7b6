using System.Net;
using Mithi.Downloads.Sample;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Downloads.Tests;

public sealed class ReleasePageTests
{
    private const string Archive = "/downloads/sample-notes/1.0.0/sample-notes-1.0.0.linux-x64.build.tar.zst";

    [Fact]
    public async Task An_entitlement_ends_with_its_last_day_and_the_bytes_with_it()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2030, 3, 31, 18, 0, 0, TimeSpan.Zero));
        await using var house = await TestAppliance.StartAsync(clock);
        var (vendor, customer) = await PublishAsync(house);
        await house.Get<EntitlementStore>().AddAsync(customer,
            new(DownloadsSample.Product, "", "", "stable", new LocalDate(2030, 3, 31), "Asia/Kolkata"), house.Now, CancellationToken.None);
        using var reader = await house.SignInAsync(Role.CustomerAdministrator, customer);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(reader, Archive));
        clock.Advance(TimeSpan.FromMinutes(31));   // 00:01 on 1 April in Kolkata
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(reader, Archive));
        Assert.DoesNotContain(Archive, await reader.PageAsync("/downloads/sample-notes"), StringComparison.Ordinal);
        using var user = await house.SignInAsync(Role.CustomerUser, customer);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(user, Archive));
        using var staff = await house.SignInAsync(Role.SupportL1, vendor);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(staff, Archive));
    }

    [Fact]
    public async Task A_transfer_is_recorded_with_what_was_really_sent()
    {
        await using var house = await TestAppliance.StartAsync();
        var (vendor, _) = await PublishAsync(house);
        using var staff = await house.SignInAsync(Role.SupportL1, vendor);
        using var part = new HttpRequestMessage(HttpMethod.Get, Archive) { Headers = { Range = new(5, 24) } };
        using (await staff.Http.SendAsync(part)) { }
        var whole = await staff.Http.GetByteArrayAsync(Archive);
        // The row is completed behind the last byte, so the reader can be a moment ahead of it.
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TimeSpan.FromMinutes(1));
        IReadOnlyList<(long RangeFrom, long Bytes, long Complete)> rows;
        do rows = await house.Db.ReadAsync(tx => tx.QueryAsync<(long, long, long)>("select range_from, bytes, complete from download order by id"), late.Token);
        while (rows.Any(r => r.Bytes == 0));
        Assert.Equal([(5, 20, 0), (0, whole.Length, 1)], rows);
    }

    [Fact]
    public async Task Rows_that_a_kill_left_out_are_added_from_the_signed_metadata()
    {
        await using var house = await TestAppliance.StartAsync();
        await PublishAsync(house);
        await house.Db.WriteAsync(tx => tx.ExecuteAsync("delete from release"), CancellationToken.None);
        await house.Get<Publishing.Publications>().CatchUpAsync(CancellationToken.None);
        Assert.Equal(3, await house.Db.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from release"), CancellationToken.None));
    }

    [Fact]
    public async Task A_publication_that_is_cut_off_keeps_its_channel_and_its_publisher()
    {
        await using var house = await TestAppliance.StartAsync();
        var customer = await house.OrganisationAsync("Customer", "Customer");
        await house.Get<EntitlementStore>().AddAsync(customer,
            new(DownloadsSample.Product, "", "", "stable", new LocalDate(2130, 3, 31), "Asia/Kolkata"), house.Now, CancellationToken.None);
        // The metadata is on the disk, the first of the rows can't be written: as a kill between the two.
        await SqlAsync("create trigger cut before insert on release begin select raise(abort, 'cut'); end");
        var engineer = new CurrentPerson { Id = new(7), Name = "Farida", Role = Role.ReleaseEngineer, Zone = DateTimeZone.Utc };
        await Assert.ThrowsAnyAsync<Exception>(() => DownloadsSample.AddAsync(house.Services, engineer, "1", CancellationToken.None, "beta"));
        await SqlAsync("drop trigger cut");
        Assert.NotEmpty(Directory.GetFiles(Path.Join(house.Folder.Releases, "metadata"), "timestamp.json"));
        await house.RestartAsync();

        var rows = await house.Db.ReadAsync(tx => tx.QueryAsync<(string Channel, string Label, long PersonId)>("""
            select r.channel, a.label, a.person_id from release r join audit a on a.action = 'release.publish' and a.detail like r.name || '%'
            """), CancellationToken.None);
        Assert.Equal(Enumerable.Repeat(("beta", "Farida", 7L), 3), rows);
        Assert.Equal(0, await house.Db.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from release_pending"), CancellationToken.None));
        using var reader = await house.SignInAsync(Role.CustomerAdministrator, customer);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(reader, Archive));

        Task SqlAsync(string sql) => house.Db.WriteAsync(tx => tx.ExecuteAsync(sql), CancellationToken.None);
    }

    [Fact]
    public async Task A_channel_that_nobody_knows_any_more_is_nobodys_until_it_is_published_again()
    {
        await using var house = await TestAppliance.StartAsync();
        var (_, customer) = await PublishAsync(house);
        await house.Get<EntitlementStore>().AddAsync(customer,
            new(DownloadsSample.Product, "", "", "stable", new LocalDate(2130, 3, 31), "Asia/Kolkata"), house.Now, CancellationToken.None);
        await house.Db.WriteAsync(tx => tx.ExecuteAsync("delete from release"), CancellationToken.None);
        await house.Get<Publishing.Publications>().CatchUpAsync(CancellationToken.None);
        using var reader = await house.SignInAsync(Role.CustomerAdministrator, customer);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(reader, Archive));

        var folder = new Trust.Repository.ReleaseFolder(Path.Join(house.Folder.Keys, "sample-release", "releases"), TimeProvider.System);
        var engineer = new CurrentPerson { Role = Role.ReleaseEngineer, Zone = DateTimeZone.Utc };
        await house.Get<Publishing.Publications>().PublishAsync(folder.Proposal(), "stable", engineer, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(reader, Archive));
    }

    private static async Task<(OrganisationId Vendor, OrganisationId Customer)> PublishAsync(TestAppliance house)
    {
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        var customer = await house.OrganisationAsync("Customer", "Customer");
        var engineer = new CurrentPerson { Role = Role.ReleaseEngineer, Zone = DateTimeZone.Utc };
        await DownloadsSample.AddAsync(house.Services, engineer, "1", CancellationToken.None);
        await house.Get<JobLoop>().DrainAsync(CancellationToken.None);
        return (vendor, customer);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestBrowser browser, string path)
    {
        using var answer = await browser.GetAsync(path);
        return answer.StatusCode;
    }
}
