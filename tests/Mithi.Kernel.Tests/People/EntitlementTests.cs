using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

public sealed class EntitlementTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly Instant Noon = Instant.FromUtc(2026, 3, 31, 12, 0);

    [Theory]
    [InlineData("1.0.0", "1.0.0-p1")]
    [InlineData("1.0.0-p2", "1.0.0-p10")]
    [InlineData("1.0.0-p9", "1.0.0-sp1")]
    [InlineData("1.0.0-sp1", "1.0.0-sp1-p1")]
    [InlineData("1.0.0-sp9-p9", "1.0.1")]
    [InlineData("1.9.0", "1.10.0")]
    public void Versions_follow_one_another(string earlier, string later)
        => Assert.True(ProductVersion.Parse(earlier) < ProductVersion.Parse(later));

    [Theory]
    [InlineData("")]
    [InlineData("1.0")]
    [InlineData("1.0.0-p")]
    [InlineData("1.0.0-sp1-sp2")]
    [InlineData("1.0.0\n")]
    [InlineData("1.0.9999999")]
    [InlineData("१.0.0")]
    public void What_is_no_version_is_refused(string text) => Assert.Null(ProductVersion.Parse(text));

    [Fact]
    public void It_counts_through_the_last_moment_of_its_last_day_where_the_contract_lives()
    {
        var it = New("1.0.0", "2.0.0", "stable", "Asia/Kolkata");
        var midnight = Instant.FromUtc(2026, 3, 31, 18, 30);
        Assert.True(it.Gives("connect", "1.5.0", "stable", midnight - Duration.FromMilliseconds(1)));
        Assert.False(it.Gives("connect", "1.5.0", "stable", midnight));
    }

    [Theory]
    [InlineData("connect", "1.0.0", "stable", true)]
    [InlineData("connect", "1.9.9-sp3-p7", "stable", true)]
    [InlineData("connect", "0.9.0", "stable", false)]
    [InlineData("connect", "2.0.0", "stable", false)]
    [InlineData("connect", "1.0.0", "beta", false)]
    [InlineData("other", "1.0.0", "stable", false)]
    [InlineData("connect", "latest", "stable", false)]
    [InlineData("connect", null, null, true)]
    public void Product_version_and_channel_must_all_fit(string product, string? version, string? channel, bool given)
        => Assert.Equal(given, New("1.0.0", "2.0.0", "stable", "UTC").Gives(product, version, channel, Noon));

    [Fact]
    public void A_bound_that_cannot_be_read_closes()
        => Assert.False(New("one", "", "stable", "UTC").Gives("connect", "1.0.0", "stable", Noon));

    [Fact]
    public async Task Downloads_follow_the_organisation_and_its_partner()
    {
        await using var home = await Household.StartAsync();
        var store = home.House.Get<EntitlementStore>();
        var id = await store.AddAsync(home.Acme, new("connect", "", "", "stable", new(2027, 1, 1), "Asia/Kolkata"), home.House.Now, Ct);
        async Task<bool> MayAsync(Role role, OrganisationId organisation) => await store.MayDownloadAsync(
            new() { Role = role, Organisation = organisation, Zone = DateTimeZone.Utc }, "connect", "1.0.0", "stable", home.House.Now, Ct);

        Assert.True(await MayAsync(Role.CustomerAdministrator, home.Acme));
        Assert.True(await MayAsync(Role.Partner, home.Partner));
        Assert.True(await MayAsync(Role.SupportL1, home.Vendor));
        Assert.False(await MayAsync(Role.CustomerUser, home.Acme));
        Assert.False(await MayAsync(Role.CustomerAdministrator, home.Bharat));
        Assert.False(await MayAsync(Role.CustomerAdministrator, home.Direct));
        Assert.Equal([home.Acme], await store.EntitledAsync("connect", "1.0.0", "stable", home.House.Now, Ct));
        Assert.True(await store.IsEntitledAsync(home.Acme, "connect", null, null, home.House.Now, Ct));
        Assert.False(await store.IsEntitledAsync(home.Bharat, "connect", null, null, home.House.Now, Ct));

        await home.House.Db.WriteAsync(tx => tx.ExecuteAsync("update organisation set disabled = 1 where id = @Acme", new { home.Acme }), Ct);
        Assert.False(await MayAsync(Role.CustomerAdministrator, home.Acme));
        Assert.False(await MayAsync(Role.Partner, home.Partner));
        Assert.False(await home.House.Db.WriteAsync(tx => EntitlementStore.RemoveAsync(tx, home.Bharat, id), Ct));
    }

    private static Entitlement New(string from, string below, string channel, string zone)
        => new(new(1), new(1), "connect", from, below, channel, new LocalDate(2026, 3, 31), zone, default);
}
