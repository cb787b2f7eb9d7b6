using System.Net;
using Mithi.Cli;
using Mithi.Downloads.Publishing;
using Mithi.Downloads.Sample;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Testing;
using Mithi.Trust.Keys;
using Mithi.Trust.Repository;
using NodaTime;
using Xunit;
using Target = Mithi.Trust.Metadata.Target;

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

    [Fact]
    public async Task What_the_metadata_no_longer_names_is_gone_at_both_doors_until_they_name_it_again()
    {
        await using var house = await TestAppliance.StartAsync();
        var (vendor, _) = await PublishAsync(house);
        using var staff = await house.SignInAsync(Role.SupportL1, vendor);
        var before = new ReleaseFolder(SampleFolder(house), house.Get<TimeProvider>()).Role(DownloadsSample.Product)!;
        var target = before.Targets.Values.Single(t => Archive.EndsWith(t.Path, StringComparison.Ordinal));
        var update = $"/releases/targets/sample-notes/1.0.0/{target.Digests.Sha256}.{Path.GetFileName(Archive)}";
        foreach (var door in new[] { Archive, update }) Assert.Equal(HttpStatusCode.OK, await StatusAsync(staff, door));

        await RepublishAsync(house, before.Targets.Where(t => t.Key != target.Path).ToDictionary());

        foreach (var door in new[] { Archive, update }) Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(staff, door));
        Assert.DoesNotContain(target.Digests.Sha256!, await staff.PageAsync("/downloads/sample-notes"), StringComparison.Ordinal);
        await house.Get<Publications>().CatchUpAsync(CancellationToken.None);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(staff, Archive));

        await RepublishAsync(house, before.Targets.ToDictionary());
        foreach (var door in new[] { Archive, update }) Assert.Equal(HttpStatusCode.OK, await StatusAsync(staff, door));
    }

    [Fact]
    public async Task A_name_that_was_published_never_stands_for_other_bytes()
    {
        await using var house = await TestAppliance.StartAsync();
        var (vendor, _) = await PublishAsync(house);
        using var staff = await house.SignInAsync(Role.SupportL1, vendor);
        var before = new ReleaseFolder(SampleFolder(house), house.Get<TimeProvider>()).Role(DownloadsSample.Product)!;
        var target = before.Targets.Values.Single(t => Archive.EndsWith(t.Path, StringComparison.Ordinal));
        var other = before.Targets.Values.First(t => t != target);
        var changed = before.Targets.ToDictionary();
        changed[target.Path] = target with { Length = other.Length, Digests = other.Digests };

        var refused = await Assert.ThrowsAsync<UserException>(() => RepublishAsync(house, changed));

        Assert.Contains("published before with other bytes", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(staff, Archive));
    }

    [Fact]
    public async Task A_temporary_fix_is_for_the_customer_whose_entitlement_names_it()
    {
        await using var house = await TestAppliance.StartAsync();
        var (vendor, acme) = await PublishAsync(house);
        var other = await house.OrganisationAsync("Customer", "Another");
        const string Fix = "/downloads/sample-notes/1.0.0-sp1-p1/sample-notes-1.0.0-sp1-p1.linux-x64.patch.tar.zst";
        await house.Db.WriteAsync(tx => tx.ExecuteAsync("update release set kind = 'Ptf' where version = '1.0.0-sp1-p1'"), CancellationToken.None);
        await house.Db.WriteAsync(tx => tx.ExecuteAsync("update release set channel = 'beta' where version = '1.0.0-sp1'"), CancellationToken.None);
        async Task EntitleAsync(OrganisationId organisation, string version, string channel) => await house.Get<EntitlementStore>().AddAsync(
            organisation, new(DownloadsSample.Product, version, version, channel, new LocalDate(2099, 3, 31), "Asia/Kolkata"), house.Now, CancellationToken.None);
        await EntitleAsync(acme, "", "stable");
        await EntitleAsync(other, "", "*");
        await EntitleAsync(acme, "1.0.0-sp1-p1", "stable");
        using var mine = await house.SignInAsync(Role.CustomerAdministrator, acme);
        using var theirs = await house.SignInAsync(Role.CustomerAdministrator, other);
        using var staff = await house.SignInAsync(Role.SupportL1, vendor);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(mine, Fix));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(theirs, Fix));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(staff, Fix));
        async Task<string> VersionsAsync(TestBrowser browser) => string.Join(' ', new[] { "1.0.0", "1.0.0-sp1", "1.0.0-sp1-p1" }
            .Zip(await Task.WhenAll(Enumerable.Repeat(browser.PageAsync("/downloads/sample-notes"), 3)))
            .Where(v => v.Second.Contains($"id=\"v-{v.First}\"", StringComparison.Ordinal)).Select(v => v.First));
        Assert.Equal("1.0.0 1.0.0-sp1-p1", await VersionsAsync(mine));
        Assert.Equal("1.0.0 1.0.0-sp1", await VersionsAsync(theirs));
        Assert.Equal("1.0.0 1.0.0-sp1 1.0.0-sp1-p1", await VersionsAsync(staff));
        var link = new ReleaseLink(house.Get<ReleaseStore>(), house.Get<Entitled>());
        var me = new CurrentPerson { Role = Role.CustomerAdministrator, Organisation = other, Zone = DateTimeZone.Utc };
        Assert.Null(await link.ResolveAsync("sample-notes/1.0.0-sp1-p1", me, CancellationToken.None));
        Assert.NotNull(await link.ResolveAsync("sample-notes/1.0.0-sp1-p1", me with { Organisation = acme }, CancellationToken.None));
    }

    private static string SampleFolder(TestAppliance house) => Path.Join(house.Folder.Keys, "sample-release", "releases");

    private static async Task RepublishAsync(TestAppliance house, IReadOnlyDictionary<string, Target> targets)
    {
        var folder = new ReleaseFolder(SampleFolder(house), house.Get<TimeProvider>());
        var role = folder.Role(DownloadsSample.Product)!;
        var file = Directory.EnumerateFiles(SampleFolder(house), $"{DownloadsSample.Product}.json", SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(file, (TargetsDraft.Of(role) with { Version = role.Version + 1, Targets = targets }).ToBytes());
        folder.Sign([KeyFile.Load(Path.Join(house.Folder.Keys, "sample-release", $"{DownloadsSample.Product}.key"), _ => "")]);
        await house.Get<Publications>().PublishAsync(folder.Proposal(), "stable",
            new CurrentPerson { Role = Role.ReleaseEngineer, Zone = DateTimeZone.Utc }, CancellationToken.None);
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
