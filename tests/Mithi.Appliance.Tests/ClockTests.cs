using Microsoft.Extensions.Time.Testing;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>A battery is empty or a time server lies: the clock jumps, and the node goes on.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task A_clock_set_back_locks_nobody_out_and_breaks_no_chain()
    {
        var clock = new FakeTimeProvider(new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
        await using var house = await TestAppliance.StartAsync(clock);
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        using var asha = await house.SignInAsync(Role.Administrator, vendor);
        await AuditAsync(house, "before");
        await asha.PageAsync("/profile");

        clock.AdjustTime(new(2019, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await asha.PageAsync("/profile");
        await AuditAsync(house, "after");
        using var ravi = await house.SignInAsync(Role.SupportL1, vendor);
        await ravi.PageAsync("/profile");
        Assert.True((await house.Get<AuditLog>().VerifyAsync(CancellationToken.None)).Intact);

        // And forward again: what was made in the wrong past does not count as older than it is.
        clock.AdjustTime(new(2026, 11, 23, 9, 5, 0, TimeSpan.Zero));
        await asha.PageAsync("/profile");
        await AuditAsync(house, "corrected");
        Assert.True((await house.Get<AuditLog>().VerifyAsync(CancellationToken.None)).Intact);
    }

    [Fact]
    public async Task A_clock_set_back_gives_no_used_link_a_second_life()
    {
        var clock = new FakeTimeProvider(new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
        await using var house = await TestAppliance.StartAsync(clock);
        var first = new Uri((await house.Get<FirstRun>().LinkAsync("http://127.0.0.1", CancellationToken.None))!).AbsolutePath;
        var second = new Uri((await house.Get<FirstRun>().LinkAsync("http://127.0.0.1", CancellationToken.None))!).AbsolutePath;
        clock.AdjustTime(new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));
        using var browser = house.Browser();
        using var ended = await browser.GetAsync(first);
        Assert.InRange((int)ended.StatusCode, 404, 410);
        await browser.PageAsync(second);
    }

    private static Task AuditAsync(TestAppliance house, string detail)
        => house.Db.WriteAsync((Tx tx) => house.Get<AuditLog>().AddAsync(tx, "clock", "clock.test", "clock", detail), CancellationToken.None);
}
