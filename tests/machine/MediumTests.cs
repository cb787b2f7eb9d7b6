using System.Security.Cryptography;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Stamp;
using Mithi.Testing;
using Xunit;

namespace Mithi.Machine.Tests;

public sealed class MediumTests : IDisposable
{
    // Plain emulation on a busy machine needs ten seconds to here.
    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(4);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_medium_that_belongs_to_no_site_says_so_and_waits()
    {
        var ct = TestContext.Current.CancellationToken;
        var disk = _folder.File("disk.qcow2");
        await Machine.CreateDiskAsync(disk, 8, ct);
        await using var machine = await Machine.StartAsync(
            _folder.Path, disk, Path.Join(await MediumFolder.BuiltAsync(ct), "medium.iso"), [], ct);

        // The line brings a screen in pieces: what stands below is waited for too.
        await machine.Screen.WaitAsync("NODE-01", Boot, ct);
        await machine.Screen.WaitAsync("This medium belongs to no site\\.", Boot, ct);
    }

    [Fact]
    public async Task A_machine_whose_node_is_down_says_so_shows_whom_to_call_and_goes_on_trying()
    {
        var ct = TestContext.Current.CancellationToken;
        var disk = _folder.File("disk.qcow2");
        await Machine.CreateDiskAsync(disk, 8, ct);
        var stamp = new SiteStamp(
            [new Uri($"https://{Machine.HostAddress}:1")], [KeyHash.Of("nobody"u8)], [KeyHash.Of("nobody"u8)], "site-1", "en", "+91 20 5550 1234", "Mithi Mail");
        var medium = await MediumFolder.StampAsync(stamp, "{}"u8.ToArray(), _folder.Path, ct);
        await using var machine = await Machine.StartAsync(_folder.Path, disk, medium, [], ct);

        await machine.Screen.WaitAsync("NET-08", Boot, ct);
        Assert.Contains("Mithi installs Mithi Mail", machine.Screen.All, StringComparison.Ordinal);
        await machine.Screen.WaitAsync(@"Support: \+91 20 5550 1234", Boot, ct);
        var picture = await machine.PictureAsync(ct);
        Assert.True(new FileInfo(picture).Length > 1_000);
        await machine.Log.WaitAsync("NET-08", Boot, ct);
        await machine.Log.WaitAsync("NET-08", Boot, ct);
    }

    [Fact]
    public async Task The_medium_is_small_and_the_same_bytes_each_time()
    {
        var ct = TestContext.Current.CancellationToken;
        var medium = await MediumFolder.BuiltAsync(ct);
        var again = _folder.File("again");
        await Cli.Proc.OutputAsync(Path.Join(Checkout.Root, "installer/boot-image/build"),
            ["--site", Path.Join(Checkout.Artifacts, "mithi-site/mithi-site"), "--cache", Path.Join(Checkout.Artifacts, "cache"), again], ct: ct);

        Assert.True(new FileInfo(Path.Join(medium, "medium.iso")).Length < 50 << 20);
        Assert.Equal(await HashAsync(Path.Join(medium, "medium.iso"), ct), await HashAsync(Path.Join(again, "medium.iso"), ct));
    }

    private static async Task<string> HashAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexString(await SHA256.HashDataAsync(file, ct));
    }
}
